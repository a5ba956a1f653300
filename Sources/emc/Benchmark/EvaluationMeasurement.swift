import Compute
import Foundation
import Training

/// What the passes over all samples cost the probes of a search beside their steps.
struct EvaluationMeasurement: BenchmarkRow {
  let workload: String
  /// At sizes doubled until one isn't fitted.
  let probes: [Probe]
  let seconds: Double
  /// Of `seconds`, in passes over all samples that are no step's.
  let evaluationSeconds: Double
  /// The evaluations' time over that of everything else.
  let evaluationShare: Double
  let blasKernels: String

  enum CodingKeys: String, CodingKey {
    case workload, probes, seconds
    case evaluationSeconds = "evaluation_seconds"
    case evaluationShare = "evaluation_share"
    case blasKernels = "blas_kernels"
  }

  /// As above, of one probe of the default procedure on random labels.
  struct Probe: Encodable {
    let samples: Int
    let outcome: Outcome
    let steps: Int
    let epochs: Int
    let seconds: Double
    let evaluationSeconds: Double

    enum CodingKeys: String, CodingKey {
      case samples, outcome, steps, epochs, seconds
      case evaluationSeconds = "evaluation_seconds"
    }

    var evaluationShare: Double { evaluationSeconds / (seconds - evaluationSeconds) }
  }

  static let smallestSize = 128
  /// Where a probe that isn't fitted earlier ends: few, to come to an end soon. Longer probes have smaller shares.
  static let maxSteps = 1000

  static let heading = "largest fit    seconds   evaluating   over the rest   at most in a probe   kernels"

  var cells: String {
    let fits = probes.filter { $0.outcome == .fit }.map { String($0.samples) }
    let largest = probes.max { $0.evaluationShare < $1.evaluationShare }
    return (fits.last ?? "none").padding(toLength: 11, withPad: " ", startingAt: 0)
      + String(format: "%11.2f %12.3f %14.1f%%", seconds, evaluationSeconds, 100 * evaluationShare)
      + (largest.map { String(format: "%12.1f%% (%d)", 100 * $0.evaluationShare, $0.samples) } ?? "")
      + "   \(blasKernels)"
  }

  static func measure(_ workload: BenchmarkWorkload) throws -> EvaluationMeasurement {
    var probes = [try probe(workload, samples: smallestSize)]
    while let last = probes.last, last.outcome == .fit {
      probes.append(try probe(workload, samples: 2 * last.samples))
    }
    let seconds = probes.reduce(0) { $0 + $1.seconds }
    let evaluationSeconds = probes.reduce(0) { $0 + $1.evaluationSeconds }
    return EvaluationMeasurement(
      workload: workload.name, probes: probes, seconds: seconds, evaluationSeconds: evaluationSeconds,
      evaluationShare: evaluationSeconds / (seconds - evaluationSeconds), blasKernels: BLAS.kernels)
  }

  private static func probe(_ workload: BenchmarkWorkload, samples: Int) throws -> Probe {
    var procedure = Procedure()
    procedure.maxSteps = maxSteps
    let trainer = try Trainer<Float>(
      architecture: workload.architecture, trainingSet: workload.trainingSet(samples: samples),
      procedure: procedure, key: ProbeKey(seed: 1, samples: samples, replicate: 0))
    trainer.startClocks()
    let began = ContinuousClock.now
    guard let report = trainer.run(shouldStop: { false }) else {
      preconditionFailure("a probe that nobody stops ends")
    }
    return Probe(
      samples: samples, outcome: report.outcome, steps: report.steps, epochs: report.epochs,
      seconds: (ContinuousClock.now - began) / .seconds(1),
      evaluationSeconds: trainer.evaluationTime / .seconds(1))
  }
}
