import Capacity
import Persistence
import Training

extension RawRepresentable<String> {
  /// The case of the same name. The enumerations of the database and of training have the same (`ProbeOutcomeTests`).
  init(named other: some RawRepresentable<String>) {
    guard let same = Self(rawValue: other.rawValue) else {
      preconditionFailure("\(Self.self) has no case \(other.rawValue)")
    }
    self = same
  }
}

extension ProbeMeasurement {
  /// How a probe ended, as it is stored.
  init(_ result: ProbeResult) {
    self.init(
      outcome: result.outcome.map(ProbeOutcome.init(named:)),
      verdict: result.verdict.map(ProbeVerdict.init(named:)),
      diagnosis: result.observation.diagnosis.map(\.rawValue),
      reached: JSONValue.array(result.observation.reached.map(\.json)).text(), steps: result.steps,
      seconds: result.json["seconds"]?.doubleValue ?? 0,
      kernels: result.kernels, report: result.json.text())
  }
}
