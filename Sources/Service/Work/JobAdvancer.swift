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
  private let datasets: DatasetLibrary
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
  }

  /// Few at a time, so that workers always find a connection to claim and to record with.
  private let turnstile = Turnstile(3)

  /// Jobs that are known at a time; what has been forgotten is read again.
  private static let knownLimit = 10_000

  package init(jobs: JobStore, datasets: DatasetLibrary, logger: Logger) {
    self.jobs = jobs
    self.datasets = datasets
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
    let (job, history) = try await turnstile.pass {
      try await jobs.advance(id: id, from: known.history) { _, history in decide(known.plan, history) }
    }
    self.known.withLock { all in
      if job?.state.isLive == true {
        if all.count >= Self.knownLimit, let other = all.keys.first { all[other] = nil }
        all[id] = KnownJob(plan: known.plan, history: history)
      } else {
        all[id] = nil
      }
    }
  }

  /// The plan of a live job; nil where there is none to advance.
  private func findPlan(_ id: UUID) async throws -> MeasurementPlan? {
    guard let job = try await jobs.job(id), job.state.isLive,
      job.admission.engineRevision ?? jobs.engineRevision == jobs.engineRevision
    else { return nil }
    let plan: MeasurementPlan
    do {
      plan = try await onOwnThread { try self.plan(job) }
    } catch {
      try await fail(id, "\(error)")
      return nil
    }
    var pinned = job.datasetDigest
    if pinned == nil {
      pinned = try await jobs.pin(id, datasetDigest: plan.datasetDigest, JobAdmission())?.datasetDigest
    }
    guard let pinned else { return nil }
    guard pinned == plan.datasetDigest else {
      try await fail(
        id,
        "the data set's content has changed since the job began: its digest was \(pinned) and is "
          + "\(plan.datasetDigest); submit the job again")
      return nil
    }
    return plan
  }

  /// A job whose specification or data set can't be had fails with the reason.
  private func fail(_ id: UUID, _ error: String) async throws {
    logger.warning("job fails", metadata: ["job": "\(id)", "error": "\(error)"])
    _ = try await jobs.advance(id: id) { _, _ in .fail(error: error) }
  }

  private func plan(_ job: JobRecord) throws -> MeasurementPlan {
    let specification = try MeasurementSpecification(recorded: JSONValue(parsing: job.specification.utf8))
    return try ProbeRunner(library: datasets).plan(specification)
  }
}

/// What a job does next, from the probes that have finished.
private func decide(_ plan: MeasurementPlan, _ history: JobHistory) -> JobAdvance {
  let observations = history.rows.compactMap { ProbeObservation($0, in: plan) }
  let progress = plan.progress(observations).text()
  if history.isWaiting { return .wait(progress: progress) }
  switch plan.next(observations) {
  case .result(let result):
    return .succeed(result: result.json.text(), progress: progress)
  case .probes(let wanted):
    return .enqueue(wanted.map { ProbeRequest($0) }, progress: progress)
  }
}

extension ProbeObservation {
  /// What a search reads of a row; nil for a verification, which is no observation of the search's.
  fileprivate init?(_ row: ProbeRow, in plan: MeasurementPlan) {
    guard row.kind == .training, let outcome = row.outcome else { return nil }
    self.init(
      address: plan.address(samples: row.samples, replicate: row.replicate, maxSteps: row.maxSteps),
      outcome: Outcome(outcome), steps: row.steps, kernels: row.kernels)
  }
}

extension ProbeRequest {
  fileprivate init(_ probe: ProbeSpecification) {
    self.init(
      digest: probe.digest, trajectory: probe.trajectory, samples: probe.address.samples,
      replicate: probe.address.replicate, maxSteps: probe.experiment.training.maxSteps,
      datasetDigest: probe.datasetDigest, specification: probe.json.text())
  }
}
