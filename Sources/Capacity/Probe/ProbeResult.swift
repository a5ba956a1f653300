import Compute
import Training

/// How one probe ended, as results show it and as it is stored.
package struct ProbeResult: Sendable, Hashable {
  /// The size, the replicate, and what was done there.
  package private(set) var address: ProbeAddress
  /// How training ended; nil for a verification.
  package let outcome: Outcome?
  /// What a verification found; nil for a training run.
  package let verdict: FailureVerdict?
  /// Steps taken.
  package let steps: Int
  /// The kernels that it was trained with.
  package let kernels: String
  /// Everything that was measured, as results show it.
  package let json: JSONValue

  /// What a search reads of it.
  package var observation: ProbeObservation {
    ProbeObservation(
      address: address, outcome: outcome, steps: steps, verdict: verdict,
      diagnosis: (json["diagnosis"]?.arrayValue ?? []).compactMap(DiagnosisCode.init(json:)),
      reached: (json["reached"]?.arrayValue ?? []).compactMap(ReachedLevel.init(json:)),
      accuracies: accuracies, kernels: kernels)
  }

  /// What it got right, where it was trained to be tested.
  private var accuracies: Generalization.Accuracies? {
    guard address.kind == .generalization, let test = json["test_accuracy"]?.doubleValue,
      let training = json["training_accuracy"]?.doubleValue
    else { return nil }
    return Generalization.Accuracies(training: training, test: test)
  }

  /// The outcome's or the verdict's name.
  package var end: String { outcome?.rawValue ?? verdict?.rawValue ?? "" }

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
    verdict = nil
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
    json = .object(members.merging(Self.place(address, maxSteps, seconds)) { $1 })
  }

  /// The result of a verification on this machine, which takes no steps of the procedure.
  package init(address: ProbeAddress, verification: VerificationReport, maxSteps: Int, seconds: Double) {
    self.address = address
    outcome = nil
    verdict = verification.verdict
    steps = 0
    kernels = BLAS.kernels
    guard case .object(let members) = verification.json else {
      preconditionFailure("a report is an object")
    }
    json = .object(members.merging(Self.place(address, maxSteps, seconds)) { $1 })
  }

  /// The members that say which probe it is and where it ran.
  private static func place(
    _ address: ProbeAddress, _ maxSteps: Int, _ seconds: Double
  ) -> [String: JSONValue] {
    [
      "kind": .string(address.kind.rawValue), "samples": .integer(address.samples),
      "replicate": .integer(address.replicate), "max_steps": .integer(maxSteps),
      "seconds": .finite(seconds), "blas_kernels": .string(BLAS.kernels),
    ]
  }

  /// The same at its place in another measurement, which may count doublings of another guard.
  func at(_ address: ProbeAddress) -> ProbeResult {
    var result = self
    result.address = address
    return result
  }

  /// Reads what was stored; nil when the text is no probe's result.
  ///
  /// - Parameter guardSteps: the guard of the measurement that it belongs to.
  package init?(json: JSONValue, guardSteps: Int? = nil) {
    guard let samples = json["samples"]?.integerValue, let replicate = json["replicate"]?.integerValue,
      let kernels = json["blas_kernels"]?.stringValue,
      let kind = ProbeKind(rawValue: json["kind"]?.stringValue ?? ProbeKind.training.rawValue)
    else { return nil }
    let outcome = json["outcome"]?.stringValue.flatMap(Outcome.init(rawValue:))
    let verdict = json["verdict"]?.stringValue.flatMap(FailureVerdict.init(rawValue:))
    let steps = json["steps"]?.integerValue
    guard kind == .verification ? verdict != nil : outcome != nil && steps != nil else { return nil }
    let own = json["max_steps"]?.integerValue ?? guardSteps ?? 1
    let whole = guardSteps ?? own
    let doublings =
      own >= whole
      ? max(1, own / max(1, whole)).trailingZeroBitCount
      : (whole / max(1, own)).leadingZeroBitCount + 1 - Int.bitWidth
    address = ProbeAddress(
      samples: samples, replicate: replicate, doublings: doublings,
      kind: kind == .training ? ProbeKind(trainingOf: replicate) : kind,
      candidate: json["candidate"]?.integerValue)
    self.outcome = outcome
    self.verdict = verdict
    self.steps = steps ?? 0
    self.kernels = kernels
    self.json = json
  }
}
