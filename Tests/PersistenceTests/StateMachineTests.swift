import Foundation
import Persistence
import Testing

/// The database itself refuses illegal states and transitions: plain SQL, no store in between.
@Suite struct StateMachineTests {
  /// The columns that a job has in each state.
  private static let jobColumns: [JobState: String] = [
    .queued: "started_at = NULL, finished_at = NULL, result = NULL, error = NULL",
    .running: "started_at = now(), finished_at = NULL, result = NULL, error = NULL",
    .paused: "finished_at = NULL, result = NULL, error = NULL",
    .succeeded:
      "started_at = coalesce(started_at, now()), finished_at = now(), result = '{}', error = NULL",
    .failed: "finished_at = now(), result = NULL, error = 'broken'",
    .cancelled: "finished_at = now(), result = NULL, error = NULL",
  ]

  private static let legalJobTransitions: Set<[JobState]> = [
    [.queued, .running], [.queued, .succeeded], [.queued, .failed], [.queued, .cancelled],
    [.running, .succeeded], [.running, .failed], [.running, .cancelled], [.queued, .paused],
    [.running, .paused],
    [.paused, .queued], [.paused, .running], [.paused, .failed], [.paused, .cancelled],
  ]

  @Test func everyPairOfJobStates() async throws {
    try await withDatabase { database in
      for old in JobState.allCases {
        for new in JobState.allCases where new != old {
          let id = UUID()
          #expect(
            try await refusal(
              of: "INSERT INTO jobs (id, specification) VALUES ('\(id)', '{}')", in: database)
              == nil)
          if old != .queued {
            let columns = try #require(Self.jobColumns[old])
            #expect(
              try await refusal(
                of: "UPDATE jobs SET state = '\(old.rawValue)', \(columns) WHERE id = '\(id)'",
                in: database)
                == nil)
          }
          let columns = try #require(Self.jobColumns[new])
          let refused = try await refusal(
            of: "UPDATE jobs SET state = '\(new.rawValue)', \(columns) WHERE id = '\(id)'",
            in: database)
          if Self.legalJobTransitions.contains([old, new]) {
            #expect(refused == nil, "\(old) to \(new)")
          } else {
            #expect(refused?.state == .checkViolation, "\(old) to \(new)")
            #expect(refused?.constraint == "jobs_transition", "\(old) to \(new)")
          }
        }
      }
    }
  }

  private static let probeColumns: [ProbeState: String] = [
    .queued: """
    worker = NULL, started_at = NULL, lease_expires_at = NULL, finished_at = NULL, outcome = NULL,
    report = NULL, error = NULL, steps = NULL, seconds = NULL, backend = NULL, kernels = NULL
    """,
    .running: """
    attempt = attempt + 1, worker = 'w', started_at = clock_timestamp(), lease_expires_at = now(),
    finished_at = NULL, outcome = NULL, report = NULL, error = NULL
    """,
    .finished: """
    worker = 'w', started_at = now(), lease_expires_at = NULL, finished_at = now(), outcome = 'fit',
    report = '{}', error = NULL, steps = 1, seconds = 1, backend = 'cpu', kernels = 'Zen'
    """,
    .failed: """
    worker = 'w', started_at = now(), lease_expires_at = NULL, finished_at = now(), outcome = NULL,
    report = NULL, error = 'broken'
    """,
  ]

  private static let legalProbeTransitions: Set<[ProbeState]> = [
    [.queued, .running], [.running, .running], [.running, .queued], [.running, .finished],
    [.running, .failed], [.failed, .queued],
  ]

  @Test func everyPairOfProbeStates() async throws {
    try await withDatabase { database in
      var number = 0
      for old in ProbeState.allCases {
        for new in ProbeState.allCases where new != old || new == .running {
          number += 1
          let key = digest(number)
          #expect(
            try await refusal(
              of: """
                INSERT INTO probes (digest, samples, replicate, specification, trajectory, guard, engine_revision)
                VALUES ('\(key)', 1, 0, '{}', '\(key)', 9, 1)
                """, in: database) == nil)
          for state in old == .queued ? [] : old == .running ? [.running] : [.running, old] {
            let columns = try #require(Self.probeColumns[state])
            #expect(
              try await refusal(
                of:
                  "UPDATE probes SET state = '\(state.rawValue)', \(columns) WHERE digest = '\(key)'",
                in: database) == nil)
          }
          let columns = try #require(Self.probeColumns[new])
          let refused = try await refusal(
            of: "UPDATE probes SET state = '\(new.rawValue)', \(columns) WHERE digest = '\(key)'",
            in: database)
          if Self.legalProbeTransitions.contains([old, new]) {
            #expect(refused == nil, "\(old) to \(new)")
          } else {
            #expect(refused?.state == .checkViolation, "\(old) to \(new)")
            #expect(refused?.constraint == "probes_transition", "\(old) to \(new)")
          }
        }
      }
    }
  }

  /// Statements and the constraint that each must meet.
  private static let illegalStatements: [(statement: String, constraint: String)] = [
    (
      "INSERT INTO jobs (id, specification, state, started_at) VALUES (gen_random_uuid(), '{}', 'running', now())",
      "jobs_start_queued"
    ),
    (
      "INSERT INTO jobs (id, specification, started_at) VALUES (gen_random_uuid(), '{}', now())",
      "jobs_started_at_once_running"
    ),
    (
      "INSERT INTO jobs (id, specification, result) VALUES (gen_random_uuid(), '{}', '{}')",
      "jobs_result_iff_succeeded"
    ),
    (
      "INSERT INTO jobs (id, specification, error) VALUES (gen_random_uuid(), '{}', 'x')",
      "jobs_error_iff_failed"
    ),
    (
      "INSERT INTO jobs (id, specification, finished_at) VALUES (gen_random_uuid(), '{}', now())",
      "jobs_finished_at_iff_terminal"
    ),
    (
      "INSERT INTO jobs (id, specification) VALUES (gen_random_uuid(), '[]')",
      "jobs_specification_is_object"
    ),
    (
      "INSERT INTO jobs (id, specification, dataset_digest) VALUES (gen_random_uuid(), '{}', 'abc')",
      "jobs_dataset_digest_is_sha256"
    ),
    ("UPDATE jobs SET state = 'running'", "jobs_started_at_once_running"),
    ("UPDATE jobs SET state = 'cancelled'", "jobs_finished_at_iff_terminal"),
    (
      "UPDATE jobs SET state = 'succeeded', started_at = now(), finished_at = now()",
      "jobs_result_iff_succeeded"
    ),
    ("UPDATE jobs SET state = 'failed', finished_at = now()", "jobs_error_iff_failed"),
    ("UPDATE jobs SET specification = '{ }'", "jobs_immutable"),
    ("UPDATE jobs SET id = gen_random_uuid()", "jobs_immutable"),
    (
      "INSERT INTO probes (digest, samples, replicate, specification, trajectory, guard, engine_revision) VALUES ('abc', 1, 0, '{}', '\(digest(1))', 9, 1)",
      "probes_digest_is_sha256"
    ),
    ("DELETE FROM jobs", "jobs_delete_ended"),
    ("UPDATE probes SET verdict = 'minimum'", "probes_verdict_iff_verified"),
    ("UPDATE probes SET steps = 1", "probes_measured_iff_finished"),
    ("UPDATE probes SET samples = 2", "probes_immutable"),
    ("UPDATE probes SET attempt = 1", "probes_attempt"),
    (
      "UPDATE probes SET state = 'running', worker = 'w', started_at = now(), lease_expires_at = now()",
      "probes_attempt"
    ),
    (
      "UPDATE probes SET state = 'running', attempt = 1, worker = 'w', started_at = now()",
      "probes_lease_iff_running"
    ),
    (
      "UPDATE probes SET state = 'running', attempt = 1, started_at = now(), lease_expires_at = now()",
      "probes_worker_iff_taken"
    ),
    (
      "UPDATE probes SET state = 'running', attempt = 1, worker = 'w', lease_expires_at = now()",
      "probes_started_at_iff_taken"
    ),
    ("UPDATE probes SET outcome = 'fit'", "probes_outcome_iff_finished"),
    ("UPDATE probes SET report = '{}'", "probes_report_iff_finished"),
    ("UPDATE probes SET error = 'x'", "probes_error_iff_failed"),
    ("UPDATE probes SET finished_at = now()", "probes_finished_at_iff_ended"),
  ]

  @Test func columnsOfAState() async throws {
    try await withDatabase { database in
      for sql in [
        "INSERT INTO jobs (id, specification) VALUES (gen_random_uuid(), '{}')",
        "INSERT INTO probes (digest, samples, replicate, specification, trajectory, guard, engine_revision) VALUES ('\(digest(1))', 1, 0, '{}', '\(digest(1))', 9, 1)",
      ] {
        #expect(try await refusal(of: sql, in: database) == nil)
      }
      for (statement, constraint) in Self.illegalStatements {
        let refused = try await refusal(of: statement, in: database)
        #expect(refused?.state == .checkViolation, "\(statement)")
        #expect(refused?.constraint == constraint, "\(statement)")
      }
    }
  }

  @Test func aDigestIsUnique() async throws {
    try await withDatabase { database async throws in
      let sql =
        "INSERT INTO probes (digest, samples, replicate, specification, trajectory, guard, engine_revision) VALUES ('\(digest(1))', 1, 0, '{}', '\(digest(1))', 9, 1)"
      #expect(try await refusal(of: sql, in: database) == nil)
      #expect(try await refusal(of: sql, in: database)?.state == .uniqueViolation)
    }
  }
}

