import Foundation

/// Somebody who is told of ended jobs and studies.
package struct WebhookRecord: Sendable, Hashable {
  package let id: UUID
  package let url: String
  /// The one job that it is told of.
  package let jobID: UUID?
  /// The one study that it is told of; where there is neither, of every job and study.
  package let studyID: UUID?
  package let createdAt: Date

  init(_ row: Row) throws(DatabaseError) {
    id = try row.value("id")
    url = try row.value("url")
    jobID = try row.optional("job_id")
    studyID = try row.optional("study_id")
    createdAt = try row.value("created_at")
  }
}

/// What is or was to be told.
package struct DeliveryRecord: Sendable, Hashable {
  package let id: UUID
  package let sequence: Int64
  package let event: String
  /// JSON text.
  package let payload: String
  /// `pending`, `delivered` or `failed`
  package let state: String
  package let attempts: Int
  package let nextAttemptAt: Date?
  package let status: Int?
  package let error: String?
  package let createdAt: Date
  package let attemptedAt: Date?
  package let deliveredAt: Date?

  init(_ row: Row) throws(DatabaseError) {
    id = try row.value("id")
    sequence = try row.value("sequence")
    event = try row.value("event")
    payload = try row.value("payload")
    state = try row.value("state")
    attempts = try row.value("attempts")
    nextAttemptAt = try row.optional("next_attempt_at")
    status = try row.optional("status")
    error = try row.optional("error")
    createdAt = try row.value("created_at")
    attemptedAt = try row.optional("attempted_at")
    deliveredAt = try row.optional("delivered_at")
  }
}

/// A delivery that this process is to send now.
package struct ClaimedDelivery: Sendable, Hashable {
  package let id: UUID
  package let url: String
  package let secret: String
  package let payload: String
  /// This one included.
  package let attempt: Int
}

/// Webhooks, the outbox and the log of deliveries. The row of an event is written by the database in the transaction that
/// ends the job (`tell_webhooks`), or the last of a study's (`tell_study_ended`); one process at a time sends it, under a lease. It is sent at least once, each time with
/// the same id and content; of one webhook one at a time, in the order of the events.
package struct WebhookStore: Sendable {
  let database: Database

  /// A store on a migrated database.
  package init(database: Database) { self.database = database }

  /// Stores a webhook for every job and study.
  package func create(url: String, secret: String) async throws -> WebhookRecord {
    try await database.transaction { session in try create(url: url, secret: secret, session) }
  }

  /// The same within a transaction, as that which stores the job or the study that it is for.
  @discardableResult
  package func create(
    url: String, secret: String, job: UUID? = nil, study: UUID? = nil, _ session: Session
  ) throws -> WebhookRecord {
    try WebhookRecord(session.query(WebhookStatements.create, UUID.timeOrdered(), url, secret, job, study)[0])
  }

  /// Those for every job and study, or those that a job or a study brought; the newest first.
  package func list(job: UUID? = nil, study: UUID? = nil) async throws -> [WebhookRecord] {
    try await database.query(WebhookStatements.list, job, study) { try WebhookRecord($0) }
  }

  /// One of them, or one that a job or a study brought.
  package func webhook(_ id: UUID) async throws -> WebhookRecord? {
    try await database.query(WebhookStatements.find, id) { try WebhookRecord($0) }.first
  }

  /// Removes a webhook with its deliveries. False where there is none.
  package func delete(_ id: UUID) async throws -> Bool {
    try await database.change(WebhookStatements.delete, id) > 0
  }

  /// The deliveries of a webhook, the newest first.
  package func deliveries(of id: UUID, after cursor: Int64?, limit: Int) async throws -> [DeliveryRecord] {
    try await database.query(WebhookStatements.deliveries, id, cursor, limit) { try DeliveryRecord($0) }
  }

  /// Sends a delivery again, however it ended, as soon as may be. Nil where there is none.
  package func redeliver(_ delivery: UUID, of webhook: UUID) async throws -> DeliveryRecord? {
    try await database.transaction { session in
      try session.query(WebhookStatements.redeliver, delivery, webhook).first.map { try DeliveryRecord($0) }
    }
  }

  /// What is due now, at most one of each webhook, now the sender's for so long.
  package func claim(sender: String, limit: Int, lease: Duration) async throws -> [ClaimedDelivery] {
    try await database.transaction { session in
      try session.query(WebhookStatements.claim, sender, limit, lease.seconds).map { row in
        try ClaimedDelivery(
          id: row.value("id"), url: row.value("url"), secret: row.value("secret"),
          payload: row.value("payload"),
          attempt: row.value("attempts"))
      }
    }
  }

  /// Records that an attempt was taken.
  package func recordDelivered(_ delivery: ClaimedDelivery, status: Int) async throws {
    try await database.transaction { session in
      _ = try session.query(WebhookStatements.delivered, delivery.id, delivery.attempt, status)
    }
  }

  /// Records that an attempt wasn't; nil `retry`: there will be no other.
  package func recordFailed(
    _ delivery: ClaimedDelivery, status: Int?, error: String, retryAfter retry: Duration?
  ) async throws {
    try await database.transaction { session in
      _ = try session.query(
        WebhookStatements.failed, delivery.id, delivery.attempt, status, error, retry?.seconds)
    }
  }

  /// Ends the leases of a sender that is known to be dead.
  package func takeBack(fromSender sender: String) async throws {
    try await database.change(WebhookStatements.takeBack, sender)
  }

  /// How long until something is due; nil where nothing is pending.
  package func untilDue() async throws -> Duration? {
    try await database.query(WebhookStatements.due) { try $0.optional("seconds", as: Double.self) }
      .first.flatMap { $0 }.map { .seconds($0) }
  }

  /// Deletes the deliveries that ended more than a month ago.
  package func deleteOldDeliveries() async throws {
    try await database.change(WebhookStatements.deleteOldDeliveries)
  }
}

