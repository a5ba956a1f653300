import Compute
import Foundation
import Testing

/// Softmax cross-entropy against its definition.
@Suite struct LossKernelTests {
  @Test(arguments: [2, 3, 8, 10, 33], [0.0, 0.1])
  func definition(classes: Int, smoothing: Double) {
    let rows = 29
    var stream = RandomStream(seed: 1, purpose: .inputs)
    let logits = Buffer<Double>((0..<rows * classes).map { _ in 3 * stream.normal() })
    let labels = (0..<rows).map { _ in Int32(stream.below(UInt64(classes))) }
    let gradient = Buffer<Double>(count: rows * classes)
    let both = Buffer<Double>(count: rows * classes)
    let probabilities = Buffer<Double>(count: rows * classes)
    let summary = Double.softmaxCrossEntropy(
      rows, classes, logits.pointer, labels, smoothing, 0.5, probabilities: nil, gradient: gradient.pointer)
    let again = Double.softmaxCrossEntropy(
      rows, classes, logits.pointer, labels, smoothing, 0.5, probabilities: probabilities.pointer,
      gradient: both.pointer)
    #expect(summary == again)
    #expect(gradient.array == both.array)

    var loss = 0.0
    var residual = 0.0
    var correct = 0
    for r in 0..<rows {
      let row = (0..<classes).map { logits[r * classes + $0] }
      let own = Int(labels[r])
      let total = row.reduce(0) { $0 + exp($1) }
      var squares = 0.0
      for c in 0..<classes {
        let target = (c == own ? 1 - smoothing : 0) + smoothing / Double(classes)
        let p = exp(row[c]) / total
        loss -= target * log(p)
        squares += (p - target) * (p - target)
        #expect(abs(probabilities[r * classes + c] - p) < 1e-14)
        #expect(abs(gradient[r * classes + c] - 0.5 * (p - target)) < 1e-14)
      }
      residual += squares.squareRoot()
      if (0..<classes).allSatisfy({ $0 == own || row[$0] < row[own] }) { correct += 1 }
    }
    #expect(abs(summary.lossSum - loss) < 1e-12 * Double(rows))
    #expect(abs(summary.residualNormSum - residual) < 1e-12 * Double(rows))
    #expect(summary.correct == correct)
    #expect(summary.isFinite)
  }

  @Test func tiesAreNotCorrect() {
    let logits = Buffer<Float>([1, 1, 0, 2, 1, 0, 0, 0, 0])
    let d = Buffer<Float>(count: 9)
    let summary = Float.softmaxCrossEntropy(
      3, 3, logits.pointer, [0, 0, 2], 0, 1, probabilities: nil, gradient: d.pointer)
    #expect(summary.correct == 1)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func undefinedIsReported(value: Float) {
    let logits = Buffer<Float>([value, value, 0])
    let d = Buffer<Float>(count: 3)
    let summary = Float.softmaxCrossEntropy(
      1, 3, logits.pointer, [0], 0, 1, probabilities: nil, gradient: d.pointer)
    #expect(!summary.isFinite)
    #expect(summary.correct == 0)
  }

  @Test func hugeLogitsStayFinite() {
    let logits = Buffer<Float>([3e38, -3e38, 1000, -1000])
    let d = Buffer<Float>(count: 4)
    let summary = Float.softmaxCrossEntropy(
      2, 2, logits.pointer, [0, 1], 0, 1, probabilities: nil, gradient: d.pointer)
    #expect(d.array == [0, 0, 1, -1])
    #expect(summary.correct == 1)
  }

  @Test func softmaxProductIsTheJacobian() {
    let x: [Double] = [0.3, -1, 2, 0.5, 0.1]
    let v: [Double] = [1, -0.5, 0.25, 2, -1]
    let h = 1e-5
    func softmax(_ t: Double) -> [Double] {
      let buffer = Buffer(zip(x, v).map { $0 + t * $1 })
      Double.softmax(1, 5, 0.7, buffer.pointer, buffer.pointer)
      return buffer.array
    }
    let product = Buffer(v)
    Double.softmaxProduct(1, 5, 0.7, softmax(0), product.pointer, product.pointer)
    for (i, (plus, minus)) in zip(softmax(h), softmax(-h)).enumerated() {
      #expect(abs(product[i] - (plus - minus) / (2 * h)) < 1e-9)
    }
  }
}
