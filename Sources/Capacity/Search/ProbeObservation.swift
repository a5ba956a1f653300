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
  /// The kernels that it was trained with, for the result's record of its environment.
  package let kernels: String

  /// A probe that has ended.
  package init(address: ProbeAddress, outcome: Outcome, steps: Int, kernels: String = "") {
    self.address = address
    self.outcome = outcome
    self.steps = steps
    self.kernels = kernels
  }
}
