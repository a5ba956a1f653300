/// Why a server can't start or go on. Each description is one line that says what to do.
package enum HTTPServerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Not an address and a port.
  case invalidAddress(String)
  /// Another process listens there.
  case addressInUse(HTTPAddress)
  /// No interface of this machine has that address.
  case addressNotAvailable(HTTPAddress)
  /// The user may not listen there.
  case permissionDenied(HTTPAddress)
  /// A system call failed for another reason.
  case system(operation: String, reason: String)

  /// One line: what is wrong and what to do.
  package var description: String {
    switch self {
    case .invalidAddress(let text):
      "\(text) is not an IP address and a port to listen on; give one like 127.0.0.1:8080 or [::1]:8080."
    case .addressInUse(let address):
      "\(address) is in use by another process; stop that one, or listen on another port (0 picks one)."
    case .addressNotAvailable(let address):
      "\(address) is no address of this machine; listen on 127.0.0.1, or on 0.0.0.0 for every interface."
    case .permissionDenied(let address):
      "This user may not listen on \(address); choose a port from 1024 up."
    case .system(let operation, let reason):
      "The HTTP server failed to \(operation): \(reason)."
    }
  }
}
