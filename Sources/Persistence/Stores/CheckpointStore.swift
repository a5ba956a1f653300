import Foundation

/// A probe's training state, as bytes that only the trainer understands.
package struct StoredCheckpoint: Sendable, Hashable {
  /// The probe that it is of: the one that goes on, or one of the same trajectory.
  package let digest: String
  /// Steps taken when it was written.
  package let steps: Int
  package let state: Data
}

/// Training states in the database, so that whoever claims a probe next goes on from where the last one
/// stood: one a probe, the last. A cache, never state: what is missing or can't be read is trained again with
/// the same bits.
///
/// Up to 64 MiB a state is a value of its row; a larger one is a large object, written and read in pieces,
/// since a value is held in memory several times on its way.
package struct CheckpointStore: Sendable {
  private let database: Database
  private let inlineLimit: Int
  private let pieceSize: Int

  /// A store on a migrated database.
  /// - Parameters:
  ///   - inlineLimit: bytes of a state beyond which it is a large object.
  ///   - pieceSize: bytes of a large object that are sent at once.
  package init(database: Database, inlineLimit: Int = 64 << 20, pieceSize: Int = 8 << 20) {
    precondition(inlineLimit >= 0 && pieceSize > 0)
    self.database = database
    self.inlineLimit = inlineLimit
    self.pieceSize = pieceSize
  }

  /// Keeps the state of a probe that a worker trains, or has trained until it was put back: nobody else has
  /// claimed it, and a live or paused job may go on from there. False if the probe is no longer this attempt's, or
  /// nobody would go on from its state: nothing was written.
  /// - Parameter isEnd: whether the probe ends with it, without having fitted: it is kept then as long as a
  ///   job may go on
  ///   from it, within the limit of `prune`.
  @discardableResult
  package func write(
    _ fence: ProbeFence, steps: Int, state: Data, isEnd: Bool = false
  ) async throws -> Bool {
    try await database.transaction { [inlineLimit, pieceSize] session in
      // Asked first, so that nothing large is sent in vain.
      guard try !session.query(CheckpointStatements.hold, fence.digest, fence.attempt).isEmpty else {
        return false
      }
      var object: Int?
      if state.count > inlineLimit {
        object = try session.query(CheckpointStatements.createObject)[0].value("oid", as: Int.self)
        for offset in stride(from: 0, to: state.count, by: pieceSize) {
          let start = state.startIndex + offset
          let piece = state[start..<min(start + pieceSize, state.endIndex)]
          try session.query(CheckpointStatements.putPiece, object, offset, Bytes(piece))
        }
      }
      try session.query(
        CheckpointStatements.write, fence.digest, fence.attempt, steps, state.count,
        object == nil ? Bytes(state) : nil, object, isEnd)
      return true
    }
  }

  /// The state with the most steps from which a claimed probe can go on: its own, or that of a probe of the
  /// same trajectory with a smaller guard. Nil if there is none.
  package func latest(for claim: ClaimedProbe) async throws -> StoredCheckpoint? {
    try await database.transaction { [pieceSize] session in
      guard
        let row = try session.query(CheckpointStatements.latest, claim.trajectory, claim.maxSteps).first
      else { return nil }
      let state: Data
      if let inline = try row.optional("state", as: Bytes.self) {
        state = inline.data
      } else {
        let (object, count) = (
          try row.value("large_object", as: Int.self), try row.value("bytes", as: Int.self)
        )
        var pieces = Data(capacity: count)
        for offset in stride(from: 0, to: count, by: pieceSize) {
          let piece = try session.query(
            CheckpointStatements.getPiece, object, offset, min(pieceSize, count - offset)
          )[0].value("piece", as: Bytes.self)
          pieces.append(piece.data)
        }
        state = pieces
      }
      return StoredCheckpoint(digest: try row.value("digest"), steps: try row.value("steps"), state: state)
    }
  }

  /// Deletes the states that no job which has not ended may go on from, and of the ends of failed probes the
  /// oldest beyond a number of bytes. Returns how many.
  @discardableResult
  package func deleteUnneeded(limit: Int) async throws -> Int {
    try await database.transaction { session in
      let unwanted = try session.query(CheckpointStatements.deleteUnwanted).changedCount
      return unwanted + (try session.query(CheckpointStatements.deleteOldest, limit).changedCount)
    }
  }
}

private enum CheckpointStatements {
  /// A probe that no live job wants is back in the queue before its worker hears of it (`ProbeQueue.heartbeat`). Until it is
  /// claimed again the attempt is the same, and nobody can claim it while its row is held here.
  static let hold = Statement(
    "see whether a probe is still an attempt's",
    """
    SELECT digest FROM probes
    WHERE digest = $1 AND attempt = $2::bigint
      AND CASE state WHEN 'running' THEN true
        WHEN 'queued' THEN EXISTS (
          SELECT FROM job_probes
          WHERE job_probes.digest = probes.digest
            AND (SELECT state IN ('queued', 'running', 'paused') FROM jobs WHERE id = job_id))
        ELSE false END
    FOR SHARE OF probes
    """)

  static let createObject = Statement(
    "create a large object", "SELECT lo_from_bytea(0, ''::bytea)::bigint AS oid")

  static let putPiece = Statement(
    "write a piece of a large object", "SELECT lo_put($1::bigint::oid, $2::bigint, $3)")

  static let getPiece = Statement(
    "read a piece of a large object", "SELECT lo_get($1::bigint::oid, $2::bigint, $3::integer) AS piece")

  static let write = Statement(
    "keep a checkpoint",
    """
    INSERT INTO checkpoints (digest, trajectory, attempt, steps, bytes, state, large_object, is_end)
    SELECT digest, trajectory, $2::bigint, $3::bigint, $4::bigint, $5::bytea, $6::bigint::oid, $7::boolean
    FROM probes WHERE digest = $1
    ON CONFLICT (digest) DO UPDATE SET attempt = excluded.attempt, steps = excluded.steps, bytes = excluded.bytes,
      state = excluded.state, large_object = excluded.large_object, is_end = excluded.is_end,
      written_at = clock_timestamp()
    """)

  static let latest = Statement(
    "find a checkpoint to go on from",
    """
    SELECT digest, steps, bytes, state, large_object::bigint AS large_object FROM checkpoints
    WHERE trajectory = $1 AND steps <= $2::bigint ORDER BY steps DESC LIMIT 1
    """)

  /// Checkpoints are few and links are many: each is looked up by its key, whatever the planner thinks of the tables.
  static let deleteUnwanted = Statement(
    "delete checkpoints that no job may go on from",
    """
    DELETE FROM checkpoints WHERE NOT EXISTS (
      SELECT FROM job_probes JOIN jobs ON jobs.id = job_id
      WHERE job_probes.digest = checkpoints.digest AND jobs.state IN ('queued', 'running', 'paused')
      OFFSET 0)
    """)

  static let deleteOldest = Statement(
    "delete the oldest ends of probes",
    """
    DELETE FROM checkpoints WHERE digest IN (
      SELECT digest FROM (
        SELECT digest, sum(bytes) OVER (ORDER BY written_at DESC, digest) AS total FROM checkpoints WHERE is_end
      ) AS sized
      WHERE total > $1::bigint)
    """)
}
