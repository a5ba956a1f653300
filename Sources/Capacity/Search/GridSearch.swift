/// Given sizes, each with so many replicates, all in one round.
package struct GridSearch {
  /// What a specification says of it.
  package struct Options: Sendable, Hashable {
    /// The sizes, ascending.
    package var sizes: [Int]
    /// Fresh seeds for every size.
    package var replicates: Int

    /// These sizes.
    package init(sizes: [Int], replicates: Int = 3) {
      self.sizes = sizes
      self.replicates = replicates
    }
  }

  private let search: Search
  private let options: Options

  init(_ search: Search, _ options: Options) {
    self.search = search
    self.options = options
  }

  func next(_ runs: [TrainingRun]) -> SearchDecision {
    guard runs.isEmpty else { return .finished }
    return .round(
      options.sizes.flatMap { size in
        (0..<options.replicates).map {
          ProbeAddress(samples: size, replicate: search.settings.firstReplicate + $0)
        }
      })
  }
}
