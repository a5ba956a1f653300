import Training

/// One run of the procedure, which probes with growing guards have followed: when it fitted, or how far it was seen not to.
package struct TrainingRun: Sendable, Hashable {
  /// The size of its training set.
  package let samples: Int
  /// Which of the fresh seeds of that size.
  package let replicate: Int
  /// Steps after which it fitted.
  package var fitSteps: Int?
  /// The largest guard that it was given.
  package var guardSteps: Int
  /// Steps of the longest probe.
  package var steps: Int
  /// How the longest probe ended.
  package var outcome: Outcome

  /// What its failure shows.
  package var diagnosis: [DiagnosisCode]

  /// A run.
  package init(
    samples: Int, replicate: Int, fitSteps: Int?, guardSteps: Int, steps: Int, outcome: Outcome,
    diagnosis: [DiagnosisCode] = []
  ) {
    self.samples = samples
    self.replicate = replicate
    self.fitSteps = fitSteps
    self.guardSteps = guardSteps
    self.steps = steps
    self.outcome = outcome
    self.diagnosis = diagnosis
  }

  /// Whether no further step can make it fit: it ended at a minimum, at a saddle, or diverged.
  package var hasEnded: Bool { fitSteps == nil && outcome != .budget }

  /// Whether it had fitted with `steps` steps; nil where it was stopped before that without a verdict.
  package func isFit(at steps: Int) -> Bool? {
    if let fitSteps { return fitSteps <= steps }
    return hasEnded || steps <= guardSteps ? false : nil
  }

  /// The runs that probes followed, by size and replicate. `maxSteps` is the guard without doublings.
  static func runs(_ observations: [ProbeObservation], maxSteps: Int) -> [TrainingRun] {
    var runs: [ProbeAddress: TrainingRun] = [:]
    for observation in observations where observation.address.kind == .training {
      guard let outcome = observation.outcome else { continue }
      let address = observation.address
      let key = ProbeAddress(samples: address.samples, replicate: address.replicate)
      let run = TrainingRun(
        samples: address.samples, replicate: address.replicate,
        fitSteps: outcome == .fit ? observation.steps : nil,
        guardSteps: maxSteps << address.doublings,
        steps: observation.steps, outcome: outcome, diagnosis: observation.diagnosis)
      if let known = runs[key], known.fitSteps != nil || known.guardSteps > run.guardSteps { continue }
      runs[key] = run
    }
    return runs.values.sorted { ($0.samples, $0.replicate) < ($1.samples, $1.replicate) }
  }
}
