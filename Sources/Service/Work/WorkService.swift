import Capacity
import Datasets
import Foundation
import Logging
import Persistence
import ServiceLifecycle
import Synchronization

/// Trains probes and advances jobs until shutdown: the workers, what keeps their claims and delivers their
/// outcomes, and the sweep that finds what a crash or a lost notification left behind.
package struct WorkService: ServiceLifecycle.Service {
  let database: Database
  let events: NotificationListener
  let datasets: DatasetLibrary
  let options: WorkOptions
  let identity: WorkerIdentity
  let metrics: PrometheusExporter
  let logger: Logger

  /// How often live jobs with nothing under way are looked for.
  private static let sweepInterval = Duration.seconds(5)
  /// Every which sweep deletes what nobody needs any more, and what is old.
  private static let deletingSweeps = 12
  /// How often the progress of jobs is shown whose round is still under way.
  private static let progressInterval = Duration.seconds(1)

  /// How long training has to end after it was told to; then its probes are handed back without it.
  private static let stopGrace = Duration.seconds(3)

  /// How long a shutdown waits for a database that doesn't answer.
  private static let shutdownPatience = Duration.seconds(4)

  /// Work on the jobs of a database.
  ///
  /// - Parameters:
  ///   - events: what is told of the database in this process; stays open.
  ///   - metrics: what probes take is counted there.
  package init(
    database: Database, events: NotificationListener, datasets: DatasetLibrary, options: WorkOptions,
    identity: WorkerIdentity, metrics: PrometheusExporter = PrometheusExporter(), logger: Logger
  ) {
    self.database = database
    self.events = events
    self.datasets = datasets
    self.options = options
    self.identity = identity
    self.metrics = metrics
    self.logger = logger
  }

  /// Works until graceful shutdown; probes that are under way then are handed back.
  package func run() async throws {
    let queue = ProbeQueue(
      database: database, engineRevision: options.engineRevision, lease: ProbeSupply.lease)
    let runner = ProbeRunner(library: datasets)
    let stop = StopFlag()
    let lacks = Lacks()
    let advancer = JobAdvancer(
      jobs: JobStore(database: database, engineRevision: options.engineRevision),
      pinner: DatasetPinner(
        runner: runner, fetches: options.workers > 0, memoryLimit: options.memoryLimit, stop: stop,
        lacks: lacks),
      logger: logger)
    let team = WorkerTeam(name: identity.name, count: options.workers)
    let supply = ProbeSupply(
      queue: queue, team: team, memoryLimit: options.memoryLimit, lacks: lacks, logger: logger)
    let (ended, announceEnded) = AsyncStream<[String]>.makeStream()
    let delivery = OutcomeDelivery(
      queue: queue, outbox: Outbox(folder: identity.outbox), logger: logger,
      onDelivered: { fences in
        for fence in fences { await supply.release(fence) }
        announceEnded.yield(fences.map(\.digest))
      }, onFailure: { await supply.noteFailure() })
    let training = TrainingMetrics(metrics)
    let checkpoints = CheckpointStore(database: database)
    let underWay = ProbesUnderWay()

    // What an earlier process of this name left: first its outcomes, then its probes, which need not wait for
    // their leases.
    let isReady = try await whenThereIsADatabase {
      try await delivery.deliverLeftovers()
      try await queue.takeBack(fromWorkersNamed: identity.name)
      try await queue.announceProcess(named: identity.name, workers: options.workers, isNew: true)
    }
    guard isReady else { return }

    let giveUp = Mutex<Task<Void, any Error>?>(nil)
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { group in
        group.addTask { await supply.keepLeases() }
        group.addTask { await listen(advancer, supply) }
        group.addTask { await sweep(advancer, supply, queue, checkpoints) }
        group.addTask {
          while (try? await Task.sleep(for: Self.progressInterval)) != nil {
            await advancer.showProgress()
            await advancer.endOverdue()
          }
        }
        group.addTask { await advance(ended, advancer) }
        if options.workers > 0 { group.addTask { await underWay.tell(queue, logger) } }
        async let delivered: Void = delivery.run()
        await withDiscardingTaskGroup { workers in
          workers.addTask { await supply.claimForWorkers() }
          for _ in 0..<options.workers {
            let worker = Worker(
              team: team, supply: supply, lacks: lacks, queue: queue, checkpoints: checkpoints,
              delivery: delivery, advancer: advancer, runner: runner, underWay: underWay,
              checkpointInterval: options.checkpointInterval, metrics: training,
              logger: logger)
            workers.addTask { await worker.run() }
          }
        }
        await delivery.close()
        await delivered
        group.cancelAll()
      }
    } onGracefulShutdown: {
      stop.raise()
      Task {
        await supply.close()
        // Who hasn't ended by then is not waited for.
        try? await Task.sleep(for: Self.stopGrace)
        await supply.handBackHeld(but: await delivery.underWay)
      }
      giveUp.withLock { task in
        task = Task {
          try await Task.sleep(for: Self.shutdownPatience)
          database.giveUp()
        }
      }
    }
    giveUp.withLock { $0?.cancel() }
    announceEnded.finish()
  }

  /// Does something once the database is there; false when the service is to stop before.
  private func whenThereIsADatabase(_ body: @escaping @Sendable () async throws -> Void) async throws -> Bool
  {
    try await cancelWhenGracefulShutdown {
      while true {
        do {
          try await body()
          return true
        } catch let error as DatabaseError where error.isOutage {
          logger.warning("work waits for the database", metadata: ["error": "\(error)"])
        } catch is CancellationError {
          return false
        }
        if (try? await Task.sleep(for: .seconds(1))) == nil { return false }
      }
    }
  }

  /// Advances jobs as their probes end. What fails here the sweep makes good.
  private func advance(_ ended: AsyncStream<[String]>, _ advancer: JobAdvancer) async {
    await withDiscardingTaskGroup { group in
      for await digests in ended {
        group.addTask {
          do {
            try await advancer.probesEnded(digests)
          } catch {
            logger.warning("jobs could not be advanced", metadata: ["error": "\(error)"])
          }
        }
      }
    }
  }

  private func listen(_ advancer: JobAdvancer, _ supply: ProbeSupply) async {
    await withDiscardingTaskGroup { group in
      for await event in events.events() {
        switch event {
        case .job(let id, .queued, _): group.addTask { await advancer.advance(id) }
        case .probesQueued, .connected: supply.bell.ring()
        case .job, .jobDeleted, .probeEnded, .training, .disconnected: break
        }
      }
    }
  }

  private func sweep(
    _ advancer: JobAdvancer, _ supply: ProbeSupply, _ queue: ProbeQueue, _ checkpoints: CheckpointStore
  ) async {
    await withDiscardingTaskGroup { group in
      var sweeps = 0
      repeat {
        defer { sweeps += 1 }
        do {
          try await queue.announceProcess(named: identity.name, workers: options.workers, isNew: false)
          try await supply.reclaim()
          for id in try await advancer.jobs.jobsToAdvance() { group.addTask { await advancer.advance(id) } }
          for id in try await advancer.jobs.failOrphans(after: options.revisionGrace) {
            logger.warning("job fails: no process has its engine's revision", metadata: ["job": "\(id)"])
          }
          if options.workers > 0 { try await advancer.jobs.setWaitingForMemory(above: options.memoryLimit) }
          if sweeps % Self.deletingSweeps == 0 {
            try await IdempotencyKeys(database: database).deleteOld()
            try await checkpoints.deleteUnneeded(limit: options.checkpointLimit)
            if let retention = options.retention { try await advancer.jobs.deleteEnded(before: retention) }
          }
        } catch {
          logger.warning("the sweep has no database", metadata: ["error": "\(error)"])
        }
      } while (try? await Task.sleep(for: Self.sweepInterval)) != nil
    }
  }
}

