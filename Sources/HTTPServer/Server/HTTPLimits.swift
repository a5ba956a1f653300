/// How much of everything a client may send. Each bound is held before memory is spent on what exceeds it.
package struct HTTPLimits: Sendable, Hashable {
  /// Bytes of the request line; 414 beyond.
  package var requestLineBytes = 8_192
  /// Bytes of all header lines together, and again of all trailer lines; 431 beyond.
  package var headerBytes = 32_768
  /// Header fields, and again trailer fields; 431 beyond.
  package var headerCount = 100
  /// Bytes of a body, unless the handler sets a limit of its own; 413 beyond.
  package var bodyBytes = 1_048_576
  /// Bytes of all bodies together that are collected before they are looked at; 503 beyond.
  package var collectedBytes = 67_108_864
  /// Bytes of all chunk extensions of a body together; 400 beyond.
  package var chunkExtensionBytes = 4_096
  /// Bytes of a body that its handler left unread which are skipped to keep the connection; closed beyond.
  package var skippedBytes = 65_536
  /// Connections at a time; one more is told 503 and closed.
  package var connections = 1_024
  /// Connections at a time of one client's address (of IPv6, of its network of 64 bits); one more is told 429
  /// and closed.
  package var connectionsOfClient = 128
  /// Whether connections over loopback, where a proxy stands for all its clients, are of no one client.
  package var exemptsLoopback = true
  /// Event streams at a time; one more is told 503. The other connections are left to everything else.
  package var streams = 512

  package init() {}
}
