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
  /// Together over alone in the same turn: at best the count.
  let ratio: Double
  /// As `ratio`, of matrix products that share nothing: what the machine's cores give while others use it too.
  let productRatio: Double
  let blasKernels: String

  enum CodingKeys: String, CodingKey {
    case workload, kind, count, ratio
    case stepsPerSecondAlone = "steps_per_second_alone"
    case stepsPerSecondTogether = "steps_per_second_together"
    case productRatio = "product_ratio"
    case blasKernels = "blas_kernels"
  }

  /// What is compared.
  enum Comparison {
    /// One probe of that many shards, on as many threads and on one.
    case shards(Int)
    /// That many probes side by side, and one.
    case probes(Int)
  }

  static let heading =
    "on threads    steps/s on one thread    steps/s on all    ratio   of products   kernels"

  var cells: String {
    "\(count) \(kind)".padding(toLength: 10, withPad: " ", startingAt: 0)
      + String(
        format: "%25.1f %17.1f %8.2f %13.2f", stepsPerSecondAlone, stepsPerSecondTogether, ratio, productRatio
      )
      + "   \(blasKernels)"
  }

  /// Alternates short turns of all that is compared, so that each ratio is of neighbours in time, and takes medians.
  static func measure(
    _ workload: BenchmarkWorkload, _ comparison: Comparison, rounds: Int
  ) throws -> ParallelMeasurement {
    let (kind, count) =
      switch comparison {
      case .shards(let count): ("shards", count)
      case .probes(let count): ("probes", count)
      }
    let (alone, together): ([Contender], [Contender])
    switch comparison {
    case .shards:
      alone = [.training(try workload.endlessTrainer(shards: count, threads: 1))]
      together = [.training(try workload.endlessTrainer(shards: count, threads: count))]
    case .probes:
      together = try (0..<count).map { .training(try workload.endlessTrainer(replicate: $0)) }
      alone = [together[0]]
    }
    let products = (0..<count).map { _ in Contender.product(MatrixProduct(size: 512)) }
    // Touches all memory.
    for contenders in [alone, together, products] { try rate(of: contenders) }
    var turns: [(alone: Double, together: Double, product: Double, products: Double)] = []
    for _ in 0..<rounds {
      turns.append(
        (try rate(of: alone), try rate(of: together), try rate(of: [products[0]]), try rate(of: products)))
    }
    return ParallelMeasurement(
      workload: workload.name, kind: kind, count: count, stepsPerSecondAlone: median(turns.map(\.alone)),
      stepsPerSecondTogether: median(turns.map(\.together)),
      ratio: median(turns.map { $0.together / $0.alone }),
      productRatio: median(turns.map { $0.products / $0.product }), blasKernels: BLAS.kernels)
  }

  /// What all do in a second, each in a thread of its own; over half a second and until every unit has ended.
  @discardableResult private static func rate(of contenders: [Contender]) throws -> Double {
    let ready = Atomic(0)
    let total = Mutex(0.0)
    try concurrently(contenders, workers: contenders.count) { contender in
      ready.add(1, ordering: .acquiringAndReleasing)
      while ready.load(ordering: .acquiring) < contenders.count { sched_yield() }
      let began = ContinuousClock.now
      let units = contender.work { began.duration(to: .now) >= .milliseconds(500) }
      let seconds = began.duration(to: .now) / .seconds(1)
      total.withLock { $0 += Double(units) / seconds }
    }
    return total.withLock { $0 }
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}

/// Something that works in units and says how many it has done when it is told to end. One thread uses it at a time.
private struct Contender: @unchecked Sendable {
  let work: (_ isOver: () -> Bool) -> Int

  static func training(_ trainer: Trainer<Float>) -> Contender {
    Contender { isOver in trainer.takeSteps { _ in isOver() } }
  }

  static func product(_ product: MatrixProduct) -> Contender {
    Contender { isOver in
      var count = 0
      repeat {
        product.multiply()
        count += 1
      } while !isOver()
      return count
    }
  }
}
