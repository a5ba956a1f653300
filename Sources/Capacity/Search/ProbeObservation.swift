import Training

/// What a search reads of a probe that has ended: how, and after how many steps. Everything else that was measured is
/// in its report, which is for people.
package struct ProbeObservation: Sendable, Hashable {
  /// The size, the replicate and the guard.
  package let address: ProbeAddress
  /// How it ended; nil for a verification, which trains nothing.
  package let outcome: Outcome?
  /// Steps taken: a probe that fits is an observation of time.
  package let steps: Int
  /// What a verification found; nil for a training run.
  package let verdict: FailureVerdict?
  /// What its failure shows, by gravity; empty for a fit.
  package let diagnosis: [DiagnosisCode]
  /// The levels of training error that it reached, with the steps taken by then.
  package let reached: [ReachedLevel]
  /// What it got right, where it was trained to be tested.
  package let accuracies: Generalization.Accuracies?
  /// The kernels that it was trained with, for the result's record of its environment.
  package let kernels: String

  /// A probe that has ended.
  package init(
    address: ProbeAddress, outcome: Outcome?, steps: Int, verdict: FailureVerdict? = nil,
    diagnosis: [DiagnosisCode] = [], reached: [ReachedLevel] = [],
    accuracies: Generalization.Accuracies? = nil, kernels: String = ""
  ) {
    self.accuracies = accuracies
    self.address = address
    self.outcome = outcome
    self.steps = steps
    self.verdict = verdict
    self.diagnosis = diagnosis
    self.reached = reached
    self.kernels = kernels
  }

  /// The same probe where a training error of `level` counts as a fit.
  func judged(at level: Double) -> ProbeObservation {
    guard let first = reached.first(where: { $0.trainingError == level }) else { return self }
    return ProbeObservation(
      address: address, outcome: .fit, steps: first.steps, verdict: verdict, reached: reached,
      kernels: kernels)
  }
}
