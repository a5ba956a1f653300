import Foundation

/// What the processes on a database do, and what waits for them.
package struct ServiceOverview: Sendable {
  let database: Database

  /// An overview of a migrated database.
  package init(database: Database) { self.database = database }

  /// A process that trains, or advances jobs.
  package struct Process: Sendable, Hashable {
    /// `<host>/<UUID>/`
    package let name: String
    package let engineRevision: Int
    /// How many probes it trains at once.
    package let workers: Int
    package let startedAt: Date
    package let seenAt: Date
    /// Whether it has been seen lately.
    package let isAlive: Bool
    /// JSON text: the probes that it trains, an array of objects.
    package let probes: String
  }

  /// The queue at one moment.
  package struct Queue: Sendable, Hashable {
    /// Jobs by their states.
    package var jobs: [String: Int] = [:]
    /// Probes by their states; queued are those that a live job wants.
    package var probes: [String: Int] = [:]
    /// For how long the head of the queue has been waiting.
    package var headAge: Duration?
  }

  /// What all machines have done.
  package struct Totals: Sendable, Hashable {
    /// Probes that have ended, by outcome.
    package var probes: [String: Int] = [:]
    /// Steps that they took.
    package var steps = 0.0
    /// Time that they took.
    package var seconds = 0.0
    /// Events that have not been delivered.
    package var pendingDeliveries = 0
  }

  /// What has been done so far.
  package func totals() async throws -> Totals {
    try await database.withConnection { session in
      var totals = Totals()
      for row in try session.query(OverviewStatements.totals) {
        totals.probes[try row.value("outcome")] = try row.value("count")
        totals.steps += try row.value("steps", as: Double.self)
        totals.seconds += try row.value("seconds", as: Double.self)
      }
      totals.pendingDeliveries = try session.query(OverviewStatements.pending)[0].value("count")
      return totals
    }
  }

  /// The processes of the last day, those that were seen last first.
  package func processes() async throws -> [Process] {
    try await database.query(OverviewStatements.processes) { row in
      try Process(
        name: row.value("name"), engineRevision: row.value("engine_revision"), workers: row.value("workers"),
        startedAt: row.value("started_at"), seenAt: row.value("seen_at"), isAlive: row.value("is_alive"),
        probes: row.value("probes"))
    }
  }

  /// What is queued and under way.
  package func queue() async throws -> Queue {
    try await database.withConnection { session in
      var queue = Queue()
      for row in try session.query(OverviewStatements.jobs) {
        queue.jobs[try row.value("state")] = try row.value("count")
      }
      for row in try session.query(OverviewStatements.probes) {
        queue.probes[try row.value("state")] = try row.value("count")
      }
      queue.headAge = try session.query(OverviewStatements.head).first?.optional("age", as: Double.self)
        .map { .seconds($0) }
      return queue
    }
  }
}

private enum OverviewStatements {
  /// A process says every five seconds that it lives.
  static let processes = Statement(
    "list processes",
    """
    SELECT name, engine_revision, workers, started_at, seen_at,
      seen_at > clock_timestamp() - interval '30 seconds' AS is_alive,
      coalesce((SELECT json_agg(json_build_object('digest', digest, 'kind', kind, 'samples', samples,
          'replicate', replicate, 'started_at', to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
          ORDER BY started_at)
        FROM probes WHERE state = 'running' AND worker = processes.name), '[]')::text AS probes
    FROM processes ORDER BY seen_at DESC, name
    """)

  static let totals = Statement(
    "add up ended probes",
    """
    SELECT outcome::text, count(*) AS count, sum(steps)::float8 AS steps, sum(seconds)::float8 AS seconds
    FROM probes WHERE state = 'finished' AND kind = 'training' GROUP BY outcome
    """)

  static let pending = Statement(
    "count pending deliveries", "SELECT count(*) AS count FROM webhook_deliveries WHERE state = 'pending'")

  static let jobs = Statement("count jobs", "SELECT state::text, count(*) AS count FROM jobs GROUP BY state")

  /// Those that have ended are many and say nothing of the queue.
  static let probes = Statement(
    "count probes under way",
    """
    SELECT 'queued' AS state, count(*) AS count FROM probes WHERE state = 'queued' AND turn IS NOT NULL
    UNION ALL SELECT 'running', count(*) FROM probes WHERE state = 'running'
    """)

  static let head = Statement(
    "see the queue's head",
    """
    SELECT extract(epoch FROM clock_timestamp() - min(created_at))::float8 AS age FROM (
      SELECT created_at FROM probes WHERE state = 'queued' AND turn IS NOT NULL
      ORDER BY priority DESC, turn, created_at LIMIT 1) AS head
    """)
}
