extension RandomStream {
  /// Puts the elements in uniformly random order (Fisher and Yates).
  package mutating func shuffle<T>(_ array: inout [T]) {
    for i in 0..<max(0, array.count - 1) {
      let j = i + Int(below(UInt64(array.count - i)))
      if i != j { array.swapAt(i, j) }
    }
  }

  /// Shuffles the first `count` indices at `indices`: what `shuffle` does, without an array.
  package mutating func shuffle(_ indices: UnsafeMutablePointer<Int32>, count: Int) {
    for i in 0..<max(0, count - 1) {
      let j = i + Int(below(UInt64(count - i)))
      let kept = indices[i]
      indices[i] = indices[j]
      indices[j] = kept
    }
  }

  /// `count` of the numbers 0 ..< total without replacement, uniformly, in random order.
  ///
  /// The draw of fewer numbers from an equal stream is a prefix of this one, so that subsets nest.
  package mutating func sample(_ count: Int, of total: Int) -> [Int] {
    precondition(count >= 0 && count <= total, "no more numbers than there are")
    // The first `count` steps of a shuffle of 0 ..< total; only the places it has touched are kept.
    var moved: [Int: Int] = [:]
    var drawn: [Int] = []
    drawn.reserveCapacity(count)
    for i in 0..<count {
      let j = i + Int(below(UInt64(total - i)))
      drawn.append(moved[j] ?? j)
      if j != i { moved[j] = moved[i] ?? i }
      moved[i] = nil
    }
    return drawn
  }
}
