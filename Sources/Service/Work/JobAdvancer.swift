import Capacity
import Datasets
import Foundation
import Logging
import Persistence
import Synchronization
import Training

/// Advances jobs: turns the probes that have ended into the next ones, or into the result. Any process may
/// advance any job of its engine's revision; the job's locked row keeps two of them apart.
package final class JobAdvancer: Sendable {
  let jobs: JobStore
  private let pinner: DatasetPinner
  private let logger: Logger
  /// Jobs that this process is advancing, and whether they were asked for again meanwhile.
  private let underWay = Mutex<[UUID: Bool]>([:])
  /// What is known of live jobs, so that advancing one costs the same however many probes it has: its
  /// document is decoded once, and rows are read once.
  private let known = Mutex<[UUID: KnownJob]>([:])
  /// Jobs whose progress is to be shown, though they can't go on yet.
  private let progressDue = Mutex<Set<UUID>>([])

  private struct KnownJob {
    let plan: MeasurementPlan
    var history = JobHistory()
    /// Of the history's settled rows: a row is read once, however often its job is advanced.
    var observations: [ProbeObservation] = []
    /// What was last asked for.
    var asked: AskedRound?

    /// What all rows of a history that goes on from this one tell.
    func observations(of history: JobHistory) -> [ProbeObservation] {
      observations + history.rows.dropFirst(observations.count).map { ProbeObservation($0, in: plan) }
    }

    /// The job with a history that goes on from this one.
    func advanced(to history: JobHistory, asked: AskedRound?) -> KnownJob {
      KnownJob(
        plan: plan, history: history,
        observations: Array(observations(of: history).prefix(history.settled)), asked: asked)
    }
  }

  /// Few at a time, so that workers always find a connection to claim and to record with.
  private let turnstile = Turnstile(3)

  /// Jobs that are known at a time; what has been forgotten is read again.
  private static let knownLimit = 10_000

  package init(jobs: JobStore, pinner: DatasetPinner, logger: Logger) {
    self.jobs = jobs
    self.pinner = pinner
    self.logger = logger
  }

  /// Advances a job as far as it goes without another probe ending. Who asks while it is being advanced has
  /// it advanced once more afterwards, and need not wait: a data set may take long to fetch.
  package func advance(_ id: UUID) async {
    let isFirst = underWay.withLock { underWay in
      defer { underWay[id] = underWay[id] != nil }
      return underWay[id] == nil
    }
    guard isFirst else { return }
    var isAskedAgain = true
    while isAskedAgain {
      do {
        try await step(id)
      } catch {
        if case DatabaseError.unexpectedColumn(_, let column, _) = error {
          // Written by a newer program; one that can read it may go on.
          try? await jobs.setWaitingFor("a process that can read the \(column) of its probes", of: id)
        }
        // The sweep tries again.
        logger.warning("job could not be advanced", metadata: ["job": "\(id)", "error": "\(error)"])
      }
      isAskedAgain = underWay.withLock { underWay in
        let again = underWay[id] == true
        underWay[id] = again ? false : nil
        return again
      }
    }
  }

  /// Advances the live jobs that want one of some probes and can go on; of the others `showProgress` will
  /// show how far they are.
  func probesEnded(_ digests: [String]) async throws {
    let wanting = try await jobs.liveJobs(wanting: digests)
    progressDue.withLock { $0.formUnion(wanting.filter { !$0.isReady }.map(\.id)) }
    await withDiscardingTaskGroup { group in
      for job in wanting where job.isReady { group.addTask { await self.advance(job.id) } }
    }
  }

  /// Shows the progress of jobs some of whose probes have ended since the last call: once a second is often
  /// enough for people, and probes may end by the hundred.
  func showProgress() async {
    let due = progressDue.withLock { due in
      defer { due = [] }
      return due
    }
    for id in due { await advance(id) }
  }

  /// Ends the jobs whose limit of time is up, whatever of theirs is under way.
  func endOverdue() async {
    do {
      for id in try await jobs.jobsOutOfTime() { await advance(id) }
    } catch {
      // It is tried again in a second.
      logger.warning("jobs whose time is up could not be found", metadata: ["error": "\(error)"])
    }
  }

  private func step(_ id: UUID) async throws {
    progressDue.withLock { _ = $0.remove(id) }
    let known: KnownJob
    if let found = self.known.withLock({ $0[id] }) {
      known = found
    } else if let plan = try await findPlan(id) {
      known = KnownJob(plan: plan)
    } else {
      return
    }
    let asked = Mutex(known.asked)
    let (isLive, history) = try await turnstile.pass {
      try await jobs.advance(id: id, from: known.history) { history in
        asked.withLock { decide(known.plan, history, known.observations(of: history), asked: &$0) }
      }
    }
    let next = known.advanced(to: history, asked: asked.withLock { $0 })
    self.known.withLock { all in
      if isLive {
        if all.count >= Self.knownLimit, let other = all.keys.first { all[other] = nil }
        all[id] = next
      } else {
        all[id] = nil
      }
    }
  }

  /// The plan of a live job; nil where there is none to advance, or it has to wait for something.
  private func findPlan(_ id: UUID) async throws -> MeasurementPlan? {
    guard let job = try await jobs.job(id), job.state.isLive,
      job.admission.engineRevision ?? jobs.engineRevision == jobs.engineRevision
    else { return nil }
    let recorded: RecordedJob
    let finding: DatasetPinner.Finding
    do {
      recorded = try await onOwnThread { try RecordedJob(job) }
      if let plan = recorded.plan { return plan }
      finding = try await pinner.find(recorded)
    } catch {
      try await fail(job.id, (error as? DatasetError)?.withoutPaths ?? "\(error)")
      return nil
    }
    switch finding {
    case .lacking(let lack):
      if let lack, lack.reason != job.waitingFor { try await jobs.setWaitingFor(lack.reason, of: job.id) }
      return nil
    case .found(let terms):
      // What holds is what was pinned first, perhaps by another process.
      guard
        let pinned = try await jobs.pin(job.id, datasetDigest: terms.dataset?.digest, JobAdmission(terms))
      else { return nil }
      if pinned.waitingFor != nil { try await jobs.setWaitingFor(nil, of: job.id) }
      return try RecordedJob(pinned).plan
    }
  }

  /// Tells the live jobs that want a probe what it waits for.
  func probeWaits(_ digest: String, for lack: MachineLack) async throws {
    for (id, _) in try await jobs.liveJobs(wanting: [digest]) {
      try await jobs.setWaitingFor(lack.reason, of: id)
    }
  }

  /// A job whose document is at fault, or whose data are everywhere, fails with the reason.
  private func fail(_ id: UUID, _ error: String) async throws {
    logger.warning("job fails", metadata: ["job": "\(id)", "error": "\(error)"])
    _ = try await jobs.advance(id: id) { _ in .fail(error: error) }
  }
}

