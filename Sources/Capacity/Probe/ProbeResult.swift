import Compute
import Training

/// How one probe ended, as results show it and as it is stored.
package struct ProbeResult: Sendable, Hashable {
  /// The size and the replicate.
  package let address: ProbeAddress
  /// How it ended.
  package let outcome: Outcome
  /// Steps taken.
  package let steps: Int
  /// The kernels that it was trained with.
  package let kernels: String
  /// Everything that was measured, as results show it.
  package let json: JSONValue

  /// What a search reads of it.
  package var observation: ProbeObservation {
    ProbeObservation(address: address, outcome: outcome, steps: steps, kernels: kernels)
  }

  /// The result of a training run on this machine.
  ///
  /// - Parameters:
  ///   - indices: of each sample of the training set its index in the data set.
  ///   - test: what the trained network makes of the test samples, where it was asked for.
  ///   - seconds: the time it took, the one number that may differ between two runs.
  package init(
    address: ProbeAddress, report: TrainingReport, indices: [Int], test: TestReport? = nil, seconds: Double
  ) {
    self.address = address
    outcome = report.outcome
    steps = report.steps
    kernels = BLAS.kernels
    guard case .object(var members) = report.json(indices: indices) else {
      preconditionFailure("a report is an object")
    }
    if let test {
      members["test_accuracy"] = .finite(test.accuracy)
      members["test_loss"] = .finite(test.loss)
      members["test_samples"] = .integer(test.samples)
    }
    members["samples"] = .integer(address.samples)
    members["replicate"] = .integer(address.replicate)
    members["seconds"] = .finite(seconds)
    members["blas_kernels"] = .string(kernels)
    json = .object(members)
  }

  /// Reads what was stored; nil when the text is no probe's result.
  package init?(json: JSONValue) {
    guard let samples = json["samples"]?.integerValue, let replicate = json["replicate"]?.integerValue,
      let outcome = json["outcome"]?.stringValue.flatMap(Outcome.init(rawValue:)),
      let steps = json["steps"]?.integerValue, let kernels = json["blas_kernels"]?.stringValue
    else { return nil }
    address = ProbeAddress(samples: samples, replicate: replicate)
    self.outcome = outcome
    self.steps = steps
    self.kernels = kernels
    self.json = json
  }
}