private enum WebhookStatements {
  static let create = Statement(
    "store a webhook",
    """
    INSERT INTO webhooks (id, url, secret, job_id, study_id) VALUES ($1::uuid, $2, $3, $4::uuid, $5::uuid)
    RETURNING id, url, job_id, study_id, created_at
    """)

  static let list = Statement(
    "list webhooks",
    """
    SELECT id, url, job_id, study_id, created_at FROM webhooks
    WHERE job_id IS NOT DISTINCT FROM $1::uuid AND study_id IS NOT DISTINCT FROM $2::uuid
    ORDER BY created_at DESC, id
    """)

  static let find = Statement(
    "find a webhook", "SELECT id, url, job_id, study_id, created_at FROM webhooks WHERE id = $1::uuid")

  static let delete = Statement("remove a webhook", "DELETE FROM webhooks WHERE id = $1::uuid")

  private static let columns = """
    id, sequence, event, payload, state, attempts, next_attempt_at, status, error, created_at, attempted_at, delivered_at
    """

  static let deliveries = Statement(
    "list deliveries",
    """
    SELECT \(columns) FROM webhook_deliveries
    WHERE webhook_id = $1::uuid AND sequence < coalesce($2::bigint, 9223372036854775807)
    ORDER BY sequence DESC LIMIT $3::bigint
    """)

  /// One that is being sent keeps its lease: it goes out again when that has ended.
  static let redeliver = Statement(
    "send a delivery again",
    """
    UPDATE webhook_deliveries SET state = 'pending', next_attempt_at = clock_timestamp(), delivered_at = NULL, attempts = 0,
      status = NULL, error = NULL
    WHERE id = $1::uuid AND webhook_id = $2::uuid
    RETURNING \(columns)
    """)

  /// $1 sender, $2 how many, $3 lease in seconds. Of each webhook the first that is due, unless one is being sent.
  static let claim = Statement(
    "claim deliveries",
    """
    WITH next AS (
      SELECT candidate.id FROM webhook_deliveries candidate
      WHERE state = 'pending' AND next_attempt_at <= clock_timestamp()
        AND coalesce(lease_until <= clock_timestamp(), true)
        AND NOT EXISTS (
          SELECT FROM webhook_deliveries other
          WHERE other.webhook_id = candidate.webhook_id AND other.state = 'pending' AND other.id <> candidate.id
            AND (other.lease_until > clock_timestamp()
              OR other.sequence < candidate.sequence AND other.next_attempt_at <= clock_timestamp()))
      ORDER BY sequence LIMIT $2::bigint
      FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE webhook_deliveries SET sender = $1, attempts = attempts + 1, attempted_at = clock_timestamp(),
      lease_until = clock_timestamp() + make_interval(secs => $3::float8)
    FROM webhooks
    WHERE webhook_deliveries.id IN (SELECT id FROM next) AND webhooks.id = webhook_id
    RETURNING webhook_deliveries.id, url, secret, payload, attempts
    """)

  static let delivered = Statement(
    "record a delivery",
    """
    UPDATE webhook_deliveries SET state = 'delivered', status = $3::integer, error = NULL, next_attempt_at = NULL,
      sender = NULL, lease_until = NULL, delivered_at = clock_timestamp()
    WHERE id = $1::uuid AND attempts = $2::integer AND state = 'pending'
    """)

  static let failed = Statement(
    "record a failed delivery",
    """
    UPDATE webhook_deliveries SET status = $3::integer, error = $4, sender = NULL, lease_until = NULL,
      state = CASE WHEN $5::float8 IS NULL THEN 'failed' ELSE 'pending' END::delivery_state,
      next_attempt_at = clock_timestamp() + make_interval(secs => $5::float8)
    WHERE id = $1::uuid AND attempts = $2::integer AND state = 'pending'
    """)

  static let takeBack = Statement(
    "take deliveries back",
    "UPDATE webhook_deliveries SET sender = NULL, lease_until = NULL WHERE sender = $1 AND state = 'pending'")

  static let due = Statement(
    "see when something is due",
    """
    SELECT extract(epoch FROM min(greatest(next_attempt_at, lease_until)) - clock_timestamp())::float8 AS seconds
    FROM webhook_deliveries WHERE state = 'pending'
    """)

  static let deleteOldDeliveries = Statement(
    "delete old deliveries",
    """
    DELETE FROM webhook_deliveries WHERE state <> 'pending' AND created_at < clock_timestamp() - interval '30 days'
    """)
}
