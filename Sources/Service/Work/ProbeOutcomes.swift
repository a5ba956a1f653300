import Capacity
import Persistence
import Training

extension Outcome {
  /// The outcome that a column holds.
  init(_ outcome: ProbeOutcome) {
    self =
      switch outcome {
      case .fit: .fit
      case .minimum: .minimum
      case .saddle: .saddle
      case .budget: .budget
      case .diverged: .diverged
      }
  }
}

extension ProbeOutcome {
  /// The outcome as a column holds it.
  init(_ outcome: Outcome) {
    self =
      switch outcome {
      case .fit: .fit
      case .minimum: .minimum
      case .saddle: .saddle
      case .budget: .budget
      case .diverged: .diverged
      }
  }
}

extension ProbeMeasurement {
  /// How a probe ended, as it is stored.
  init(_ result: ProbeResult) {
    self.init(
      outcome: ProbeOutcome(result.outcome), steps: result.steps,
      seconds: result.json["seconds"]?.doubleValue ?? 0,
      kernels: result.kernels, report: result.json.text())
  }
}
