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

extension FailureVerdict {
  /// The verdict that a column holds.
  init(_ verdict: ProbeVerdict) {
    self =
      switch verdict {
      case .reachable: .reachable
      case .minimum: .minimum
      case .nonsmoothMinimum: .nonsmoothMinimum
      case .unbounded: .unbounded
      case .undecided: .undecided
      }
  }
}

extension ProbeVerdict {
  /// The verdict as a column holds it.
  init(_ verdict: FailureVerdict) {
    self =
      switch verdict {
      case .reachable: .reachable
      case .minimum: .minimum
      case .nonsmoothMinimum: .nonsmoothMinimum
      case .unbounded: .unbounded
      case .undecided: .undecided
      }
  }
}

extension ProbeMeasurement {
  /// How a probe ended, as it is stored.
  init(_ result: ProbeResult) {
    self.init(
      outcome: result.outcome.map(ProbeOutcome.init), verdict: result.verdict.map(ProbeVerdict.init),
      diagnosis: result.observation.diagnosis.map(\.rawValue),
      reached: JSONValue.array(result.observation.reached.map(\.json)).text(), steps: result.steps,
      seconds: result.json["seconds"]?.doubleValue ?? 0,
      kernels: result.kernels, report: result.json.text())
  }
}
