import Training

/// A probe's place in its measurement: how many samples it trains on, which replicate it is, and how long it may train.
package struct ProbeAddress: Sendable, Hashable, Comparable {
  /// The size of the training set.
  package let samples: Int
  /// Counts the fresh seeds of one size from 0.
  package let replicate: Int
  /// How often the specification's guard is doubled: it may take `max_steps` · 2^doublings steps.
  package let doublings: Int

  /// The replicate of a size.
  package init(samples: Int, replicate: Int, doublings: Int = 0) {
    self.samples = samples
    self.replicate = replicate
    self.doublings = doublings
  }

  /// By size, then by replicate, then by guard.
  package static func < (a: ProbeAddress, b: ProbeAddress) -> Bool {
    (a.samples, a.replicate, a.doublings) < (b.samples, b.replicate, b.doublings)
  }
}

/// What a search knows: the outcome of every probe that has ended.
package typealias SearchHistory = [ProbeAddress: Outcome]

/// What a search asks for next.
package enum SearchDecision: Sendable, Hashable {
  /// The probes of the current round that have not ended. The same round is answered until all of it has.
  case round([ProbeAddress])
  /// The search is over.
  case estimate(Estimate)
}

/// The rule that turns the outcomes so far into the next probes, or into the estimate: a pure function, so that
/// what it asks for never depends on how many workers there are or on which probe ended first.
package struct Search: Sendable {
  let settings: SearchSettings
  let limits: SearchLimits
  /// The largest size that it may ask for.
  var sampleLimit: Int { limits.samples }

  /// A search over the sizes that `limits` allow.
  package init(settings: SearchSettings, limits: SearchLimits) {
    self.settings = settings
    self.limits = limits
  }

  /// The next probes, or the estimate.
  package func next(_ history: SearchHistory) -> SearchDecision {
    switch settings.strategy {
    case .bisect: bisect(history)
    }
  }

  /// The sizes between which the answer lies, as far as `history` tells.
  package func bracket(_ history: SearchHistory) -> Bracket {
    let verdicts = Set(history.keys.map(\.samples)).sorted().compactMap { samples in
      verdict(samples, history).map { (samples, $0) }
    }
    return Bracket(
      largestFit: verdicts.last { $0.1 }?.0,
      smallestUnfit: verdicts.first { !$0.1 }?.0)
  }

  /// Whether a size counts as fit: a strict majority of its replicates; a tie is unfit. Nil until all have ended.
  func verdict(_ samples: Int, _ history: SearchHistory) -> Bool? {
    var fits = 0
    for replicate in 0..<settings.replicates {
      guard let outcome = history[ProbeAddress(samples: samples, replicate: replicate)] else { return nil }
      if outcome == .fit { fits += 1 }
    }
    return 2 * fits > settings.replicates
  }

  /// The probes of a size that have not ended.
  func round(_ samples: Int, _ history: SearchHistory) -> SearchDecision {
    .round(
      (0..<settings.replicates).map { ProbeAddress(samples: samples, replicate: $0) }
        .filter { history[$0] == nil })
  }
}
