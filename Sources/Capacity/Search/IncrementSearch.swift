/// The paper's own rule: from `initialSamples` upwards by a step or a factor, to the first size that fails or the limit.
package struct IncrementSearch {
  /// What a specification says of it.
  package struct Options: Sendable, Hashable {
    /// How a size follows from the one before.
    package enum Increment: Sendable, Hashable {
      /// By so many samples.
      case step(Int)
      /// By a factor, one sample at least.
      case factor(Double)
    }

    /// How a size follows from the one before.
    package var increment = Increment.factor(1.1)
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
    var size = min(search.settings.initialSamples, limit)
    while let fits = votes.verdict(size) {
      if !fits || size == limit { return .finished }
      size = min(limit, after(size))
    }
    return votes.round(size)
  }

  private func after(_ size: Int) -> Int {
    switch options.increment {
    case .step(let step): size &+ step < size ? .max : size + step
    case .factor(let factor): max(size + 1, Int(exactly: (Double(size) * factor).rounded(.down)) ?? .max)
    }
  }
}
