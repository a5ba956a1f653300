#if os(Linux)
  import Glibc
#endif

/// An owning vector of numbers, 64-byte aligned and zero when made, whose address never changes.
///
/// Not synchronised: a buffer belongs to one thread, or is only read once it is shared.
public final class Buffer<S: Scalar>: @unchecked Sendable {
  /// How many elements.
  public let count: Int
  /// The first element.
  public let pointer: UnsafeMutablePointer<S>

  /// `count` zeros.
  public init(count: Int) {
    precondition(count >= 0, "a buffer's size")
    self.count = count
    let bytes = max(1, count) * MemoryLayout<S>.stride
    // Smaller blocks are the allocator's to reuse.
    let isLarge = bytes >= 32 << 20
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: isLarge ? 2 << 20 : 64)
    #if os(Linux)
      // First touches of a hundred megabytes cost more than their content, page by small page.
      if isLarge { madvise(memory, bytes, Int32(MADV_HUGEPAGE)) }
    #endif
    pointer = memory.bindMemory(to: S.self, capacity: max(1, count))
    S.fill(count, 0, pointer)
  }

  /// A copy of the elements.
  public convenience init(_ elements: some Collection<S>) {
    self.init(count: elements.count)
    _ = UnsafeMutableBufferPointer(start: pointer, count: count).update(from: elements)
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  /// Element i; a bad index stops the program.
  public subscript(i: Int) -> S {
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
  public var elements: UnsafeBufferPointer<S> { UnsafeBufferPointer(start: pointer, count: count) }

  /// All elements, to write; valid while the buffer is.
  public var mutableElements: UnsafeMutableBufferPointer<S> {
    UnsafeMutableBufferPointer(start: pointer, count: count)
  }

  /// All elements as an array of their own.
  public var array: [S] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  /// The same elements in another buffer.
  public func copy() -> Buffer<S> {
    let other = Buffer(count: count)
    other.pointer.update(from: pointer, count: count)
    return other
  }
}
