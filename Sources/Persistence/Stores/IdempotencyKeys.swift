import Foundation

/// Answers to requests that carried an `Idempotency-Key`, kept for a day: the same request again has the same answer.
///
/// A key is reserved before the request is carried out, and its answer is written in the transaction that carries it out:
/// there is never an effect without its answer, nor an answer without its effect.
package struct IdempotencyKeys: Sendable {
  private let database: Database

  /// The keys in a migrated database.
  package init(database: Database) { self.database = database }

  /// The right to answer for a key.
  package struct Reservation: Sendable, Hashable {
    let key: String
    /// Tells it from a later one for the same key.
    let token: String
  }

  /// What is known of a key.
  package enum Beginning: Sendable, Hashable {
    /// Nobody has used it: the request is to be carried out.
    case begun(Reservation)
    /// The request was carried out before, with this answer.
    case answered(StoredAnswer)
    /// The first request is being carried out.
    case inFlight
    /// The key belongs to another request.
    case otherRequest
  }

  /// Reserves a key, or says what became of the request that has it.
  /// - Parameter requestDigest: of the request's content.
  package func begin(_ key: String, requestDigest: String) async throws -> Beginning {
    try await database.transaction { session in
      if let row = try session.query(IdempotencyStatements.begin, key, requestDigest).first {
        return .begun(Reservation(key: key, token: try row.value("token")))
      }
      guard let row = try session.query(IdempotencyStatements.find, key).first else { return .inFlight }
      guard try row.value("request_digest") == requestDigest else { return .otherRequest }
      guard let status = try row.optional("status", as: Int.self) else { return .inFlight }
      return .answered(
        StoredAnswer(status: status, location: try row.optional("location"), body: try row.value("body")))
    }
  }

  /// Writes the answer, within the transaction that carries the request out.
  /// - Throws: `IdempotencyError.lost` where somebody else has the key by now: then nothing is to be carried out.
  package func answer(_ reservation: Reservation, with answer: StoredAnswer, _ session: Session) throws {
    let changed = try session.query(
      IdempotencyStatements.answer, reservation.key, reservation.token, answer.status, answer.location,
      answer.body
    ).changedCount
    guard changed == 1 else { throw IdempotencyError.lost }
  }

  /// Deletes a key whose request was not carried out. An answer that was written stays.
  package func deleteReservation(_ reservation: Reservation) async throws {
    try await database.transaction { session in
      _ = try session.query(IdempotencyStatements.deleteReservation, reservation.key, reservation.token)
    }
  }

  /// Deletes the keys of yesterday.
  package func deleteOld() async throws {
    try await database.change(IdempotencyStatements.deleteOld)
  }
}

/// An answer as it was given.
package struct StoredAnswer: Sendable, Hashable {
  /// The status code.
  package let status: Int
  /// Where what was made is.
  package let location: String?
  /// The text of the content.
  package let body: String

  /// An answer.
  package init(status: Int, location: String?, body: String) {
    self.status = status
    self.location = location
    self.body = body
  }
}

/// A key could not be answered for.
package enum IdempotencyError: Error, Sendable, Hashable {
  /// Its reservation has run out, and somebody else has it.
  case lost
}

/// All SQL of `IdempotencyKeys`.
enum IdempotencyStatements {
  /// Takes a key that is free, a day old, or was reserved by somebody who has not answered within a minute: no request
  /// takes that long.
  static let begin = Statement(
    "reserve an idempotency key",
    """
    INSERT INTO idempotency_keys (key, request_digest) VALUES ($1, $2)
    ON CONFLICT (key) DO UPDATE SET request_digest = excluded.request_digest, status = NULL, headers = NULL,
      body = NULL, created_at = clock_timestamp()
    WHERE idempotency_keys.created_at < clock_timestamp() - CASE
      WHEN idempotency_keys.status IS NULL THEN interval '1 minute' ELSE interval '1 day' END
    RETURNING created_at::text AS token
    """)

  static let find = Statement(
    "find an idempotency key",
    "SELECT request_digest, status, headers ->> 'location' AS location, body FROM idempotency_keys WHERE key = $1"
  )

  static let answer = Statement(
    "answer for an idempotency key",
    """
    UPDATE idempotency_keys SET status = $3::integer, headers = json_build_object('location', $4::text), body = $5
    WHERE key = $1 AND created_at = $2::timestamptz AND status IS NULL
    """)

  static let deleteReservation = Statement(
    "delete an idempotency key",
    "DELETE FROM idempotency_keys WHERE key = $1 AND created_at = $2::timestamptz AND status IS NULL")

  static let deleteOld = Statement(
    "delete old idempotency keys",
    "DELETE FROM idempotency_keys WHERE created_at < clock_timestamp() - interval '1 day'")
}
