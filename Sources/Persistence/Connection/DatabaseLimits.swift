/// How long things may take between this process and PostgreSQL.
package struct DatabaseLimits: Sendable, Hashable {
  /// To get a connection: for a place in the pool to become free, and for the server to be reached.
  package var connection: Duration
  /// For the answer to one statement; nil: any time.
  package var statement: Duration?

  /// The limits of a pool.
  package init(connection: Duration, statement: Duration?) {
    self.connection = connection
    self.statement = statement
  }

  /// For requests: whoever asks hears within three seconds, whatever the database does.
  package static let requests = DatabaseLimits(
    connection: .milliseconds(1200), statement: .milliseconds(1500))
  /// For work that nobody waits for.
  package static let work = DatabaseLimits(connection: .seconds(5), statement: .seconds(30))
  /// For migrations, which may rewrite tables.
  package static let migrations = DatabaseLimits(connection: .seconds(5), statement: nil)
}
