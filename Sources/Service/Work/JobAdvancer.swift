import Capacity
import Datasets
import Foundation
import Logging
import Persistence
import Synchronization
import Training

/// Advances jobs: turns the probes that have ended into the next ones, or into the result. Any process may
/// advance any job; the job's locked row keeps two of them apart.
package final class JobAdvancer: Sendable {
  let jobs: JobStore
  private let datasets: DatasetLibrary
  private let logger: Logger
  /// Jobs that this process is advancing, and whether they were asked for again meanwhile.
  private let underWay = Mutex<[UUID: Bool]>([:])

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

  /// Advances the live jobs that want a probe.
  func probeEnded(_ digest: String) async throws {
    for (id, _) in try await jobs.liveJobs(wanting: [digest]) { await advance(id) }
  }

  private func step(_ id: UUID) async throws {
    guard let job = try await jobs.job(id), job.state.isLive else { return }
    let plan: MeasurementPlan
    do {
      plan = try await onOwnThread { try self.plan(job) }
    } catch {
      return try await fail(id, "\(error)")
    }
    var pinned = job.datasetDigest
    if pinned == nil {
      pinned = try await jobs.pin(id, datasetDigest: plan.datasetDigest, JobAdmission())?.datasetDigest
    }
    guard let pinned else { return }
    guard pinned == plan.datasetDigest else {
      return try await fail(
        id,
        "the data set's content has changed since the job began: its digest was \(pinned) and is "
          + "\(plan.datasetDigest); submit the job again")
    }
    _ = try await jobs.advance(id: id) { _, history in decide(plan, history) }
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
      digest: probe.digest, trajectory: probe.trajectoryDigest, samples: probe.address.samples,
      replicate: probe.address.replicate, maxSteps: probe.experiment.training.maxSteps,
      datasetDigest: probe.datasetDigest, specification: probe.json.text())
  }
}
