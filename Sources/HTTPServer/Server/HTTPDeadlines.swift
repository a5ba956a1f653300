/// How long a client may take. Whoever misses one loses the connection, and a slow sender gets 408 first.
package struct HTTPDeadlines: Sendable, Hashable {
  /// From a request's first byte (for a connection's first request: from its acceptance) to the end of its
  /// header.
  package var header: Duration = .seconds(10)
  /// What waiting for a body may cost in all, beside the time that `bodyBytesPerSecond` allows for what
  /// arrived.
  package var body: Duration = .seconds(20)
  /// The slowest rate at which a body may arrive in the long run.
  package var bodyBytesPerSecond = 1_024
  /// For a handler to answer, from the last piece of content that it got; 503 beyond. A route can have one of
  /// its own.
  package var request: Duration = .seconds(90)
  /// Between a response and the next request's first byte.
  package var idle: Duration = .seconds(60)
  /// For the client to take 64 KiB of a response.
  package var write: Duration = .seconds(30)
  /// For requests in flight to end once shutdown has begun; cancelled then.
  package var shutdown: Duration = .seconds(5)
  /// For a client to read the last response of a connection that the server closes while bytes still arrive
  /// (RFC 9112 §9.6).
  package var linger: Duration = .seconds(2)

  package init() {}

  /// No deadline is ever set nearer than this when a connection starts to wait, save for the last moments of
  /// a body.
  var shortest: Duration { min(header, body, request, idle, write, linger, .seconds(1)) }
}
