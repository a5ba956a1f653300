import Resources

/// A numbered, forward-only change of the schema.
package struct Migration: Sendable, Hashable {
  /// The number that its file name begins with.
  package let version: Int
  /// The file name.
  package let name: String
  /// The text of the file.
  package let sql: String

  /// Reads the number from a file name like `0001_jobs_and_probes.sql`.
  package init?(fileName: String, sql: String) {
    let digits = fileName.prefix { $0.isNumber }
    guard digits.count == 4, fileName.dropFirst(4).first == "_", fileName.hasSuffix(".sql"),
      let version = Int(digits), version > 0
    else { return nil }
    self.version = version
    name = fileName
    self.sql = sql
  }

  /// The migrations that the binary carries, in order.
  package static let embedded: [Migration] = EmbeddedFile.files(in: "migrations").map { file in
    guard let migration = Migration(fileName: file.name, sql: file.text) else {
      preconditionFailure("the embedded file \(file.path) is not named like a migration")
    }
    return migration
  }
}

/// The schema of a database can't be brought to the state that this program needs.
package enum MigrationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A migration that was applied reads otherwise in this program.
  case changed(name: String)
  /// The database has been migrated by a newer program.
  case newer(databaseVersion: Int, knownVersion: Int)
  /// Migrations that this program needs have not been applied.
  case missing(databaseVersion: Int, neededVersion: Int)
  /// The server is too old, or the database's encoding is not UTF-8.
  case unsupported(reason: String)

  /// One line that says what to do.
  package var description: String {
    switch self {
    case .changed(let name):
      "Migration \(name) was applied to this database with another text than this emc carries: run the "
        + "emc that made the database, or use another database"
    case .newer(let databaseVersion, let knownVersion):
      "The database is at schema version \(databaseVersion), but this emc knows versions up to "
        + "\(knownVersion): run a newer emc"
    case .missing(let databaseVersion, let neededVersion):
      "The database is at schema version \(databaseVersion), and this emc needs \(neededVersion): run emc migrate"
    case .unsupported(let reason): reason
    }
  }
}
