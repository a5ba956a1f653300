import Foundation
import Persistence
import Testing

@Suite struct MigrationTests {
  private static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test func theBinaryCarriesTheFolder() throws {
    let folder = Self.repository.appendingPathComponent("migrations")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".sql") }.sorted()
    #expect(!names.isEmpty)
    #expect(Migration.embedded.map(\.name) == names)
    #expect(Migration.embedded.map(\.version) == Array(1...names.count))
    for migration in Migration.embedded {
      let text = try String(contentsOf: folder.appendingPathComponent(migration.name), encoding: .utf8)
      #expect(migration.sql == text, "\(migration.name)")
    }
  }

  @Test(arguments: ["1_a.sql", "0001.sql", "0001_a.txt", "0000_a.sql", "a_0001.sql", "00001_a.sql"])
  func otherNamesAreNoMigrations(name: String) {
    #expect(Migration(fileName: name, sql: "") == nil)
  }

  /// Migrations that count how often they run.
  private func migrations(_ texts: [String]) throws -> [Migration] {
    try texts.enumerated().map { index, sql in
      try #require(Migration(fileName: "000\(index + 1)_step.sql", sql: sql))
    }
  }

  private static let three = [
    "CREATE TABLE runs (version integer); INSERT INTO runs VALUES (1);", "INSERT INTO runs VALUES (2);",
    "INSERT INTO runs VALUES (3); SELECT pg_sleep(0.02);",
  ]

  private func runs(_ database: Database) async throws -> [Int] {
    try await database.query(Statement("runs", "SELECT version FROM runs ORDER BY version")) {
      try $0.value("version", as: Int.self)
    }
  }

  @Test func eachRunsOnceInOrder() async throws {
    try await withEmptyDatabase { database in
      let steps = try migrations(Self.three)
      #expect(try await database.migrate(Array(steps[..<1])) == [1])
      #expect(try await database.migrate(steps) == [2, 3])
      #expect(try await database.migrate(steps) == [])
      #expect(try await runs(database) == [1, 2, 3])
    }
  }

  @Test func manyAtOnceApplyEachOnce() async throws {
    try await withEmptyDatabase { database in
      let steps = try migrations(Self.three)
      let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
        for _ in 0..<6 {
          // A pool each, as processes that start together have.
          let own = try Database(url: database.url, poolSize: 1, logger: quiet)
          group.addTask {
            let applied = try await own.migrate(steps)
            await own.close()
            return applied
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(applied.sorted() == [1, 2, 3])
      #expect(try await runs(database) == [1, 2, 3])
    }
  }

  @Test func aFailureLeavesTheVersionBefore() async throws {
    try await withEmptyDatabase { database in
      let broken = try migrations([Self.three[0], "INSERT INTO runs VALUES (2); SELECT * FROM missing;"])
      await #expect {
        try await database.migrate(broken)
      } throws: { error in
        guard case DatabaseError.refused(let statement, .undefinedTable, _, _) = error else { return false }
        return statement == "apply 0002_step.sql"
      }
      #expect(try await runs(database) == [1])
      #expect(try await database.migrate(try migrations(Self.three)) == [2, 3])
    }
  }

  @Test func aChangedOrNewerSchemaIsRefused() async throws {
    try await withEmptyDatabase { database in
      let steps = try migrations(Self.three)
      try await database.migrate(steps)
      var changed = Self.three
      changed[1] += " -- another text"
      await #expect(throws: MigrationError.changed(name: "0002_step.sql")) {
        try await database.migrate(try migrations(changed))
      }
      await #expect(throws: MigrationError.newer(databaseVersion: 3, knownVersion: 2)) {
        try await database.migrate(Array(steps[..<2]))
      }
      #expect(try await runs(database) == [1, 2, 3])
    }
  }

  @Test func theSchemaIsChecked() async throws {
    try await withEmptyDatabase { database in
      let needed = Migration.embedded.count
      await #expect(throws: MigrationError.missing(databaseVersion: 0, neededVersion: needed)) {
        try await database.checkSchema()
      }
      try await database.migrate(Array(Migration.embedded[..<1]))
      await #expect(throws: MigrationError.missing(databaseVersion: 1, neededVersion: needed)) {
        try await database.checkSchema()
      }
      try await database.migrate()
      try await database.checkSchema()
      await #expect(throws: MigrationError.newer(databaseVersion: needed, knownVersion: 1)) {
        try await database.checkSchema(Array(Migration.embedded[..<1]))
      }
    }
  }

  @Test func anotherEncodingIsRefused() async throws {
    try await withEmptyDatabase { database in
      let name = "ascii_" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
      try await database.withConnection { session in
        _ = try session.query(
          Statement(
            "create", "CREATE DATABASE \(name) ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"))
      }
      let other = try Database(url: try await TestServer.url(ofDatabase: name), poolSize: 1, logger: quiet)
      await #expect {
        try await other.migrate()
      } throws: { error in
        guard case MigrationError.unsupported(let reason) = error else { return false }
        return reason.contains("SQL_ASCII")
      }
      await other.close()
      try await database.withConnection { session in
        _ = try session.query(Statement("drop", "DROP DATABASE \(name)"))
      }
    }
  }
}
