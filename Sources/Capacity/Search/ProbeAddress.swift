/// What is done at a probe's place.
package enum ProbeKind: String, Sendable, Hashable, CaseIterable {
  /// A network is trained from scratch.
  case training
  /// From where the training of this place failed, a second-order method looks for a fit or for a minimum.
  case verification
  /// A network is trained from scratch after the search, and tested.
  case generalization

  /// The order of what is done at one place.
  fileprivate var rank: Int {
    switch self {
    case .training: 0
    case .verification: 1
    case .generalization: 2
    }
  }
}

/// A probe's place in its measurement: how many samples it trains on, which replicate it is, how long it may train, and
/// what is done there.
package struct ProbeAddress: Sendable, Hashable, Comparable {
  /// The size of the training set.
  package let samples: Int
  /// Counts the fresh seeds of one size from 0.
  package let replicate: Int
  /// How often the specification's guard is doubled: it may take `max_steps` · 2^doublings steps. Races begin with halved
  /// ones, which count below 0.
  package let doublings: Int
  /// What is done.
  package let kind: ProbeKind
  /// Which of the candidates of a race it belongs to; nil: to the measurement itself.
  package let candidate: Int?

  /// The replicate of a size.
  package init(
    samples: Int, replicate: Int, doublings: Int = 0, kind: ProbeKind = .training, candidate: Int? = nil
  ) {
    self.samples = samples
    self.replicate = replicate
    self.doublings = doublings
    self.kind = kind
    self.candidate = candidate
  }

  /// The verification of this probe's end.
  package var verification: ProbeAddress {
    ProbeAddress(samples: samples, replicate: replicate, doublings: doublings, kind: .verification)
  }

  /// What all probes share that take as much memory: the size, what is done, and whose they are.
  package var place: ProbeAddress {
    ProbeAddress(samples: samples, replicate: 0, kind: kind, candidate: candidate)
  }

  /// By size, then by replicate, then by guard, then by candidate; what verifies comes last.
  package static func < (a: ProbeAddress, b: ProbeAddress) -> Bool {
    (a.samples, a.replicate, a.doublings, a.candidate ?? -1, a.kind.rank)
      < (b.samples, b.replicate, b.doublings, b.candidate ?? -1, b.kind.rank)
  }
}
