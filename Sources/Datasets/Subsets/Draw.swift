import Compute

/// Draws indices without replacement.
///
/// The forward Fisher–Yates shuffle: position i takes a uniform choice of what positions i… still hold. What
/// stands at position i depends on the stream alone, so a longer draw from the same stream begins with the
/// shorter one.
enum Draw {
  /// `samples` of 0 ..< `count`, in order of drawing.
  static func uniform(_ samples: Int, of count: Int, stream: RandomStream) -> [Int] {
    precondition(samples <= count)
    var stream = stream
    // Below this share a table of the few moved entries costs less than all of them; both draw the same.
    return samples * 8 < count
      ? stream.sample(samples, of: count) : dense(samples, of: count, stream: &stream)
  }

  private static func dense(_ samples: Int, of count: Int, stream: inout RandomStream) -> [Int] {
    var all = Array(0..<count)
    for position in 0..<samples {
      all.swapAt(position, position + Int(stream.below(UInt64(count - position))))
    }
    return Array(all[0..<samples])
  }

  /// `samples` indices whose class counts differ by one at most: rounds in which every class, in random order,
  /// gives its next sample. `members` lists the indices of each class; empty classes take no part. Members of
  /// endless data are taken in order: which index comes next means nothing there.
  static func balanced(
    _ samples: Int, members: [[Int]], inOrder: Bool, key: DrawKey
  ) throws(DatasetError) -> [Int] {
    let present = members.filter { !$0.isEmpty }
    let smallest = present.map(\.count).min() ?? 0
    guard samples <= smallest * present.count else {
      throw .tooFewSamples(asked: samples, available: smallest * present.count)
    }
    let rounds = present.isEmpty ? 0 : (samples + present.count - 1) / present.count
    let order = present.enumerated().map { position, indices in
      inOrder
        ? indices
        : uniform(rounds, of: indices.count, stream: key.stream(.draw, index: position + 1))
          .map { indices[$0] }
    }
    var turns = key.stream(.draw)
    var drawn: [Int] = []
    for round in 0..<rounds {
      for turn in dense(present.count, of: present.count, stream: &turns) {
        drawn.append(order[turn][round])
      }
    }
    return Array(drawn.prefix(samples))
  }
}
