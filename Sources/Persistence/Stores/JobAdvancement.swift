import Foundation

/// One transaction of `JobStore.advance`.
struct JobAdvancement {
  let id: UUID
  let session: Session

  /// The job after the step, and whether probes were linked in it.
  struct Step: Sendable {
    let job: JobRecord
    let hasLinked: Bool
  }

  func run(_ decide: (JobRecord, [ProbeRecord]) throws -> JobAdvance) throws -> Step? {
    guard let row = try session.query(JobStatements.lock, id).first else { return nil }
    var job = try JobRecord(row)
    var hasLinked = false
    while true {
      let probes = try session.query(JobStatements.probes, id, 0, Int.max).map { try ProbeRecord($0) }
      if let failed = probes.first(where: { $0.state == .failed }) {
        try session.query(JobStatements.fail, id, failed.error)
        return Step(job: try reread(), hasLinked: hasLinked)
      }
      switch try decide(job, probes) {
      case .wait(let progress):
        try record(progress)
        return Step(job: try reread(), hasLinked: hasLinked)
      case .succeed(let result):
        try session.query(JobStatements.succeed, id, result)
        return Step(job: try reread(), hasLinked: hasLinked)
      case .fail(let error):
        try session.query(JobStatements.fail, id, error)
        return Step(job: try reread(), hasLinked: hasLinked)
      case .enqueue(let requests, let progress):
        let linked = try link(requests)
        try record(progress)
        hasLinked = hasLinked || linked > 0
        job = try reread()
        if try session.query(JobStatements.isReady, id).isEmpty {
          return Step(job: job, hasLinked: hasLinked)
        }
        // Everything asked for is there already: the next round can be asked for now.
        if linked == 0 { throw AdvanceError.noProgress(job: id) }
      }
    }
  }

  /// Creates the probes that are not there, links all, and returns how many links are new.
  private func link(_ requests: [ProbeRequest]) throws(DatabaseError) -> Int {
    var seen: Set<String> = []
    let requests = requests.filter { seen.insert($0.digest).inserted }
    let digests = requests.map(\.digest)
    try session.query(
      JobStatements.createProbes, digests, requests.map(\.samples), requests.map(\.replicate),
      requests.map(\.specification))
    try session.query(JobStatements.retryFailedProbes, id, digests)
    let linked = try session.query(JobStatements.linkProbes, id, digests).changedCount
    try session.query(JobStatements.startIfUnderWay, id)
    return linked
  }

  private func record(_ progress: String?) throws(DatabaseError) {
    guard let progress else { return }
    try session.query(JobStatements.recordProgress, id, progress)
  }

  private func reread() throws(DatabaseError) -> JobRecord {
    try JobRecord(session.query(JobStatements.find, id)[0])
  }
}