/// How a process works.
package struct WorkOptions: Sendable {
  /// How many probes are trained at once.
  package var workers: Int
  /// Bytes that they may take together.
  package var memoryLimit: Int
  /// Bytes of the ends of failed probes that are kept for jobs that may go on from them.
  package var checkpointLimit: Int
  /// How often the state of a probe under way is kept.
  package var checkpointInterval: Duration
  /// How long jobs stay that have ended, and probes that no job has any more; nil: for ever.
  package var retention: Duration?
  /// The revision of the engine.
  package var engineRevision: Int

  /// How long a revision of the engine that no process has may stay away before its jobs fail.
  package var revisionGrace: Duration

  /// How a process works; the defaults are those of the commands.
  package init(
    workers: Int, memoryLimit: Int = .max, checkpointLimit: Int = WorkOptions.defaultCheckpointLimit,
    checkpointInterval: Duration = .seconds(60), retention: Duration? = nil,
    engineRevision: Int = Capacity.engineRevision, revisionGrace: Duration = .seconds(60)
  ) {
    self.workers = workers
    self.memoryLimit = memoryLimit
    self.checkpointLimit = checkpointLimit
    self.checkpointInterval = checkpointInterval
    self.retention = retention
    self.engineRevision = engineRevision
    self.revisionGrace = revisionGrace
  }

  /// 4 GiB.
  package static let defaultCheckpointLimit = 4 << 30
}
