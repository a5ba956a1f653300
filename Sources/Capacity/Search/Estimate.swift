import Training

/// Two sizes between which the EMC lies; nil where none was found.
package struct Bracket: Sendable, Hashable {
  /// The largest size that counts as fit.
  package let largestFit: Int?
  /// The smallest size that counts as unfit.
  package let smallestUnfit: Int?

  /// The two sizes.
  package init(largestFit: Int?, smallestUnfit: Int?) {
    self.largestFit = largestFit
    self.smallestUnfit = smallestUnfit
  }

  var json: JSONValue {
    .object(["largest_fit": .optional(largestFit), "smallest_unfit": .optional(smallestUnfit)])
  }
}

/// What keeps the EMC from being larger.
package enum Bound: String, Sendable, Hashable, CaseIterable {
  /// Every failure at the smallest unfit size ended at a minimum: the EMC is measured.
  case minimum
  /// A failure there ended at a saddle, and none by budget or divergence.
  case saddle
  /// A failure there spent its budget: the EMC is a lower bound.
  case budget
  /// A failure there diverged, and none spent its budget.
  case diverged
  /// All of the data set was fit: the EMC is a lower bound.
  case datasetSize = "dataset_size"
  /// The largest size that memory holds was fit: the EMC is a lower bound.
  case memory
}

/// What a search found.
package struct Estimate: Sendable, Hashable {
  /// The EMC: the lower end of the bracket, 0 when not even one sample was fit.
  package let emc: Int
  /// The sizes on both sides.
  package let bracket: Bracket
  /// What bounds it.
  package let boundedBy: Bound

  /// The largest size that the search may ask for was fit.
  init(allFitUpTo limits: SearchLimits) {
    emc = limits.samples
    bracket = Bracket(largestFit: limits.samples, smallestUnfit: nil)
    boundedBy = limits.bound
  }

  /// `fit` samples were fit (0: none), `unfit` were not, for the reasons in `failures`.
  init(fit: Int, unfit: Int, failures: [Outcome]) {
    emc = fit
    bracket = Bracket(largestFit: fit == 0 ? nil : fit, smallestUnfit: unfit)
    boundedBy =
      failures.contains(.budget)
      ? .budget : failures.contains(.diverged) ? .diverged : failures.contains(.saddle) ? .saddle : .minimum
  }
}
