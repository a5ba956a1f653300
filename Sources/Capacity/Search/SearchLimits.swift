/// The sizes that a search may ask for, known before it begins: 1 … `samples`.
package struct SearchLimits: Sendable, Hashable {
  /// What keeps a search from sizes above the largest.
  package enum Cause: Sendable, Hashable {
    /// The data set has no more samples, or none that a balanced subset could take.
    case datasetSize
    /// Training on more would need more memory than there is.
    case memory
  }

  /// The largest size.
  package let samples: Int
  /// Why it is the largest.
  package let cause: Cause

  /// Sizes up to what the data set has.
  package init(samples: Int, cause: Cause = .datasetSize) {
    precondition(samples > 0, "a search needs a size")
    self.samples = samples
    self.cause = cause
  }

  /// Sizes up to what the data set has and what memory holds, whichever is less.
  package init(dataset: Int, memory: Int?) {
    if let memory, memory < dataset {
      self.init(samples: memory, cause: .memory)
    } else {
      self.init(samples: dataset)
    }
  }

  /// What an EMC at the largest size is bounded by.
  package var bound: Bound {
    switch cause {
    case .datasetSize: .datasetSize
    case .memory: .memory
    }
  }
}
