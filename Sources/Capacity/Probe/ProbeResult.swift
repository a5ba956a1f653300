import Compute
import Training

/// How one probe ended, as results show it and as it is stored.
package struct ProbeResult: Sendable, Hashable {
  /// The size and the replicate.
  package let address: ProbeAddress
  /// How it ended.
  package let outcome: Outcome
  /// Everything that was measured, as results show it.
  package let json: JSONValue

  /// The result of a training run on this machine.
  ///
  /// - Parameters:
  ///   - test: what the trained network makes of the test samples, where it was asked for.
  ///   - seconds: the time it took, the one number that may differ between two runs.
  package init(address: ProbeAddress, report: TrainingReport, test: TestReport? = nil, seconds: Double) {
    self.address = address
    outcome = report.outcome
    guard case .object(var members) = report.json else { preconditionFailure("a report is an object") }
    if let test {
      members["test_accuracy"] = .finite(test.accuracy)
      members["test_loss"] = .finite(test.loss)
      members["test_samples"] = .integer(test.samples)
    }
    members["samples"] = .integer(address.samples)
    members["replicate"] = .integer(address.replicate)
    members["seconds"] = .finite(seconds)
    members["blas_kernels"] = .string(BLAS.kernels)
    json = .object(members)
  }

  /// Reads what was stored; nil when the text is no probe's result.
  package init?(json: JSONValue) {
    guard let samples = json["samples"]?.integerValue, let replicate = json["replicate"]?.integerValue,
      let outcome = json["outcome"]?.stringValue.flatMap(Outcome.init(rawValue:))
    else { return nil }
    address = ProbeAddress(samples: samples, replicate: replicate)
    self.outcome = outcome
    self.json = json
  }
}
