import Compute
import Foundation
import Training

/// What the passes over all samples cost a probe of the default procedure beside its steps.
struct EvaluationMeasurement: BenchmarkRow {
  let workload: String
  let outcome: String
  let steps: Int
  let epochs: Int
  let seconds: Double
  /// Of `seconds`, in passes over all samples that are no step's.
  let evaluationSeconds: Double
  /// The evaluations' time over that of everything else.
  let evaluationShare: Double
  let blasKernels: String

  enum CodingKeys: String, CodingKey {
    case workload, outcome, steps, epochs, seconds
    case evaluationSeconds = "evaluation_seconds"
    case evaluationShare = "evaluation_share"
    case blasKernels = "blas_kernels"
  }

  /// Where a probe that isn't fitted earlier ends.
  static let maxSteps = 2000

  static let heading = "outcome    steps   epochs    seconds   evaluating   over the rest   kernels"

  var cells: String {
    outcome.padding(toLength: 8, withPad: " ", startingAt: 0)
      + String(
        format: "%8d %8d %10.2f %12.3f %14.1f%%", steps, epochs, seconds, evaluationSeconds,
        100 * evaluationShare)
      + "   \(blasKernels)"
  }

  static func measure(_ workload: BenchmarkWorkload) throws -> EvaluationMeasurement {
    var procedure = Procedure()
    procedure.maxSteps = maxSteps
    let trainer = try Trainer<Float>(
      architecture: workload.architecture, trainingSet: workload.trainingSet(), procedure: procedure,
      key: ProbeKey(seed: 1, samples: BenchmarkWorkload.samples, replicate: 0))
    trainer.startClocks()
    let began = ContinuousClock.now
    guard let report = trainer.run(shouldStop: { false }) else {
      preconditionFailure("a probe that nobody stops ends")
    }
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    let evaluationSeconds = trainer.evaluationTime / .seconds(1)
    return EvaluationMeasurement(
      workload: workload.name, outcome: report.outcome.rawValue, steps: report.steps, epochs: report.epochs,
      seconds: seconds, evaluationSeconds: evaluationSeconds,
      evaluationShare: evaluationSeconds / (seconds - evaluationSeconds), blasKernels: BLAS.kernels)
  }
}