/// What the guards don't name can't change: a column that a later migration adds is safe from the start.
@Suite struct GuardTests {
  /// Columns that change, or are written once, as a job goes on.
  private static let jobColumns: Set<String> = [
    "state", "progress", "result", "error", "started_at", "finished_at", "waiting_for", "version", "priority",
    "dataset_digest", "engine_revision", "sample_limit", "memory_limit_samples", "shape", "classes",
    "parameter_count",
  ]
  private static let probeColumns: Set<String> = [
    "state", "attempt", "crashes", "worker", "lease_expires_at", "outcome", "verdict", "diagnosis", "reached",
    "steps", "seconds",
    "backend", "kernels", "report", "error", "started_at", "finished_at", "turn", "priority",
  ]

  @Test(arguments: [("jobs", jobColumns), ("probes", probeColumns)])
  func everyOtherColumnIsForEver(table: String, changing: Set<String>) async throws {
    try await withDatabase { database in
      try await database.withConnection { session in
        try session.execute(
          script: Statement(
            "prepare",
            """
            ALTER TABLE \(table) ADD COLUMN of_a_later_migration text;
            INSERT INTO jobs (id, specification) VALUES (gen_random_uuid(), '{}');
            INSERT INTO probes (digest, samples, replicate, specification, trajectory, guard, engine_revision)
            VALUES ('\(digest(1))', 1, 0, '{}', '\(digest(1))', 9, 1);
            """))
      }
      let columns = try await database.query(
        Statement(
          "columns",
          """
          SELECT column_name::text AS name, udt_name::text AS type FROM information_schema.columns
          WHERE table_name = $1 AND is_identity = 'NO'
          """), table
      ) { (try $0.value("name", as: String.self), try $0.value("type", as: String.self)) }
      #expect(columns.count > changing.count)
      for (name, type) in columns where !changing.contains(name) {
        let value =
          switch type {
          case "text": "repeat('7', 64)"
          case "uuid": "gen_random_uuid()"
          case "timestamptz": "now() - interval '1 day'"
          case "json", "jsonb": #"'{"another": 1}'"#
          case "probe_kind": "'verification'"
          default: "77"
          }
        let refused = try await refusal(of: "UPDATE \(table) SET \(name) = \(value)", in: database)
        #expect(refused?.constraint == "\(table)_immutable", "\(table).\(name)")
      }
    }
  }

  @Test func whatAJobRunsOnIsWrittenOnce() async throws {
    try await withDatabase { database in
      let once = [
        "dataset_digest": "repeat('1', 64)", "engine_revision": "1", "sample_limit": "1",
        "memory_limit_samples": "1", "shape": "'[1]'", "classes": "1", "parameter_count": "1",
      ]
      #expect(
        try await refusal(
          of: "INSERT INTO jobs (id, specification) VALUES (gen_random_uuid(), '{}')", in: database)
          == nil)
      for (column, value) in once {
        #expect(
          try await refusal(of: "UPDATE jobs SET \(column) = \(value)", in: database) == nil, "\(column)")
        let refused = try await refusal(of: "UPDATE jobs SET \(column) = NULL", in: database)
        #expect(refused?.constraint == "jobs_immutable", "\(column)")
      }
    }
  }
}
