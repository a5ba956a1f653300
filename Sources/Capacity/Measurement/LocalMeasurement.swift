import Datasets
import Foundation
import Synchronization
import Training

/// Runs a measurement in this process, with no server and no database.
package struct LocalMeasurement: Sendable {
  /// The plan of the measurement.
  package let plan: MeasurementPlan
  private let runner: ProbeRunner
  private let workers: Int
  private let memoryLimit: Int
  /// Where a search goes on from the ends of its failures.
  private let ends: EndStates?
  /// Trains its probes, where it shares them with other measurements.
  private let pool: ProbePool?

  /// A measurement on this machine; its data set is fetched where it is not there yet.
  ///
  /// - Parameters:
  ///   - workers: how many probes are trained at once, each on a thread of its own; where there are fewer
  ///     probes, their shards have the threads that are left.
  ///   - memoryLimit: bytes that the probes that are trained at once may take together.
  /// - Throws: `DatasetError`
  package init(
    specification: MeasurementSpecification, library: DatasetLibrary, workers: Int,
    memoryLimit: Int = MemoryLimit.ofThisMachine
  ) throws {
    try self.init(
      specification: specification, library: library, workers: workers, memoryLimit: memoryLimit, pool: nil,
      ends: EndStates(memoryLimit: memoryLimit))
  }

  /// One of several measurements that share what trains their probes and the ends of those.
  ///
  /// - Parameters:
  ///   - pool: trains its probes, instead of threads of its own.
  ///   - ends: where probes go on from.
  init(
    specification: MeasurementSpecification, library: DatasetLibrary, workers: Int, memoryLimit: Int,
    pool: ProbePool?, ends: EndStates
  ) throws {
    precondition(workers > 0, "a measurement needs a worker")
    runner = ProbeRunner(library: library)
    plan = try runner.plan(specification, memoryLimit: memoryLimit)
    self.workers = workers
    self.memoryLimit = memoryLimit
    self.ends = specification.search.goesOnFromEnds ? ends : nil
    self.pool = pool
  }

  /// Trains probe after probe until the search has its estimate.
  ///
  /// - Parameters:
  ///   - earlier: probes of the same experiment that have ended before; those that are asked for aren't trained again.
  ///   - soFar: is told of every probe that has ended; of a measurement that hasn't begun.
  ///   - shouldStop: polled once a training step; true ends the measurement with `CancellationError`.
  ///   - onProbe: called from a worker's thread when a probe has ended that was trained, after `soFar` has been told.
  /// - Throws: `DatasetError`, or `CancellationError`.
  package func run(
    from earlier: [ProbeResult] = [], into soFar: MeasurementSoFar? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { false },
    onProbe: @escaping @Sendable (ProbeResult) -> Void = { _ in }
  ) throws -> (result: MeasurementResult, probes: [ProbeResult]) {
    let known = Dictionary(earlier.map { ($0.address, $0) }) { first, _ in first }
    // A limit of time counts from the first probe that is taken up, not from where a study's cell waits for a thread.
    let begun = Mutex<ContinuousClock.Instant?>(nil)
    let isOutOfTime = { @Sendable [plan] in
      plan.isOutOfTime(elapsed: begun.withLock { $0 }.map { (ContinuousClock.now - $0) / .seconds(1) })
    }
    let soFar = soFar ?? MeasurementSoFar(plan)
    do {
      while true {
        let results = soFar.probes
        switch plan.next(results.map(\.observation)) {
        case .result(let result): return (result, results.sorted { $0.address < $1.address })
        case .probes(let probes):
          let missing = probes.filter { known[$0.address] == nil }
          soFar.begin(missing.map(\.address), known: probes.compactMap { known[$0.address] })
          let stops = { @Sendable in shouldStop() || isOutOfTime() }
          if stops() { throw CancellationError() }
          let begin = { @Sendable in begun.withLock { $0 = $0 ?? .now } }
          _ = try train(missing, shouldStop: stops, onBegin: begin) { probe in
            soFar.take(probe)
            onProbe(probe)
          }
        }
      }
    } catch is CancellationError {
      guard !shouldStop(), isOutOfTime() else { throw CancellationError() }
      let results = soFar.probes.sorted { $0.address < $1.address }
      return (plan.result(results.map(\.observation), end: .maxSeconds), results)
    }
  }

  /// Trains replicates 0 ..< `replicates` of each size, whatever the search would ask for.
  ///
  /// - Parameter save: called from a worker's thread with each probe's network as it is at the end.
  package func run(
    sizes: [Int], replicates: Int, save: (@Sendable (TrainedNetwork) throws -> Void)? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> [ProbeResult] {
    let probes = sizes.flatMap { samples in
      (0..<replicates).map { plan.probe(ProbeAddress(samples: samples, replicate: $0)) }
    }
    return try train(probes, save: save, shouldStop: shouldStop).sorted { $0.address < $1.address }
  }

  /// As many as memory holds at once of the largest of these probes.
  private func workers(for probes: [ProbeSpecification]) -> Int {
    let largest =
      Dictionary(grouping: probes, by: \.address.place)
      .compactMap { plan.memory(of: $0.value[0]) }.max() ?? 0
    return min(workers, max(1, memoryLimit / max(1, largest)))
  }

  private func train(
    _ probes: [ProbeSpecification], save: (@Sendable (TrainedNetwork) throws -> Void)? = nil,
    shouldStop: @escaping @Sendable () -> Bool, onBegin: @escaping @Sendable () -> Void = {},
    onProbe: @escaping @Sendable (ProbeResult) -> Void = { _ in }
  ) throws -> [ProbeResult] {
    guard !probes.isEmpty else { return [] }
    if let pool, save == nil {
      return try train(probes, in: pool, shouldStop: shouldStop, onBegin: onBegin, onProbe: onProbe)
    }
    let ended = Mutex<[ProbeResult]>([])
    let workers = workers(for: probes)
    // Workers that would have no probe of their own take shards.
    let threads = threadShare(workers: self.workers, probes: min(workers, probes.count))
    try concurrently(probes, workers: workers) { probe in
      onBegin()
      let result = try train(probe, threads: threads, save: save, shouldStop: shouldStop)
      ended.withLock { $0.append(result) }
      onProbe(result)
    }
    return ended.withLock { $0 }
  }

  /// Trains a probe, from the end of a shorter one of its run where that is kept.
  private func train(
    _ probe: ProbeSpecification, threads: Int, save: (@Sendable (TrainedNetwork) throws -> Void)?,
    shouldStop: @escaping @Sendable () -> Bool
  ) throws -> ProbeResult {
    let run = try runner.run(
      probe, threads: threads, checkpoints: ProbeCheckpoints(resume: ends?.state(for: probe)), save: save,
      shouldStop: shouldStop)
    guard case .ended(let result, let end) = run else { throw CancellationError() }
    if let ends, let end { ends.keep(end, of: probe) }
    return result
  }

  private func train(
    _ probes: [ProbeSpecification], in pool: ProbePool, shouldStop: @escaping @Sendable () -> Bool,
    onBegin: @escaping @Sendable () -> Void, onProbe: (ProbeResult) -> Void
  ) throws -> [ProbeResult] {
    try pool.train(
      probes.map { probe in
        ProbePool.Request(
          digest: probe.digest, address: probe.address,
          memory: plan.memory(of: probe) ?? 0
        ) { threads in
          onBegin()
          return try train(probe, threads: threads, save: nil, shouldStop: shouldStop)
        }
      }, shouldStop: shouldStop, onResult: onProbe)
  }
}
