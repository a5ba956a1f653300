import Compute

/// The streams of dropout masks of one probe.
struct DropoutKey: Sendable {
  private let base: RandomStream

  init(_ key: ProbeKey) {
    base = RandomStream(seed: key.seed, purpose: .dropout, samples: key.samples, replicate: key.replicate)
  }

  /// The stream of one chunk of one step.
  func stream(index: Int) -> RandomStream { RandomStream(base, index: index) }
}
