/// Doubles from `initialSamples` until a size fails, the last doubling clamped to the limit; then takes the midpoint
/// ⌊(lo + hi)/2⌋ until hi − lo ≤ max(1, relativeTolerance · lo). A size fits where a strict majority of its replicates does.
///
/// It assumes that the fit probability falls with the size. If `initialSamples` itself fails, lo is 0.
package struct BisectSearch {
  /// What a specification says of it.
  package struct Options: Sendable, Hashable {
    /// The search ends when the bracket is no wider than this part of its lower end (or than 1 sample).
    package var relativeTolerance = 0.05
    /// Fresh seeds for every size, at most.
    package var replicates = 3

    /// The defaults.
    package init() {}
  }

  private let search: Search
  private let options: Options

  init(_ search: Search, _ options: Options) {
    self.search = search
    self.options = options
  }

  func next(_ runs: [TrainingRun]) -> SearchDecision {
    let votes = MajorityVotes(runs, search: search, replicates: options.replicates)
    let limit = search.limits.samples
    var lo = 0
    var hi = min(search.settings.initialSamples, limit)
    while true {
      guard let fits = votes.verdict(hi) else { return votes.round(hi) }
      if !fits { break }
      lo = hi
      if lo == limit { return .finished }
      hi = lo <= limit / 2 ? 2 * lo : limit
    }
    while Double(hi - lo) > max(1, options.relativeTolerance * Double(lo)) {
      let middle = lo + (hi - lo) / 2
      guard let fits = votes.verdict(middle) else { return votes.round(middle) }
      if fits { lo = middle } else { hi = middle }
    }
    return .finished
  }
}

/// Sizes judged by a strict majority of their replicates. As many are asked for first as can decide, the rest only where
/// those don't.
struct MajorityVotes {
  private let counts: [Int: FitCount]
  private let search: Search
  private let replicates: Int

  init(_ runs: [TrainingRun], search: Search, replicates: Int) {
    counts = Dictionary(
      FitCount.counts(runs.map { (samples: $0.samples, isFit: $0.fitSteps != nil) }).map { ($0.samples, $0) }
    ) { first, _ in first }
    self.search = search
    self.replicates = replicates
  }

  /// Whether a size counts as fit; a tie doesn't. Nil while it is open.
  func verdict(_ samples: Int) -> Bool? {
    guard let count = counts[samples] else { return nil }
    if 2 * count.fits > replicates { return true }
    return 2 * count.failures >= replicates ? false : nil
  }

  /// The next replicates of a size: ⌊r/2⌋ + 1, then those that are left.
  func round(_ samples: Int) -> SearchDecision {
    let done = counts[samples].map { $0.fits + $0.failures } ?? 0
    let wanted = done == 0 ? replicates / 2 + 1 : replicates
    return .round(
      (done..<wanted).map {
        ProbeAddress(samples: samples, replicate: search.settings.firstReplicate + $0)
      })
  }
}
