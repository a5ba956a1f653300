import Capacity
import Compute
import Foundation
import Synchronization
import Training

/// What several cores make of one workload: probes trained as the service trains them, more threads against one.
struct ParallelMeasurement: BenchmarkRow {
  let workload: String
  /// What runs on the threads: `shards` of one probe, or `probes`.
  let kind: String
  /// How many there are; one a thread.
  let count: Int
  /// Of one probe, on one thread.
  let stepsPerSecondAlone: Double
  /// Of all probes, on all threads.
  let stepsPerSecondTogether: Double
  /// Together over alone: at best the count.
  let ratio: Double
  let blasKernels: String

  enum CodingKeys: String, CodingKey {
    case workload, kind, count, ratio
    case stepsPerSecondAlone = "steps_per_second_alone"
    case stepsPerSecondTogether = "steps_per_second_together"
    case blasKernels = "blas_kernels"
  }

  /// What is compared.
  enum Comparison {
    /// One probe of that many shards, on as many threads and on one.
    case shards(Int)
    /// That many probes side by side, and one.
    case probes(Int)
  }

  static let heading = "on threads    steps/s on one thread    steps/s on all    ratio   kernels"

  var cells: String {
    "\(count) \(kind)".padding(toLength: 10, withPad: " ", startingAt: 0)
      + String(format: "%25.1f %17.1f %8.2f", stepsPerSecondAlone, stepsPerSecondTogether, ratio)
      + "   \(blasKernels)"
  }

  static func measure(
    _ workload: BenchmarkWorkload, _ comparison: Comparison, rounds: Int
  ) throws -> ParallelMeasurement {
    let (kind, count, shards, probes) =
      switch comparison {
      case .shards(let count): ("shards", count, count, 1)
      case .probes(let count): ("probes", count, 1, count)
      }
    let data = (0..<probes).map { workload.trainingSet(replicate: $0) }
    var (alone, together) = (0.0, 0.0)
    for _ in 0..<rounds {
      alone = max(alone, try stepsPerSecond(workload, data: [data[0]], shards: shards, threads: 1))
      together = max(together, try stepsPerSecond(workload, data: data, shards: shards, threads: shards))
    }
    return ParallelMeasurement(
      workload: workload.name, kind: kind, count: count, stepsPerSecondAlone: alone,
      stepsPerSecondTogether: together, ratio: together / alone, blasKernels: BLAS.kernels)
  }

  /// The rates, summed, of one probe on every data set, each in a thread of its own with `threads` for its shards.
  private static func stepsPerSecond(
    _ workload: BenchmarkWorkload, data: [TrainingSet<Float>], shards: Int, threads: Int
  ) throws -> Double {
    var procedure = Procedure()
    procedure.shards = shards
    // So small that nothing is fitted while the clock runs.
    procedure.learningRate = .fixed(1e-4)
    procedure.maxSteps = 1_000_000_000
    let race = StepRace(probes: data.count)
    let rates = Mutex<[Result<Double, any Error>]>([])
    // An error is kept, not thrown: the others wait for every probe to begin.
    try concurrently(Array(data.enumerated()), workers: data.count) { [procedure] replicate, set in
      let rate = Result {
        try race.stepsPerSecond(workload, set, procedure, replicate: replicate, threads: threads)
      }
      rates.withLock { $0.append(rate) }
    }
    return try rates.withLock { $0 }.reduce(0) { try $0 + $1.get() }
  }
}

/// Probes whose clocks start together after an epoch, and that all go on until the last clock has stopped.
private final class StepRace: Sendable {
  private let probes: Int
  private let ready = Atomic(0)
  private let done = Atomic(0)

  init(probes: Int) { self.probes = probes }

  /// The rate of one probe, over whole epochs of at least half a second and two of them.
  func stepsPerSecond(
    _ workload: BenchmarkWorkload, _ data: TrainingSet<Float>, _ procedure: Procedure, replicate: Int,
    threads: Int
  ) throws -> Double {
    let epoch = BenchmarkWorkload.samples / BenchmarkWorkload.batch
    var began: ContinuousClock.Instant?
    var rate: Double?
    // Who can't even begin must not keep the others waiting.
    defer { if began == nil { retire() } }
    let trainer = try Trainer(
      architecture: workload.architecture, trainingSet: data, procedure: procedure,
      key: ProbeKey(seed: 1, samples: data.count, replicate: replicate), threads: threads)
    _ = trainer.run(shouldStop: {
      // Asked before every step, and within long ones.
      let steps = trainer.steps - epoch
      if began == nil, steps == 0 {
        ready.add(1, ordering: .acquiringAndReleasing)
        while ready.load(ordering: .acquiring) < probes { sched_yield() }
        began = .now
      }
      if rate == nil, let began, steps >= 2 * epoch, steps % epoch == 0 {
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        if seconds >= 0.5 {
          rate = Double(steps) / seconds
          done.add(1, ordering: .acquiringAndReleasing)
        }
      }
      return done.load(ordering: .acquiring) == probes
    })
    guard let rate else {
      throw WrongUsage(description: "\(workload.name) ended before it could be measured")
    }
    return rate
  }

  private func retire() {
    ready.add(1, ordering: .acquiringAndReleasing)
    done.add(1, ordering: .acquiringAndReleasing)
  }
}
