import Compute

/// An owning vector of 32-bit integers (labels, orders of samples) whose address never changes.
final class IndexBuffer: @unchecked Sendable {
  let count: Int
  let pointer: UnsafeMutablePointer<Int32>

  /// 0, 1, … count − 1.
  init(count: Int) {
    self.count = count
    pointer = .allocate(capacity: max(1, count))
    fillWithIdentity()
  }

  /// A copy of the elements.
  convenience init(_ elements: [Int32]) {
    self.init(count: elements.count)
    for (i, element) in elements.enumerated() { pointer[i] = element }
  }

  deinit { pointer.deallocate() }

  func fillWithIdentity() {
    for i in 0..<count { pointer[i] = Int32(truncatingIfNeeded: i) }
  }
}
