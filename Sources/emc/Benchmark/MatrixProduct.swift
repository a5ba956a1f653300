import Compute

/// C = A B of square matrices in single precision: what the machine's speed is told by.
final class MatrixProduct {
  private let size: Int
  private let a: Buffer<Float>
  private let b: Buffer<Float>
  private let c: Buffer<Float>

  init(size: Int) {
    self.size = size
    var stream = RandomStream(seed: 2, purpose: .inputs)
    a = Buffer((0..<size * size).map { _ in Float(stream.uniform()) })
    b = Buffer((0..<size * size).map { _ in Float(stream.uniform()) })
    c = Buffer(count: size * size)
  }

  /// 2·n³
  var flops: Double { 2 * Double(size) * Double(size) * Double(size) }

  func multiply() {
    Float.multiplyMatrices(
      transposeA: false, transposeB: false, m: size, n: size, k: size, alpha: 1, a: a.pointer, strideA: size,
      b: b.pointer, strideB: size, beta: 0, c: c.pointer, strideC: size)
  }
}
