import CPostgres

/// Asks the server to cancel what a session runs; may be used from any thread.
final class Canceller: @unchecked Sendable {
  // Safe: libpq documents PQcancel as callable from any thread; the pointer never changes.
  private let handle: OpaquePointer

  init?(_ connection: OpaquePointer) {
    guard let handle = PQgetCancel(connection) else { return nil }
    self.handle = handle
  }

  deinit { PQfreeCancel(handle) }

  /// Blocks for a connection to the server. Whether anything was cancelled shows in the statement's error.
  func cancel() {
    var message = [CChar](repeating: 0, count: 256)
    _ = PQcancel(handle, &message, Int32(message.count))
  }
}
