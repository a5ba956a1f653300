/// Why a private PostgreSQL cluster can't be had.
package enum ClusterError: Error, Sendable, Hashable, CustomStringConvertible {
  /// There is no PostgreSQL server on this machine.
  case noServer(searched: [String])
  /// The cluster was made by a version of PostgreSQL that isn't installed.
  case versionMismatch(directory: String, version: String, installed: [String])
  /// Started as root, and there is no user that PostgreSQL could run as.
  case noUnprivilegedUser
  /// A directory or file can't be used.
  case unusable(path: String, reason: String)
  /// There was a cluster, and it is not there any more.
  case vanished(data: String, made: String, note: String)
  /// A command of PostgreSQL's failed.
  case commandFailed(command: String, output: String)
  /// The server ended, or gave no answer in time.
  case didNotStart(reason: String, log: String)

  /// One line that says what to do.
  package var description: String {
    switch self {
    case .noServer(let searched):
      "No PostgreSQL server was found (searched \(searched.joined(separator: ", "))): install the package "
        + "postgresql (apt-get install postgresql), or give a database with --database-url"
    case .versionMismatch(let directory, let version, let installed):
      "The cluster in \(directory) was made by PostgreSQL \(version), but only "
        + "\(installed.joined(separator: ", ")) is installed: install postgresql-\(version), or use another "
        + "data directory"
    case .noUnprivilegedUser:
      "PostgreSQL doesn't run as root, and there is no user 'postgres' to run it as: install the package "
        + "postgresql, or start emc as an ordinary user"
    case .unusable(let path, let reason): "\(path) can't be used for the database: \(reason)"
    case .vanished(let data, let made, let note):
      "The database in \(data) is gone (it was there by \(made)): bring it back, from a backup for instance; or, to begin "
        + "with an empty one, delete \(note)"
    case .commandFailed(let command, let output): "\(command) failed: \(output)"
    case .didNotStart(let reason, let log): "PostgreSQL did not start: \(reason) (its log is \(log))"
    }
  }
}
