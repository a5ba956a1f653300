import Foundation

/// What is known of a job's probes: those that have finished, in order of position. What has finished never
/// changes, so one who advances a job again reads only what is new.
package struct JobHistory: Sendable, Equatable {
  /// The finished probes.
  package private(set) var rows: [ProbeRow] = []
  /// Whether a probe is outstanding.
  package private(set) var isWaiting = false
  /// Seconds since the first of the job's probes was taken up, by the database's clock; nil before.
  package private(set) var elapsed: Double?
  /// Up to here every probe has finished and is in `rows`: these rows stay as they are.
  package private(set) var settled = 0
  private var settledPosition: Int64 = 0

  /// Nothing is known yet.
  package init() {}

  /// Whether the same is known; time passes.
  package static func == (a: JobHistory, b: JobHistory) -> Bool {
    (a.rows, a.isWaiting, a.settled, a.settledPosition) == (b.rows, b.isWaiting, b.settled, b.settledPosition)
  }

  /// Reads what has come to be known since; up to a position, the last that is linked.
  mutating func read(
    _ id: UUID, upTo last: Int64, isWaiting: Bool, elapsed: Double?, _ session: Session
  ) throws(DatabaseError) {
    self.elapsed = elapsed
    rows.removeSubrange(settled...)
    for row in try session.query(JobStatements.rows, id, settledPosition, last) {
      rows.append(try ProbeRow(row))
    }
    self.isWaiting = isWaiting
    if !isWaiting { (settled, settledPosition) = (rows.count, last) }
  }
}

/// One call of `JobStore.advance`.
struct JobAdvancement {
  let id: UUID
  let engineRevision: Int
  let session: Session
  var history: JobHistory

  /// Advances as far as it goes without another probe ending; whether the job is still this process's to advance.
  mutating func run(_ decide: (JobHistory) throws -> JobAdvance) throws -> Bool {
    while true {
      guard let view = try session.query(JobStatements.view, id, engineRevision).first else { return false }
      let last = try view.value("last_position", as: Int64.self)
      let step: JobAdvance
      if let error = try view.optional("probe_error", as: String.self) {
        step = .fail(error: error)
      } else {
        try history.read(
          id, upTo: last, isWaiting: view.value("is_waiting"), elapsed: view.optional("elapsed"), session)
        // Outside the transaction: nobody waits for a lock while a search thinks.
        step = try decide(history)
      }
      switch try apply(step, at: last, pins: view.optional("engine_revision", as: Int.self) == nil) {
      case .waits: return true
      case .hasEnded: return false
      case .again: continue
      }
    }
  }

  private enum Progress { case waits, hasEnded, again }

  /// - Parameters:
  ///   - last: where the job was read.
  ///   - pins: whether its engine's revision has yet to be written.
  private func apply(_ step: JobAdvance, at last: Int64, pins: Bool) throws -> Progress {
    if case .wait(let progress) = step {
      // Whoever linked what it waits for has pinned its revision: there is nothing to lock it for.
      if let progress { try session.query(JobStatements.show, id, progress, last) }
      return .waits
    }
    return try session.transaction { session in
      guard let row = try session.query(JobStatements.lock, id, last, engineRevision).first else {
        // Ended meanwhile, or somebody went on from here: look again.
        return .again
      }
      if pins { try session.query(JobStatements.pinRevision, id, engineRevision) }
      switch step {
      case .wait: return .waits
      case .succeed(let result, let progress):
        try session.query(JobStatements.succeed, id, result, progress)
        if history.isWaiting {
          // It has ended before its probes, which are no part of its result.
          try session.query(JobStatements.placeProbes, [id])
          try session.query(JobStatements.deleteOtherLinks, id, history.rows.map(\.position))
        }
        return .hasEnded
      case .fail(let error):
        try session.query(JobStatements.fail, id, error)
        try session.query(JobStatements.placeProbes, [id])
        return .hasEnded
      case .enqueue(let requests, let progress):
        let linked = try link(
          requests, after: last, turn: row.value("turn"), priority: row.value("priority"))
        if try !record(progress) { return .waits }
        // Everything asked for is there already: the next round can be asked for now.
        if linked == 0 { throw AdvanceError.noProgress(job: id) }
        return .again
      }
    }
  }

  /// Creates the probes that are not there, links all, and returns how many links are new.
  private func link(
    _ requests: [ProbeRequest], after last: Int64, turn: Int64, priority: Int
  ) throws(DatabaseError) -> Int {
    var seen: Set<String> = []
    let requests = requests.filter { seen.insert($0.digest).inserted }
    let digests = requests.map(\.digest)
    let created = try session.query(
      JobStatements.createProbes, digests, requests.map(\.trajectory), requests.map(\.kind),
      requests.map(\.samples), requests.map(\.replicate), requests.map(\.maxSteps),
      NullableArray(requests.map(\.datasetDigest)), NullableArray(requests.map(\.memory)),
      requests.map(\.specification), engineRevision,
      priority, turn
    ).changedCount
    if created < digests.count { try session.query(JobStatements.retryFailedProbes, id, digests) }
    let linked = try session.query(JobStatements.linkProbes, id, digests, last, turn).changedCount
    try session.query(JobStatements.queueProbes, id, last, priority)
    return linked
  }

  /// Records how far the job is; whether it can go on at once.
  private func record(_ progress: String?) throws(DatabaseError) -> Bool {
    if let row = try session.query(JobStatements.goOn, id, progress).first {
      return try row.value("is_ready")
    }
    return try !session.query(JobStatements.isReady, id).isEmpty
  }
}
