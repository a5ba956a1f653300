import Training

/// What a search reads of a probe that has ended: how, and after how many steps. Everything else that was measured is
/// in its report, which is for people.
package struct ProbeObservation: Sendable, Hashable {
  /// The size, the replicate and the guard.
  package let address: ProbeAddress
  /// How it ended.
  package let outcome: Outcome
  /// Steps taken: a probe that fits is an observation of time.
  package let steps: Int
  /// What a verification found.
  package let verdict: Verdict?
  /// The kernels that it was trained with, for the result's record of its environment.
  package let kernels: String

  /// A probe that has ended.
  package init(
    address: ProbeAddress, outcome: Outcome, steps: Int, verdict: Verdict? = nil, kernels: String = ""
  ) {
    self.address = address
    self.outcome = outcome
    self.steps = steps
    self.verdict = verdict
    self.kernels = kernels
  }
}

/// What a second-order method finds from where a probe failed.
package enum Verdict: String, Sendable, Hashable, CaseIterable {
  /// A perfect fit near by: the optimizer was the limit.
  case reachable
  /// A verified minimum of the loss.
  case minimum
  /// A minimum at kinks of the loss, shown by an exact certificate.
  case nonsmoothMinimum = "nonsmooth_minimum"
  /// Stationary only without decay, with growing parameters: the infimum lies at infinity.
  case unbounded
  /// None of these could be shown.
  case undecided
}
