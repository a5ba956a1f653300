import Capacity
import Datasets
import Foundation
import Logging
import Persistence

/// Claims probes, trains them and records how they ended, one at a time.
struct Worker: Sendable {
  let team: WorkerTeam
  let index: Int
  let queue: ProbeQueue
  let runner: ProbeRunner
  let advancer: JobAdvancer
  /// Rings when probes have been queued.
  let probesQueued: Wakeup
  let logger: Logger

  private var name: String { "\(team.name)\(index)" }

  /// How long a worker waits for a notification before it looks for itself.
  static let pollInterval = Duration.seconds(1)
  /// How long a probe stays with a worker that gives no sign of life.
  static let lease = Duration.seconds(30)
  /// Six beats a lease; also how long a probe that nobody wants any more may go on.
  static let heartbeatInterval = lease / 6

  /// Works until the task is cancelled; a probe that is under way then is handed back.
  func run() async {
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        let rings = probesQueued.rings
        do {
          if let claim = try await queue.claim(worker: name) {
            let hasEnded = try await work(on: claim)
            // The next probe need not wait for it.
            if hasEnded { group.addTask { await advance(after: claim) } }
          } else {
            await probesQueued.wait(after: rings, timeout: Self.pollInterval)
          }
        } catch {
          // The database is away: the lease sees to the probe, and the pool reconnects with backoff.
          logger.warning("worker has no database", metadata: ["error": "\(error)"])
          try? await Task.sleep(for: Self.pollInterval)
        }
      }
    }
  }

  /// Advances the jobs that wanted a probe, also while the service is stopping; what fails here the sweep
  /// makes good.
  private func advance(after claim: ClaimedProbe) async {
    await Task {
      do {
        try await advancer.probeEnded(claim.digest)
      } catch {
        logger.warning(
          "jobs could not be advanced", metadata: ["probe": "\(claim.digest)", "error": "\(error)"])
      }
    }.value
  }

  /// Trains a probe and records how it ended; false where it hasn't.
  private func work(on claim: ClaimedProbe) async throws -> Bool {
    let stop = StopFlag()
    let heartbeat = Task { await beat(claim, stop) }
    let trained: Result<ProbeResult?, any Error> = await withTaskCancellationHandler {
      do {
        let probe = try await onOwnThread { try read(claim) }
        let threads = await threads(for: probe)
        return .success(
          try await onTrainingThread {
            try runner.run(probe, threads: threads, shouldStop: { stop.isRaised })
          })
      } catch {
        return .failure(error)
      }
    } onCancel: {
      stop.raise()
    }
    heartbeat.cancel()
    // What has been trained is recorded even while the service is stopping.
    return try await Task {
      switch trained {
      case .success(let result?):
        return try await queue.finish(claim, ProbeMeasurement(result))
      case .success(nil):
        try await queue.handBack(claim)
        return false
      case .failure(let error):
        logger.warning("probe can't be run", metadata: ["probe": "\(claim.digest)", "error": "\(error)"])
        try await queue.fail(claim, error: "\(error)")
        return true
      }
    }.value
  }

  /// Threads for a probe with shards: an even share of this process's workers among the probes that they
  /// train or could claim. A share once given is kept to the probe's end.
  private func threads(for probe: ProbeSpecification) async -> Int {
    guard probe.experiment.training.shards > 1,
      let probes = try? await queue.demand(ofWorkersNamed: team.name)
    else { return 1 }
    return max(1, team.count / max(1, probes))
  }

  private func read(_ claim: ClaimedProbe) throws -> ProbeSpecification {
    try ProbeSpecification(json: JSONValue(parsing: claim.specification.utf8))
  }

  /// Keeps the lease; raises the flag when it is lost or no live job wants the probe any more.
  private func beat(_ claim: ClaimedProbe, _ stop: StopFlag) async {
    while (try? await Task.sleep(for: Self.heartbeatInterval)) != nil {
      if let held = try? await queue.heartbeat(claim), !held { return stop.raise() }
    }
  }
}

/// The workers of one process.
struct WorkerTeam: Sendable {
  /// What their names begin with, in this process alone.
  let name: String
  let count: Int
}
