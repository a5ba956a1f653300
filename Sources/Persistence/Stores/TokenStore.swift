import Foundation

/// A token as the database has it: everything but the token itself.
package struct TokenRecord: Sendable, Hashable {
  package let id: UUID
  /// What people call it.
  package let name: String
  /// SHA-256 of the token's bits, in hexadecimal.
  package let digest: String
  /// Of `read`, `submit` and `admin`.
  package let scopes: [String]
  /// Requests a minute; nil: what the service is set to.
  package let rate: Int?
  /// Jobs that have not ended; nil: any number.
  package let queueQuota: Int?
  package let createdAt: Date
  package let expiresAt: Date?
  package let lastUsedAt: Date?
  package let revokedAt: Date?
  /// Neither expired nor revoked, by the database's clock.
  package let isValid: Bool

  init(_ row: Row) throws(DatabaseError) {
    id = try row.value("id")
    name = try row.value("name")
    digest = try row.value("digest")
    scopes = try row.value("scopes", as: String.self).split(separator: ",").map(String.init)
    rate = try row.optional("rate")
    queueQuota = try row.optional("queue_quota")
    createdAt = try row.value("created_at")
    expiresAt = try row.optional("expires_at")
    lastUsedAt = try row.optional("last_used_at")
    revokedAt = try row.optional("revoked_at")
    isValid = try row.value("is_valid")
  }
}

/// A token to be stored.
package struct NewToken: Sendable, Hashable {
  package var name: String
  package var scopes: [String]
  package var rate: Int?
  package var queueQuota: Int?
  package var expiresAt: Date?

  /// A token.
  package init(
    name: String, scopes: [String], rate: Int? = nil, queueQuota: Int? = nil, expiresAt: Date? = nil
  ) {
    self.name = name
    self.scopes = scopes
    self.rate = rate
    self.queueQuota = queueQuota
    self.expiresAt = expiresAt
  }
}

/// A token has as many live jobs as it may have.
package struct QueueQuotaError: Error, Sendable, Hashable {
  package let quota: Int
}

/// Tokens and the sessions of browsers. What stands in the database lets nobody in.
package struct TokenStore: Sendable {
  let database: Database

  /// A store on a migrated database.
  package init(database: Database) { self.database = database }

  /// Stores a token by its digest.
  package func create(_ token: NewToken, digest: String) async throws -> TokenRecord {
    try await database.transaction { session in
      let rows = try session.query(
        TokenStatements.create, UUID.timeOrdered(), token.name, digest, token.scopes, token.rate,
        token.queueQuota, token.expiresAt?.timeIntervalSince1970)
      return try TokenRecord(rows[0])
    }
  }

  /// Stores a token if there is none that is valid; nil where there is one.
  package func createFirst(_ token: NewToken, digest: String) async throws -> TokenRecord? {
    try await database.transaction { session in
      try session.query(TokenStatements.lock)
      guard try session.query(TokenStatements.anyValid).isEmpty else { return nil }
      let rows = try session.query(
        TokenStatements.create, UUID.timeOrdered(), token.name, digest, token.scopes, token.rate,
        token.queueQuota, token.expiresAt?.timeIntervalSince1970)
      return try TokenRecord(rows[0])
    }
  }

  /// Every token that isn't revoked, the newest first.
  package func list() async throws -> [TokenRecord] {
    try await database.query(TokenStatements.list) { try TokenRecord($0) }
  }

  /// Whether there is a token with which requests could be made.
  package func hasValid() async throws -> Bool {
    try await !database.query(TokenStatements.anyValid) { _ in true }.isEmpty
  }

  /// Ends a token and its sessions. False where there is none, or it was ended before.
  package func revoke(_ id: UUID) async throws -> Bool {
    try await database.transaction { session in
      let changed = try session.query(TokenStatements.revoke, id).changedCount
      try session.query(TokenStatements.deleteSessions, id)
      return changed > 0
    }
  }

  /// The tokens whose digests begin as this one does: one, or none. The caller compares the whole.
  package func candidates(digest: String) async throws -> [TokenRecord] {
    try await database.query(TokenStatements.find, digest) { try TokenRecord($0) }
  }

  /// The tokens of sessions whose digests begin as this one does, with the digests.
  package func sessionCandidates(digest: String) async throws -> [(digest: String, token: TokenRecord)] {
    try await database.query(TokenStatements.findSession, digest) { row in
      (try row.value("session_digest"), try TokenRecord(row))
    }
  }

  /// Begins a browser's session, and forgets those that have run out.
  package func beginSession(digest: String, token: UUID, lifetime: Duration) async throws {
    try await database.transaction { session in
      try session.query(TokenStatements.deleteExpiredSessions)
      try session.query(TokenStatements.beginSession, digest, token, lifetime.seconds)
    }
  }

  /// Ends a browser's session.
  package func endSession(digest: String) async throws {
    try await database.change(TokenStatements.deleteSession, digest)
  }

  /// Notes that a token was used.
  package func noteUse(_ id: UUID) async throws {
    try await database.change(TokenStatements.use, id)
  }

  /// Notes whose some jobs are, within the transaction that stores them.
  ///
  /// - Throws: `QueueQuotaError` where the token has too many live jobs then: none of them is stored.
  package func charge(_ token: UUID, forJobs jobs: [UUID], _ session: Session) throws {
    // First the lock, then the count: of two submissions the second sees the first.
    let quota = try session.query(TokenStatements.hold, token).first?.optional("queue_quota", as: Int.self)
    try session.query(TokenStatements.charge, jobs, token)
    guard let quota else { return }
    let count = try session.query(TokenStatements.liveJobs, token)[0].value("count", as: Int.self)
    if count > quota { throw QueueQuotaError(quota: quota) }
  }
}

