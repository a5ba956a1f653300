/// Why a server can't start or go on. Each description is one line that says what to do.
package enum HTTPServerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Neither a host and a port nor a Unix socket.
  case invalidAddress(String)
  /// A name that has no address.
  case unknownHost(String)
  /// Another process listens there.
  case addressInUse(HTTPAddress)
  /// No interface of this machine has that address.
  case addressNotAvailable(HTTPAddress)
  /// The user may not listen there.
  case permissionDenied(HTTPAddress)
  /// A system call failed for another reason.
  case system(operation: String, reason: String)

  package var description: String {
    switch self {
    case .invalidAddress(let text):
      "\(text) is nothing to listen on; give a host and a port like 127.0.0.1:8080, [::1]:8080 or name:8080, or a "
        + "Unix socket like unix:/run/emc.sock (a path of at most \(HTTPAddress.socketPathLimit) bytes)."
    case .unknownHost(let name):
      "The name \(name) has no address on this machine; listen on an address in digits, or on 0.0.0.0 for every "
        + "interface."
    case .addressInUse(let address):
      address.socketPath == nil
        ? "\(address) is in use by another process; stop that one, or listen on another port (0 picks one)."
        : "\(address) is in use by another process, or is no socket; stop that one, or listen on another path."
    case .addressNotAvailable(let address):
      "\(address) is no address of this machine; listen on 127.0.0.1, or on 0.0.0.0 for every interface."
    case .permissionDenied(let address):
      address.socketPath == nil
        ? "This user may not listen on \(address); choose a port from 1024 up."
        : "This user may not make the socket \(address); choose a folder where it may write."
    case .system(let operation, let reason):
      "The HTTP server failed to \(operation): \(reason)."
    }
  }
}
