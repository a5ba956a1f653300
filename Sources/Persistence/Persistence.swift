// The module's sources land here.
