import Capacity
import Datasets
import Foundation
import Logging
import Persistence
import ServiceLifecycle

/// Trains probes and advances jobs until shutdown: the workers, the listener that wakes them, and the sweep
/// that finds what a crash or a lost notification left behind.
package struct WorkService: ServiceLifecycle.Service {
  let database: Database
  let datasets: DatasetLibrary
  let workers: Int
  let identity: WorkerIdentity
  let logger: Logger

  /// How often live jobs with nothing under way are looked for.
  static let sweepInterval = Duration.seconds(5)

  /// Work on the jobs of a database.
  package init(
    database: Database, datasets: DatasetLibrary, workers: Int, identity: WorkerIdentity, logger: Logger
  ) {
    self.database = database
    self.datasets = datasets
    self.workers = workers
    self.identity = identity
    self.logger = logger
  }

  /// Works until graceful shutdown; probes that are under way then are handed back.
  package func run() async throws {
    let queue = ProbeQueue(database: database, engineRevision: engineRevision, lease: Worker.lease)
    // Whoever had this name before is dead: its probes need not wait for their leases.
    try await queue.takeBack(fromWorkersNamed: identity.name)
    let listener = try NotificationListener(url: database.url, logger: logger)
    let advancer = JobAdvancer(
      jobs: JobStore(database: database, engineRevision: engineRevision), datasets: datasets, logger: logger)
    let probesQueued = Wakeup()
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        for index in 0..<workers {
          let worker = Worker(
            team: WorkerTeam(name: identity.name, count: workers), index: index, queue: queue,
            runner: ProbeRunner(library: datasets), advancer: advancer, probesQueued: probesQueued,
            logger: logger)
          group.addTask { await worker.run() }
        }
        group.addTask { await sweep(advancer, queue) }
        for await event in listener.events() {
          switch event {
          case .job(let id, .queued, _): group.addTask { await advancer.advance(id) }
          case .probesQueued, .connected: probesQueued.ring()
          case .job, .jobDeleted: break
          }
        }
        group.cancelAll()
      }
    }
    listener.close()
  }

  private func sweep(_ advancer: JobAdvancer, _ queue: ProbeQueue) async {
    await withDiscardingTaskGroup { group in
      repeat {
        do {
          try await queue.reclaim()
          for id in try await advancer.jobs.jobsToAdvance() { group.addTask { await advancer.advance(id) } }
        } catch {
          logger.warning("the sweep has no database", metadata: ["error": "\(error)"])
        }
      } while (try? await Task.sleep(for: Self.sweepInterval)) != nil
    }
  }
}
