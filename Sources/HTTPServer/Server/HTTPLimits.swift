/// How much of everything a client may send. Each bound is held before memory is spent on what exceeds it.
public struct HTTPLimits: Sendable, Hashable {
  /// Bytes of the request line; 414 beyond.
  public var requestLineBytes = 8_192
  /// Bytes of all header lines together, and again of all trailer lines; 431 beyond.
  public var headerBytes = 32_768
  /// Header fields, and again trailer fields; 431 beyond.
  public var headerCount = 100
  /// Bytes of a body, unless the handler sets a limit of its own; 413 beyond.
  public var bodyBytes = 1_048_576
  /// Bytes of all chunk extensions of a body together; 400 beyond.
  public var chunkExtensionBytes = 4_096
  /// Bytes of a body that its handler left unread which are skipped to keep the connection; closed beyond.
  public var skippedBytes = 65_536
  /// Connections at a time; one more is told 503 and closed.
  public var connections = 1_024

  /// The defaults, each of which can be set.
  public init() {}
}
