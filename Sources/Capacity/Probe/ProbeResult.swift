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
  ///   - maxSteps: the guard that it was given.
  ///   - seconds: the time it took, the one number that may differ between two runs.
  package init(
    address: ProbeAddress, report: TrainingReport, indices: [Int], test: TestReport? = nil, maxSteps: Int,
    seconds: Double
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
    members["max_steps"] = .integer(maxSteps)
    members["seconds"] = .finite(seconds)
    members["blas_kernels"] = .string(kernels)
    json = .object(members)
  }

  /// Reads what was stored; nil when the text is no probe's result.
  ///
  /// - Parameter guardSteps: the guard of the measurement that it belongs to.
  package init?(json: JSONValue, guardSteps: Int? = nil) {
    guard let samples = json["samples"]?.integerValue, let replicate = json["replicate"]?.integerValue,
      let outcome = json["outcome"]?.stringValue.flatMap(Outcome.init(rawValue:)),
      let steps = json["steps"]?.integerValue, let kernels = json["blas_kernels"]?.stringValue
    else { return nil }
    let factor =
      guardSteps.flatMap { guardSteps in json["max_steps"]?.integerValue.map { $0 / guardSteps } } ?? 1
    address = ProbeAddress(
      samples: samples, replicate: replicate, doublings: max(1, factor).trailingZeroBitCount)
    self.outcome = outcome
    self.steps = steps
    self.kernels = kernels
    self.json = json
  }
}
