import Foundation
import Persistence
import Testing

@Suite struct ConnectionTests {
  @Test func valuesGoThereAndBack() async throws {
    try await withEmptyDatabase { database in
      try await database.withConnection { session in
        for number in [Int64.min, -1, 0, 1, Int64.max] {
          let row = try session.query(
            Statement("integer", "SELECT $1::bigint AS value, $1::bigint::text AS text"), number)[0]
          #expect(try row.value("value") == number)
          #expect(try row.value("text") == String(number))
        }
        for number in [0.1, -0.0, .leastNonzeroMagnitude, 1.7976931348623157e308, .infinity, -.infinity] {
          let row = try session.query(Statement("double", "SELECT $1::float8 AS value"), number)[0]
          #expect(try row.value("value", as: Double.self).bitPattern == number.bitPattern)
        }
        let nan = try session.query(Statement("nan", "SELECT $1::float8 AS value"), Double.nan)[0]
        #expect(try nan.value("value", as: Double.self).isNaN)
        let id = UUID()
        let row = try session.query(
          Statement(
            "mixed",
            """
            SELECT $1::uuid AS id, $1::uuid::text AS id_text, $2::boolean AS yes, 7::smallint AS small,
              -8::integer AS medium, timestamptz '2026-11-21 09:13:46.123456+00' AS time, NULL::text AS nothing
            """), id, true)[0]
        #expect(try row.value("id") == id)
        #expect(try row.value("id_text") == id.uuidString.lowercased())
        #expect(try row.value("yes") == true)
        #expect(try row.value("small") == 7)
        #expect(try row.value("medium") == -8)
        // 20,778 days after 1970-01-01, and 9:13:46.123456.
        let time = try row.value("time", as: Date.self).timeIntervalSince1970
        #expect(abs(time - (20778 * 86400 + 9 * 3600 + 13 * 60 + 46.123456)) < 1e-6)
        #expect(try row.optional("nothing", as: String.self) == nil)
      }
    }
  }

  @Test func arraysKeepEveryText() async throws {
    try await withEmptyDatabase { database in
      let texts = JobStoreTests.awkwardTexts + ["NULL", "{}", "\\", "\"", ",", " space "]
      let back = try await database.query(
        Statement("unnest", "SELECT text FROM unnest($1::text[]) WITH ORDINALITY AS t (text, n) ORDER BY n"),
        texts
      ) { try $0.value("text", as: String.self) }
      #expect(back == texts)
    }
  }

