import Logging

extension Database {
  /// Applies the migrations that are missing, in order, each in a transaction of its own under an advisory
  /// lock, so that any number of processes may start at once. Does nothing on a database that is up to
  /// date. Returns the versions that were applied.
  @discardableResult
  package func migrate(_ migrations: [Migration] = Migration.embedded) async throws -> [Int] {
    precondition(migrations.map(\.version) == Array(1..<(migrations.count + 1)), "numbered from 1, no gaps")
    try await transaction { try MigrationStatements.prepare($0) }
    var applied: [Int] = []
    while let migration = try await transaction({ try MigrationStatements.applyNext(of: migrations, $0) }) {
      logger.info("migration applied", metadata: ["migration": "\(migration.name)"])
      applied.append(migration.version)
    }
    return applied
  }

  /// Throws where the schema is not what this program knows, or the database doesn't answer: the check of
  /// `/readyz`.
  package func checkSchema(_ migrations: [Migration] = Migration.embedded) async throws {
    let version: Int
    do {
      version = try await query(MigrationStatements.version) { try $0.value("version") }[0]
    } catch DatabaseError.refused(_, .undefinedTable, _, _) {
      throw MigrationError.missing(databaseVersion: 0, neededVersion: migrations.count)
    }
    if version < migrations.count {
      throw MigrationError.missing(databaseVersion: version, neededVersion: migrations.count)
    }
    if version > migrations.count {
      throw MigrationError.newer(databaseVersion: version, knownVersion: migrations.count)
    }
  }
}

private enum MigrationStatements {
  /// Held to the end of the transaction. The key is the bytes of "emc" and has no other meaning.
  static let lock = Statement("lock the schema", "SELECT pg_advisory_xact_lock(6647139)")

  static let encoding = Statement(
    "ask for the encoding",
    "SELECT pg_encoding_to_char(encoding)::text AS encoding FROM pg_database WHERE datname = current_database()"
  )

  static let createTable = Statement(
    "create the table of migrations",
    """
    CREATE TABLE IF NOT EXISTS schema_migrations (
      version    integer PRIMARY KEY,
      name       text NOT NULL,
      checksum   text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """)

  static let version = Statement(
    "see the schema's version", "SELECT coalesce(max(version), 0) AS version FROM schema_migrations")

  static let applied = Statement(
    "read the applied migrations", "SELECT version, checksum FROM schema_migrations ORDER BY version")

  static let checksum = Statement(
    "compute a checksum", "SELECT encode(sha256(convert_to($1::text, 'UTF8')), 'hex') AS checksum")

  static let record = Statement(
    "record a migration",
    "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1::integer, $2, $3)")

  static func prepare(_ session: Session) throws {
    guard session.serverVersion >= 120_000 else {
      throw MigrationError.unsupported(
        reason: "PostgreSQL \(session.serverVersion / 10_000) is too old: emc needs version 12 or newer")
    }
    let encoding = try session.query(encoding)[0].value("encoding", as: String.self)
    guard encoding == "UTF8" else {
      throw MigrationError.unsupported(
        reason: "The database's encoding is \(encoding): create it with ENCODING 'UTF8' TEMPLATE template0")
    }
    try session.query(lock)
    try session.query(createTable)
  }

  /// Verifies what was applied and applies the first migration that was not; nil if none is missing.
  static func applyNext(of migrations: [Migration], _ session: Session) throws -> Migration? {
    try session.query(lock)
    let rows = try session.query(applied)
    if let last = rows.last {
      let version = try last.value("version", as: Int.self)
      guard version <= migrations.count else {
        throw MigrationError.newer(databaseVersion: version, knownVersion: migrations.count)
      }
    }
    for (row, migration) in zip(rows, migrations) {
      guard try row.value("version") == migration.version,
        try row.value("checksum") == checksum(of: migration, session)
      else { throw MigrationError.changed(name: migration.name) }
    }
    guard rows.count < migrations.count else { return nil }
    let migration = migrations[rows.count]
    try session.execute(script: Statement("apply \(migration.name)", migration.sql))
    try session.query(
      record, migration.version, migration.name, checksum(of: migration, session))
    return migration
  }

  private static func checksum(of migration: Migration, _ session: Session) throws -> String {
    try session.query(checksum, migration.sql)[0].value("checksum")
  }
}