/// The probes that a job asked for once so many had ended.
private struct AskedRound {
  let ended: Int
  let addresses: [ProbeAddress]
}

/// What a job does next, from the probes that have finished.
///
/// - Parameter asked: what was last asked for; found anew where that is not known, as after another process did it.
private func decide(
  _ plan: MeasurementPlan, _ history: JobHistory, _ observations: [ProbeObservation],
  asked: inout AskedRound?
) -> JobAdvance {
  func progress(outstanding: [ProbeAddress] = []) -> String {
    plan.progress(observations, outstanding: outstanding, elapsed: history.elapsed).text()
  }
  if plan.isOutOfTime(elapsed: history.elapsed) {
    return .succeed(result: plan.result(observations, end: .maxSeconds).json.text(), progress: progress())
  }
  if history.isWaiting {
    if asked?.ended != history.settled {
      asked = nil
      if case .probes(let wanted) = plan.next(Array(observations.prefix(history.settled))) {
        asked = AskedRound(ended: history.settled, addresses: wanted.map(\.address))
      }
    }
    let ended = Set(observations.dropFirst(history.settled).map(\.address))
    return .wait(progress: progress(outstanding: asked?.addresses.filter { !ended.contains($0) } ?? []))
  }
  switch plan.next(observations) {
  case .result(let result):
    return .succeed(result: result.json.text(), progress: progress())
  case .probes(let wanted):
    asked = AskedRound(ended: observations.count, addresses: wanted.map(\.address))
    let memory = Dictionary(grouping: wanted, by: \.address.place).mapValues { plan.memory(of: $0[0]) }
    return .enqueue(
      wanted.map { probe in
        ProbeRequest(probe, memory: memory[probe.address.place] ?? nil)
      }, progress: progress(outstanding: wanted.map(\.address)))
  }
}

extension ProbeObservation {
  /// What a search reads of a row.
  init(_ row: ProbeRow, in plan: MeasurementPlan) {
    let reached = (try? JSONValue(parsing: row.reached.utf8))?.arrayValue ?? []
    self.init(
      address: plan.address(
        samples: row.samples, replicate: row.replicate, maxSteps: row.maxSteps,
        kind: row.kind == .training ? nil : .verification, digest: row.digest),
      outcome: row.outcome.map(Outcome.init(named:)), steps: row.steps,
      verdict: row.verdict.map(FailureVerdict.init(named:)),
      diagnosis: row.diagnosis.compactMap(DiagnosisCode.init(rawValue:)),
      reached: reached.compactMap(ReachedLevel.init(json:)),
      accuracies: row.accuracies.map { Generalization.Accuracies(training: $0.training, test: $0.test) },
      kernels: row.kernels)
  }
}

extension ProbeRequest {
  fileprivate init(_ probe: ProbeSpecification, memory: Int?) {
    self.init(
      digest: probe.digest, trajectory: probe.trajectory,
      kind: probe.address.kind == .verification ? .verification : .training, samples: probe.address.samples,
      replicate: probe.address.replicate, maxSteps: probe.experiment.training.maxSteps,
      datasetDigest: probe.datasetDigest, memory: memory, specification: probe.json.text())
  }
}