  @Test func wrongColumnsAreErrors() async throws {
    try await withEmptyDatabase { database in
      try await database.withConnection { session in
        let row = try session.query(Statement("columns", "SELECT 1 AS one, NULL::text AS nothing"))[0]
        #expect(
          throws: DatabaseError.unexpectedColumn(statement: "columns", column: "one", expected: "String")
        ) { try row.value("one", as: String.self) }
        #expect(
          throws: DatabaseError.unexpectedColumn(statement: "columns", column: "two", expected: "Int")
        ) { try row.value("two", as: Int.self) }
        #expect(
          throws: DatabaseError.unexpectedColumn(
            statement: "columns", column: "nothing", expected: "String, but NULL")
        ) { try row.value("nothing", as: String.self) }
      }
    }
  }

  @Test func refusalsNameStateAndConstraint() async throws {
    try await withEmptyDatabase { database in
      try await database.withConnection { session in
        try session.execute(
          script: Statement("table", "CREATE TABLE t (n integer CONSTRAINT small CHECK (n < 10) UNIQUE)"))
        try session.query(Statement("insert", "INSERT INTO t VALUES ($1::integer)"), 1)
      }
      #expect(try await refusal(of: "INSERT INTO t VALUES (10)", in: database)?.constraint == "small")
      #expect(try await refusal(of: "INSERT INTO t VALUES (1)", in: database)?.state == .uniqueViolation)
      #expect(try await refusal(of: "SELECT * FROM missing", in: database)?.state == .undefinedTable)
    }
  }

  @Test func aTransactionThatThrowsLeavesNothing() async throws {
    struct Thrown: Error {}
    try await withEmptyDatabase(poolSize: 1) { database in
      await #expect(throws: Thrown.self) {
        try await database.transaction { session in
          try session.execute(script: Statement("table", "CREATE TABLE t (n integer)"))
          throw Thrown()
        }
      }
      #expect(try await refusal(of: "SELECT * FROM t", in: database)?.state == .undefinedTable)
      // One that is left open by mistake doesn't reach the next borrower of the connection.
      try await database.withConnection { session in
        try session.execute(script: Statement("open", "BEGIN; CREATE TABLE t (n integer)"))
      }
      #expect(try await refusal(of: "SELECT * FROM t", in: database)?.state == .undefinedTable)
    }
  }

  @Test func aTransactionIsTriedAgainAfterADeadlock() async throws {
    try await withEmptyDatabase { database in
      try await database.withConnection { session in
        try session.execute(
          script: Statement("tables", "CREATE TABLE a (n integer); CREATE TABLE b (n integer)"))
      }
      // Each locks its own table first and then the other's; `ready` sees that both have the first.
      let ready = [Gate(), Gate()]
      let runs = Counter()
      @Sendable func lockBoth(_ tables: [String], _ mine: Int) async throws {
        try await database.transaction { session in
          let isFirst = runs.increment() <= 2
          try session.query(Statement("lock", "LOCK TABLE \(tables[0])"))
          if isFirst {
            ready[mine].open()
            ready[1 - mine].wait()
          }
          try session.query(Statement("lock", "LOCK TABLE \(tables[1])"))
          try session.query(Statement("insert", "INSERT INTO a VALUES (1)"))
        }
      }
      async let one: Void = lockBoth(["a", "b"], 0)
      async let two: Void = lockBoth(["b", "a"], 1)
      try await one
      try await two
      #expect(runs.value >= 3)
      let count = Statement("count", "SELECT count(*) AS count FROM a")
      #expect(try await database.query(count) { try $0.value("count", as: Int.self) } == [2])
    }
  }

  /// Another process's migration changes what `SELECT *` answers: plans that a connection has kept are made anew, alone and
  /// within a transaction.
  @Test func keptPlansFollowTheTables() async throws {
    try await withEmptyDatabase(poolSize: 1) { database in
      let rows = Statement("read", "SELECT * FROM a")
      try await database.withConnection { session in
        try session.execute(script: Statement("make", "CREATE TABLE a (n integer); INSERT INTO a VALUES (1)"))
        #expect(try session.query(rows).count == 1)
      }
      let other = try Database(url: database.url, poolSize: 1, logger: quiet)
      func addColumn(_ name: String) async throws {
        try await other.withConnection { session in
          try session.execute(
            script: Statement("migrate", "ALTER TABLE a ADD COLUMN \(name) integer DEFAULT 7"))
        }
      }
      try await addColumn("x")
      #expect(try await database.query(rows) { try $0.value("x", as: Int.self) } == [7])
      try await addColumn("y")
      let inside = try await database.transaction { session in
        try session.query(Statement("count", "SELECT count(*) AS count FROM a"))
        return try session.query(rows)[0].value("y", as: Int.self)
      }
      #expect(inside == 7)
      // A pool between this process and the server may have thrown plans away.
      try await database.withConnection { session in
        try session.execute(script: Statement("forget", "DEALLOCATE ALL"))
      }
      #expect(try await database.query(rows) { try $0.value("n", as: Int.self) } == [1])
      await other.close()
    }
  }

  private static let terminateOthers = Statement(
    "end every other connection",
    """
    SELECT pg_terminate_backend(pid, 5000) AS ended FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
    """)

  @Test func connectionsThatWereEndedAreMadeAgain() async throws {
    try await withEmptyDatabase(poolSize: 1) { database in
      let other = try Database(url: database.url, poolSize: 1, logger: quiet)
      let process = Statement("ask", "SELECT pg_backend_pid() AS process")
      let before = try await database.query(process) { try $0.value("process", as: Int.self) }
      // While it is idle: nobody notices.
      let ended = try await other.query(Self.terminateOthers) { try $0.value("ended", as: Bool.self) }
      #expect(ended == [true])
      let after = try await database.query(process) { try $0.value("process", as: Int.self) }
      #expect(after != before)

      // In the middle of a transaction: it was not committed, so it runs again.
      let runs = Counter()
      try await database.transaction { session in
        let run = runs.increment()
        try session.execute(script: Statement("table", "CREATE TABLE t (n integer)"))
        if run == 1 { try session.query(Statement("end", "SELECT pg_terminate_backend(pg_backend_pid())")) }
      }
      #expect(runs.value == 2)
      #expect(try await refusal(of: "SELECT * FROM t", in: database) == nil)

      // Outside a transaction the effect is unknown, and the error says so.
      await #expect {
        try await database.withConnection { session in
          _ = try session.query(Statement("end", "SELECT pg_terminate_backend(pg_backend_pid())"))
        }
      } throws: { error in
        guard case DatabaseError.connectionLost(_, mayHaveCommitted: true) = error else { return false }
        return true
      }
      try await database.ping()
      await other.close()
    }
  }

  @Test(.timeLimit(.minutes(5))) func aServerThatIsNotThereIsAnErrorInTime() async throws {
    let database = try Database(
      url: "postgresql://emc@/emc?host=/nonexistent", poolSize: 1,
      limits: DatabaseLimits(connection: .milliseconds(200), statement: nil), logger: quiet
    )
    await #expect {
      try await database.ping()
    } throws: { error in
      guard case DatabaseError.unreachable(let reason) = error else { return false }
      return reason.contains("/nonexistent")
    }
    await database.close()
    await #expect(throws: DatabaseError.closed) { try await database.ping() }
  }

  @Test func aURLThatDoesNotParseIsRefusedAtOnce() {
    #expect {
      _ = try Database(url: "postgresql://host:port/", logger: quiet)
      _ = try Database(url: "postgresql://[::1/x", logger: quiet)
    } throws: { error in
      guard case DatabaseError.invalidURL = error else { return false }
      return true
    }
  }
}