private enum TokenStatements {
  private static let columns = """
    tokens.id, tokens.name, tokens.digest, array_to_string(tokens.scopes, ',') AS scopes, tokens.rate,
    tokens.queue_quota, tokens.created_at, tokens.expires_at, tokens.last_used_at, tokens.revoked_at,
    tokens.revoked_at IS NULL AND coalesce(tokens.expires_at > clock_timestamp(), true) AS is_valid
    """

  static let create = Statement(
    "store a token",
    """
    INSERT INTO tokens (id, name, digest, scopes, rate, queue_quota, expires_at)
    VALUES ($1::uuid, $2, $3, $4::text[], $5::integer, $6::integer, to_timestamp($7::float8))
    RETURNING \(columns)
    """)

  static let lock = Statement("lock tokens", "LOCK TABLE tokens IN SHARE ROW EXCLUSIVE MODE")

  static let list = Statement(
    "list tokens", "SELECT \(columns) FROM tokens WHERE revoked_at IS NULL ORDER BY created_at DESC, id")

  static let anyValid = Statement(
    "look for a valid token",
    """
    SELECT id FROM tokens WHERE revoked_at IS NULL AND coalesce(expires_at > clock_timestamp(), true) LIMIT 1
    """)

  static let revoke = Statement(
    "revoke a token",
    "UPDATE tokens SET revoked_at = clock_timestamp() WHERE id = $1::uuid AND revoked_at IS NULL")

  static let find = Statement(
    "find a token", "SELECT \(columns) FROM tokens WHERE left(digest, 16) = left($1, 16)")

  static let findSession = Statement(
    "find a session",
    """
    SELECT sessions.digest AS session_digest, \(columns)
    FROM sessions JOIN tokens ON tokens.id = token_id
    WHERE left(sessions.digest, 16) = left($1, 16) AND sessions.expires_at > clock_timestamp()
    """)

  static let beginSession = Statement(
    "begin a session",
    """
    INSERT INTO sessions (digest, token_id, expires_at)
    VALUES ($1, $2::uuid, clock_timestamp() + make_interval(secs => $3::float8))
    """)

  static let deleteSession = Statement("delete a session", "DELETE FROM sessions WHERE digest = $1")

  static let deleteSessions = Statement(
    "delete a token's sessions", "DELETE FROM sessions WHERE token_id = $1::uuid")

  static let deleteExpiredSessions = Statement(
    "delete expired sessions", "DELETE FROM sessions WHERE expires_at <= clock_timestamp()")

  /// A minute is exact enough, and writes little.
  static let use = Statement(
    "note a token's use",
    """
    UPDATE tokens SET last_used_at = clock_timestamp()
    WHERE id = $1::uuid AND coalesce(last_used_at < clock_timestamp() - interval '1 minute', true)
    """)

  static let hold = Statement(
    "hold a token", "SELECT queue_quota FROM tokens WHERE id = $1::uuid FOR NO KEY UPDATE")

  static let charge = Statement(
    "note whose jobs are", "INSERT INTO job_tokens (job_id, token_id) SELECT unnest($1::uuid[]), $2::uuid")

  static let liveJobs = Statement(
    "count a token's live jobs",
    """
    SELECT count(*) AS count FROM job_tokens JOIN jobs ON jobs.id = job_id
    WHERE token_id = $1::uuid AND state IN ('queued', 'running', 'paused')
    """)
}
