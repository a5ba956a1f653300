import Compute
import Testing

/// Depthwise convolution against its definition; its derivatives by the identity that defines adjoints.
@Suite struct SpatialKernelTests {
  func normal(_ count: Int, _ seed: UInt64) -> Buffer<Double> {
    var stream = RandomStream(seed: seed, purpose: .inputs)
    return Buffer((0..<count).map { _ in stream.normal() })
  }

  static let cases = [
    DepthwiseSizes(images: 1, height: 1, width: 1, channels: 1, taps: 3, stride: 1, padding: 1),
    DepthwiseSizes(images: 2, height: 5, width: 4, channels: 3, taps: 3, stride: 1, padding: 1),
    DepthwiseSizes(images: 3, height: 6, width: 7, channels: 16, taps: 3, stride: 2, padding: 1),
    DepthwiseSizes(images: 2, height: 9, width: 8, channels: 37, taps: 5, stride: 2, padding: 2),
    DepthwiseSizes(images: 1, height: 4, width: 4, channels: 2, taps: 2, stride: 3, padding: 0),
  ]

  @Test(arguments: cases) func depthwise(sizes: DepthwiseSizes) {
    let z = sizes
    let inputs = z.images * z.height * z.width * z.channels
    let outputs = z.images * z.outputHeight * z.outputWidth * z.channels
    let x = normal(inputs, 1)
    let weights = normal(z.taps * z.taps * z.channels, 2)
    var expected = [Double](repeating: 0, count: outputs)
    for n in 0..<z.images {
      for oy in 0..<z.outputHeight {
        for ox in 0..<z.outputWidth {
          for c in 0..<z.channels {
            for ky in 0..<z.taps {
              for kx in 0..<z.taps {
                let (iy, ix) = (oy * z.stride + ky - z.padding, ox * z.stride + kx - z.padding)
                guard (0..<z.height).contains(iy), (0..<z.width).contains(ix) else { continue }
                expected[((n * z.outputHeight + oy) * z.outputWidth + ox) * z.channels + c] +=
                  x[((n * z.height + iy) * z.width + ix) * z.channels + c]
                  * weights[(ky * z.taps + kx) * z.channels + c]
              }
            }
          }
        }
      }
    }
    let y = Buffer<Double>(repeatElement(.nan, count: outputs))
    Double.depthwise(z, x: x.pointer, weights: weights.pointer, keep: 0, y: y.pointer)
    for i in 0..<outputs { #expect(abs(y[i] - expected[i]) < 1e-12) }
    Double.depthwise(z, x: x.pointer, weights: weights.pointer, keep: 1, y: y.pointer)
    for i in 0..<outputs { #expect(abs(y[i] - 2 * expected[i]) < 1e-12) }

    // y is linear in x and in the weights: ⟨dy, y⟩ = ⟨dx, x⟩ = ⟨dw, w⟩ for every x and every w.
    let dy = normal(outputs, 3)
    let dx = Buffer<Double>(repeatElement(.nan, count: inputs))
    let dw = Buffer<Double>(repeatElement(.nan, count: weights.count))
    Double.depthwiseBackwardInput(z, dy: dy.pointer, weights: weights.pointer, keep: 0, dx: dx.pointer)
    Double.depthwiseBackwardWeights(z, x: x.pointer, dy: dy.pointer, keep: 0, gradient: dw.pointer)
    for seed in 4..<8 {
      let (x2, w2) = (normal(inputs, UInt64(seed)), normal(weights.count, UInt64(seed)))
      Double.depthwise(z, x: x2.pointer, weights: weights.pointer, keep: 0, y: y.pointer)
      let byInput = Double.dot(outputs, dy.pointer, y.pointer)
      #expect(abs(byInput - Double.dot(inputs, dx.pointer, x2.pointer)) < 1e-10 * Double(outputs))
      Double.depthwise(z, x: x.pointer, weights: w2.pointer, keep: 0, y: y.pointer)
      let byWeights = Double.dot(outputs, dy.pointer, y.pointer)
      #expect(abs(byWeights - Double.dot(weights.count, dw.pointer, w2.pointer)) < 1e-10 * Double(outputs))
    }

    let single = Buffer<Float>(count: outputs)
    let (x1, w1) = (Buffer<Float>(x.array.map { Float($0) }), Buffer<Float>(weights.array.map { Float($0) }))
    Float.depthwise(z, x: x1.pointer, weights: w1.pointer, keep: 0, y: single.pointer)
    for i in 0..<outputs { #expect(abs(Double(single[i]) - expected[i]) < 1e-4) }
  }

  @Test func broadcasts() {
    let y = Buffer<Float>([1, 2, 3, 4, 5, 6])
    let v = Buffer<Float>([10, 20, 30])
    Float.spreadRows(2, 3, 0.5, v.pointer, keep: 2, y.pointer)
    #expect(y.array == [7, 14, 21, 13, 20, 27])
    Float.scaleColumns(2, 3, v.pointer, y.pointer, keep: 0, y.pointer)
    #expect(y.array == [70, 280, 630, 130, 400, 810])
    Float.spreadRows(2, 3, 1, v.pointer, keep: 0, y.pointer)
    #expect(y.array == [10, 20, 30, 10, 20, 30])
  }

  @Test func softmaxSecondDerivative() {
    let (rows, columns, scale) = (3, 5, 0.7)
    let (x, t) = (normal(15, 1), normal(15, 2))
    let (v, tv) = (normal(15, 3), normal(15, 4))
    func product(_ h: Double) -> [Double] {
      let p = Buffer<Double>((0..<15).map { x[$0] + h * t[$0] })
      Double.softmax(rows, columns, scale, p.pointer, p.pointer)
      let w = Buffer<Double>((0..<15).map { v[$0] + h * tv[$0] })
      Double.softmaxProduct(rows, columns, scale, p.pointer, w.pointer, w.pointer)
      return w.array
    }
    let p = Buffer<Double>(count: 15)
    Double.softmax(rows, columns, scale, x.pointer, p.pointer)
    let tp = Buffer<Double>(count: 15)
    Double.softmaxProduct(rows, columns, scale, p.pointer, t.pointer, tp.pointer)
    let y = Buffer<Double>(count: 15)
    Double.softmaxProductTangent(
      rows, columns, scale, p: p.pointer, tp: tp.pointer, v: v.pointer, tv: tv.pointer, y: y.pointer)
    let h = 1e-3
    let (p1, m1, p2, m2) = (product(h), product(-h), product(2 * h), product(-2 * h))
    for i in 0..<15 {
      #expect(abs(y[i] - (8 * (p1[i] - m1[i]) - (p2[i] - m2[i])) / (12 * h)) < 1e-9)
    }
  }
}
