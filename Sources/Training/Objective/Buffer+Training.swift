import Compute

extension Buffer {
  /// A buffer of the same numbers in another precision.
  func converted<T: Scalar>() -> Buffer<T> {
    let result = Buffer<T>(count: count)
    convert(into: result)
    return result
  }

  /// Writes the same numbers in another precision; through `Double`, which holds both exactly.
  func convert<T: Scalar>(into result: Buffer<T>) {
    precondition(result.count == count)
    if let target = result as? Buffer<Double> {
      S.widen(count, pointer, target.pointer)
    } else if let source = self as? Buffer<Double> {
      T.narrow(count, source.pointer, result.pointer)
    } else {
      result.copy(from: unsafeDowncast(self, to: Buffer<T>.self))
    }
  }

  /// Writes the elements of a buffer of the same size over these.
  func copy(from other: Buffer<S>) {
    precondition(other.count == count)
    pointer.update(from: other.pointer, count: count)
  }

  /// Writes zeros over the elements.
  func clear() { S.fill(count, 0, pointer) }

  /// ‖x‖₂
  var norm: Double { S.norm(count, pointer) }
}
