import Compute
import Foundation

/// One workload's speed beside that of a large matrix product in the same run.
struct BenchmarkMeasurement: BenchmarkRow {
  let workload: String
  let microsecondsPerStep: Double
  let gflops: Double
  let sgemmGflops: Double
  /// The time that the step's products take at the rate of the large product, over the step's time.
  let shareOfBound: Double
  /// The part of the step's time in which its batch was gathered.
  let gatherShare: Double
  let blasKernels: String

  enum CodingKeys: String, CodingKey {
    case workload, gflops
    case microsecondsPerStep = "microseconds_per_step"
    case sgemmGflops = "sgemm_gflops"
    case shareOfBound = "share_of_bound"
    case gatherShare = "gather_share"
    case blasKernels = "blas_kernels"
  }

  static let heading = "  µs a step    GFLOP/s   sgemm GFLOP/s   share of bound   gather   kernels"

  var cells: String {
    String(
      format: "%11.1f %10.1f %15.1f %15.1f%% %7.1f%%", microsecondsPerStep, gflops, sgemmGflops,
      100 * shareOfBound, 100 * gatherShare) + "   \(blasKernels)"
  }

  /// Alternates epochs of the workload with products of 2048³, and takes the fastest of each: what the machine does
  /// when nothing else runs on it.
  static func measure(_ workload: BenchmarkWorkload, rounds: Int) throws -> BenchmarkMeasurement {
    let trainer = try workload.endlessTrainer()
    let steps = BenchmarkWorkload.samples / BenchmarkWorkload.batch
    func epoch() { trainer.takeSteps { $0 == steps } }
    let product = MatrixProduct(size: 2048)
    let clock = ContinuousClock()
    epoch()
    trainer.startClocks()
    var fastestEpoch = Double.infinity
    var gatherShare = 0.0
    var fastestProduct = Double.infinity
    for _ in 0..<rounds {
      fastestProduct = min(fastestProduct, clock.measure { product.multiply() } / .seconds(1))
      // Half a second of epochs, but at least two.
      var spent = 0.0
      var epochs = 0
      while spent < 0.5 || epochs < 2 {
        let gathered = trainer.gatherTime
        let seconds = clock.measure(epoch) / .seconds(1)
        if seconds < fastestEpoch {
          fastestEpoch = seconds
          gatherShare = (trainer.gatherTime - gathered) / .seconds(1) / seconds
        }
        spent += seconds
        epochs += 1
      }
    }
    let secondsPerStep = fastestEpoch / Double(steps)
    let gflops =
      Double(trainer.network.productFlopsPerSample * BenchmarkWorkload.batch) / secondsPerStep / 1e9
    let sgemmGflops = product.flops / fastestProduct / 1e9
    return BenchmarkMeasurement(
      workload: workload.name, microsecondsPerStep: secondsPerStep * 1e6, gflops: gflops,
      sgemmGflops: sgemmGflops, shareOfBound: gflops / sgemmGflops, gatherShare: gatherShare,
      blasKernels: BLAS.kernels)
  }
}
