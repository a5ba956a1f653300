import Foundation
import Persistence
import Synchronization

extension PoolUsage {
  /// As metrics of a pool.
  func samples(_ pool: String) -> [PrometheusExporter.Sample] {
    [
      .init(.connections, Double(idle), ["pool": pool, "state": "idle"]),
      .init(.connections, Double(busy), ["pool": pool, "state": "busy"]),
      .init(.connectionWaiters, Double(waiting), ["pool": pool]),
    ]
  }
}

/// What the database knows of all machines. Asked for at most every five seconds, however many ask for metrics.
final class DatabaseMetrics: Sendable {
  private let overview: ServiceOverview
  private let known = Mutex<(samples: [PrometheusExporter.Sample], until: ContinuousClock.Instant)?>(nil)

  private static let memory = Duration.seconds(5)

  init(_ overview: ServiceOverview) { self.overview = overview }

  func samples() async -> [PrometheusExporter.Sample] {
    if let known = known.withLock({ $0 }), known.until > .now { return known.samples }
    guard let samples = try? await look() else {
      // What was known before says nothing of now.
      known.withLock { $0 = nil }
      return [.init(.databaseUp, 0)]
    }
    known.withLock { $0 = (samples, .now + Self.memory) }
    return samples
  }

  private func look() async throws -> [PrometheusExporter.Sample] {
    let queue = try await overview.queue()
    let totals = try await overview.totals()
    let processes = try await overview.processes().filter(\.isAlive)
    let threads = processes.reduce(0) { $0 + $1.workers }
    let running = min(queue.probes["running"] ?? 0, threads)
    var samples: [PrometheusExporter.Sample] = [
      .init(.databaseUp, 1),
      .init(.queuedProbes, Double(queue.probes["queued"] ?? 0)),
      .init(.runningProbes, Double(queue.probes["running"] ?? 0)),
      .init(.headAge, queue.headAge?.inSeconds ?? 0),
      .init(.steps, totals.steps), .init(.trainingSeconds, totals.seconds),
      .init(.workerProcesses, Double(processes.count)),
      .init(.workerThreads, Double(running), ["state": "training"]),
      .init(.workerThreads, Double(threads - running), ["state": "idle"]),
      .init(.pendingDeliveries, Double(totals.pendingDeliveries)),
    ]
    for state in JobState.allCases {
      samples.append(.init(.jobs, Double(queue.jobs[state.rawValue] ?? 0), ["state": state.rawValue]))
    }
    for (outcome, count) in totals.probes {
      samples.append(.init(.probes, Double(count), ["outcome": outcome]))
    }
    return samples
  }
}
