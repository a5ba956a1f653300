import Capacity
import Datasets
import Foundation
import Logging
import Persistence

/// Trains the probes that the process claims, one at a time, and hands on how they ended.
struct Worker: Sendable {
  let team: WorkerTeam
  let supply: ProbeSupply
  let lacks: Lacks
  let queue: ProbeQueue
  let checkpoints: CheckpointStore
  let delivery: OutcomeDelivery
  let advancer: JobAdvancer
  let runner: ProbeRunner
  let underWay: ProbesUnderWay
  let checkpointInterval: Duration
  let metrics: TrainingMetrics
  let logger: Logger

  /// Seconds of training from which on the end of a failed probe is worth keeping.
  private static let keptSeconds = 2.0

  /// Works until the supply is closed; the probe that is under way then is handed back with its state.
  func run() async {
    while let (claim, stop) = await supply.next() { await work(on: claim, stop) }
  }

  private func work(on claim: ClaimedProbe, _ stop: StopFlag) async {
    let writer = CheckpointWriter(
      store: checkpoints, fence: claim.fence, interval: checkpointInterval, logger: logger)
    do {
      let probe = try await onOwnThread { try read(claim) }
      let resume = await checkpoint(for: claim)
      let threads = await threads(for: probe)
      let started = ContinuousClock.now
      let run = try await onOwnThread(priority: .training) {
        let run = try runner.run(
          probe, threads: threads,
          checkpoints: ProbeCheckpoints(
            resume: resume, isDue: { writer.isDue }, write: { writer.take($0) },
            onUnusable: { logger.warning("a checkpoint is left", metadata: ["reason": "\($0)"]) }),
          progress: { underWay.note($0, of: claim.digest) }, shouldStop: { stop.isRaised })
        if case .ended(let result, _) = run { metrics.count(probe, result, runner) }
        return run
      }
      underWay.remove(claim.digest)
      await supply.trained(seconds: (ContinuousClock.now - started) / .seconds(1))
      await writer.settle()
      switch run {
      case .ended(let result, let end):
        if let digest = claim.datasetDigest { lacks.forget(digest) }
        // A short run is sooner trained again, with the same bits.
        if let end, end.seconds >= Self.keptSeconds { await writer.write(end, isEnd: true) }
        await delivery.deliver(claim.fence, ProbeMeasurement(result))
      case .stopped(let state):
        // Also of a probe that a heartbeat has put back, whose job may be resumed. Where the claim was lost to another
        // worker, the attempt is that one's by now and nothing is written.
        if let state { await writer.write(state) }
        await giveUp(claim) { try await queue.handBack(claim) }
      }
    } catch {
      underWay.remove(claim.digest)
      if await handBack(claim, lacking: error) { return }
      logger.warning("probe can't be run", metadata: ["probe": "\(claim.digest)", "error": "\(error)"])
      let reason = (error as? DatasetError)?.withoutPaths ?? "\(error)"
      await giveUp(claim) { try await queue.fail(claim.fence, error: reason) }
      await delivery.hasEnded(claim.fence)
    }
  }

  /// Hands a probe back that this machine lacks something for, and says so; false where it is no lack.
  private func handBack(_ claim: ClaimedProbe, lacking error: any Error) async -> Bool {
    guard let dataset = (try? read(claim))?.experiment.data.dataset,
      let lack = MachineLack(error, dataset: dataset.reference.name, hasMirror: runner.library.hasMirror)
    else { return false }
    logger.warning(
      "probe is handed back", metadata: ["probe": "\(claim.digest)", "lacking": "\(error)"])
    if let digest = claim.datasetDigest { lacks.note(digest) }
    await giveUp(claim) { try await queue.handBack(claim) }
    do {
      try await advancer.probeWaits(claim.digest, for: lack)
    } catch {
      logger.warning("a lack could not be told", metadata: ["error": "\(error)"])
    }
    return true
  }

  /// Lets go of a claim; where the database is away its lease runs out by itself.
  private func giveUp(_ claim: ClaimedProbe, _ change: () async throws -> Bool) async {
    do {
      _ = try await change()
    } catch {
      await supply.noteFailure()
      logger.warning(
        "a claim was not handed back", metadata: ["probe": "\(claim.digest)", "error": "\(error)"])
    }
    await supply.release(claim.fence)
  }

  /// The state to go on from. A state is only a cache: what can't be had is trained.
  private func checkpoint(for claim: ClaimedProbe) async -> Data? {
    guard claim.hasCheckpoint else { return nil }
    do {
      return try await checkpoints.latest(for: claim)?.state
    } catch {
      logger.warning(
        "a checkpoint was not read", metadata: ["probe": "\(claim.digest)", "error": "\(error)"])
      return nil
    }
  }

  /// Threads for a probe with shards: an even share of this process's workers among the probes that they
  /// train or could claim. A share once given is kept to the probe's end.
  private func threads(for probe: ProbeSpecification) async -> Int {
    guard probe.experiment.training.shards > 1,
      let probes = try? await queue.demand(ofWorkersNamed: team.name)
    else { return 1 }
    return threadShare(workers: team.count, probes: probes)
  }

  private func read(_ claim: ClaimedProbe) throws -> ProbeSpecification {
    try ProbeSpecification(json: JSONValue(parsing: claim.specification.utf8))
  }
}
