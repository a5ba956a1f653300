import Capacity
import HTTPServer
import Persistence

/// What the command line says of an error, and how it exits: 2 for wrong usage or a specification that can't be
/// run, 1 for what fails at run time.
package struct CommandFailure {
  /// One line that says what to do; a line a fault for a specification.
  package let message: String
  /// The exit code.
  package let code: Int32

  /// What the command line says of `error`.
  package init(_ error: any Error) {
    switch error {
    case let error as SpecificationError: (message, code) = ("the specification can't be run:\n\(error)", 2)
    case let error as JSONSyntaxError: (message, code) = (error.description, 2)
    case HTTPServerError.invalidAddress: (message, code) = ("--listen: \(error)", 2)
    case DatabaseError.invalidURL: (message, code) = ("--database-url: \(error)", 2)
    case is AnonymousAccessError: (message, code) = ("\(error)", 2)
    case let error as DatabaseError where error.isOutage:
      (message, code) = ("\(error); start PostgreSQL there or correct --database-url (DATABASE_URL)", 1)
    default: (message, code) = ("\(error)", 1)
    }
  }
}
