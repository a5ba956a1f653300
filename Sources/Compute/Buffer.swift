#if os(Linux)
  import Glibc
#endif

/// An owning vector of numbers, 64-byte aligned and zero when made, whose address never changes.
///
/// Not synchronised: a buffer belongs to one thread, or is only read once it is shared.
package final class Buffer<S: Scalar>: @unchecked Sendable {
  /// How many elements.
  package let count: Int
  /// The first element.
  package let pointer: UnsafeMutablePointer<S>
  /// What a large buffer lies in; smaller blocks are the allocator's to reuse.
  private let mapping: UnsafeMutableRawBufferPointer?

  /// `count` zeros.
  package init(count: Int) {
    precondition(count >= 0, "a buffer's size")
    self.count = count
    let bytes = max(1, count) * MemoryLayout<S>.stride
    if bytes >= 32 << 20, let (mapping, start) = Self.mapped(bytes) {
      self.mapping = mapping
      pointer = start.bindMemory(to: S.self, capacity: count)
      return
    }
    mapping = nil
    pointer = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      .bindMemory(to: S.self, capacity: max(1, count))
    S.fill(count, 0, pointer)
  }

  /// Fresh pages from the system: zero without a pass over them, and first touched by whoever writes, on
  /// whatever thread. Huge pages, since the first touches of a hundred megabytes cost more than their content,
  /// page by small page.
  private static func mapped(
    _ bytes: Int
  ) -> (mapping: UnsafeMutableRawBufferPointer, start: UnsafeMutableRawPointer)? {
    #if os(Linux)
      let page = 2 << 20
      let length = bytes + page
      guard let address = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
        address != MAP_FAILED
      else { return nil }
      let start = address.alignedUp(toMultipleOf: page)
      madvise(start, bytes, Int32(MADV_HUGEPAGE))
      return (UnsafeMutableRawBufferPointer(start: address, count: length), start)
    #else
      return nil
    #endif
  }

  /// A copy of the elements.
  package convenience init(_ elements: some Collection<S>) {
    self.init(count: elements.count)
    _ = UnsafeMutableBufferPointer(start: pointer, count: count).update(from: elements)
  }

  deinit {
    #if os(Linux)
      if let mapping {
        munmap(mapping.baseAddress!, mapping.count)
        return
      }
    #endif
    UnsafeMutableRawPointer(pointer).deallocate()
  }

  /// Element i; a bad index stops the program.
  package subscript(i: Int) -> S {
    get {
      precondition(i >= 0 && i < count, "a buffer's index")
      return pointer[i]
    }
    set {
      precondition(i >= 0 && i < count, "a buffer's index")
      pointer[i] = newValue
    }
  }

  /// All elements, to read; valid while the buffer is.
  package var elements: UnsafeBufferPointer<S> { UnsafeBufferPointer(start: pointer, count: count) }

  /// All elements, to write; valid while the buffer is.
  package var mutableElements: UnsafeMutableBufferPointer<S> {
    UnsafeMutableBufferPointer(start: pointer, count: count)
  }

  /// All elements as an array of their own.
  package var array: [S] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  /// The same elements in another buffer.
  package func copy() -> Buffer<S> {
    let other = Buffer(count: count)
    other.pointer.update(from: pointer, count: count)
    return other
  }
}
