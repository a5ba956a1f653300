/// How many samples the last batch of an epoch has where the batch size doesn't divide their number.
package enum LastBatch: String, Sendable, Hashable, Codable, CaseIterable {
  /// An epoch of n samples is ⌈n / B⌉ batches whose sizes differ by at most one.
  case balanced
  /// Batches of B, the last one with what is left. Its few samples weigh many times more than the others in their step.
  case keep
  /// Batches of B; what is left takes no part in the epoch. Fewer than B samples are one batch.
  case drop
}

/// The positions 0 ..< `samples`, or the first of them, cut into batches that follow each other.
package struct BatchPartition: Sendable, Hashable {
  /// Positions that may be cut.
  package let samples: Int
  /// Batches.
  package let count: Int
  /// The length of every batch but the last; nil where they are balanced.
  private let length: Int?
  /// Positions that belong to a batch.
  package let covered: Int

  /// Batches of at most `size` of `samples` positions.
  package init(samples: Int, size: Int, last: LastBatch) {
    precondition(samples >= 1 && size >= 1)
    self.samples = samples
    switch last {
    case .balanced:
      count = (samples + size - 1) / size
      length = nil
      covered = samples
    case .keep:
      count = (samples + size - 1) / size
      length = size
      covered = samples
    case .drop:
      count = max(1, samples / size)
      length = min(size, samples)
      covered = count * min(size, samples)
    }
  }

  /// The positions of batch `index`.
  package func batch(_ index: Int) -> Range<Int> {
    guard let length else { return samples * index / count..<samples * (index + 1) / count }
    return index * length..<min((index + 1) * length, samples)
  }

  /// The length of the longest batch.
  package var longest: Int {
    guard let length else { return (samples + count - 1) / count }
    return min(length, samples)
  }
}
