import Compute
import Testing

/// Convolutions' products and pooling against plain loops.
@Suite struct ImageKernelTests {
  struct Shape: Sendable {
    let height, width, channels, outputs, kernel, stride: Int
    /// Places, for an image that has its border already.
    var outHeight: Int { (height - kernel) / stride + 1 }
    var outWidth: Int { (width - kernel) / stride + 1 }
    var patch: Int { kernel * kernel * channels }
    var patches: ImagePatches {
      ImagePatches(
        height: outHeight, width: outWidth, kernel: kernel, stride: stride, paddedWidth: width,
        channels: channels)
    }
    /// Element e of the patch at (y, x), as its place in the image.
    func place(_ y: Int, _ x: Int, _ e: Int) -> Int {
      let (row, column) = (e / (kernel * channels), e % (kernel * channels))
      return (y * stride + row) * width * channels + x * stride * channels + column
    }
  }

  static let shapes = [
    Shape(height: 6, width: 5, channels: 3, outputs: 16, kernel: 3, stride: 1),
    Shape(height: 34, width: 34, channels: 4, outputs: 10, kernel: 3, stride: 1),
    Shape(height: 9, width: 11, channels: 2, outputs: 7, kernel: 3, stride: 2),
    Shape(height: 8, width: 8, channels: 5, outputs: 40, kernel: 1, stride: 2),
    Shape(height: 12, width: 12, channels: 1, outputs: 24, kernel: 4, stride: 4),
  ]

  func random(_ count: Int, _ seed: UInt64) -> Buffer<Double> {
    var stream = RandomStream(seed: seed, purpose: .inputs)
    return Buffer((0..<count).map { _ in stream.normal() })
  }

  @Test(arguments: shapes) func products(shape: Shape) {
    let n = shape.outputs
    let image = random(shape.height * shape.width * shape.channels, 1)
    let weights = random(n * shape.patch, 2)
    let dz = random(shape.outHeight * shape.outWidth * n, 3)
    let panels = Buffer<Double>(count: Double.panelsCount(shape.patch, n))
    let out = Buffer<Double>(repeatElement(.nan, count: dz.count))
    let dw = Buffer<Double>(repeatElement(1, count: shape.patch * n))
    Double.packPanels(transpose: true, shape.patch, n, weights.pointer, panels.pointer)
    Double.convolve(shape.patches, n, image.pointer, panels.pointer, out.pointer, shape.outWidth * n)
    Double.convolveWeights(
      shape.patches, n, image.pointer, dz.pointer, shape.outWidth * n, dw.pointer)
    var expected = [Double](repeating: 1, count: dw.count)
    var worst = 0.0
    for y in 0..<shape.outHeight {
      for x in 0..<shape.outWidth {
        for o in 0..<n {
          let at = (y * shape.outWidth + x) * n + o
          var sum = 0.0
          for e in 0..<shape.patch {
            let value = image[shape.place(y, x, e)]
            sum += value * weights[o * shape.patch + e]
            expected[e * n + o] += value * dz[at]
          }
          let error = abs(out[at] - sum)
          worst = error <= worst ? worst : error
        }
      }
    }
    #expect(worst < 1e-12)
    #expect(zip(dw.array, expected).allSatisfy { abs($0 - $1) < 1e-10 })
  }

  @Test(arguments: shapes) func patchesAreAddedWhereTheyCameFrom(shape: Shape) {
    let rows = random(shape.outHeight * shape.outWidth * shape.patch, 4)
    let image = Buffer<Double>(count: shape.height * shape.width * shape.channels)
    Double.addPatches(shape.patches, rows.pointer, image.pointer)
    var expected = [Double](repeating: 0, count: image.count)
    for place in 0..<shape.outHeight * shape.outWidth {
      for e in 0..<shape.patch {
        expected[shape.place(place / shape.outWidth, place % shape.outWidth, e)] +=
          rows[place * shape.patch + e]
      }
    }
    #expect(zip(image.array, expected).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  /// 5 × 7 places: of windows of 2 × 2 the last row and column are in none, of 3 × 3 the last two rows and the last
  /// column.
  @Test(arguments: [(3, 2), (16, 2), (11, 2), (3, 3), (13, 3)])
  func pooling(channels: Int, window: Int) {
    let (height, width) = (5, 7)
    let x = random(height * width * channels, 5)
    x[0] = .nan
    let count = (height / window) * (width / window) * channels
    let (y, choice, picked) = (Buffer<Double>(count: count), Buffer<Double>(count: count), random(count, 6))
    let spread = Buffer<Double>(repeatElement(.nan, count: x.count))
    let d = random(count, 7)
    Double.poolMaximum(height, width, channels, window, x.pointer, y.pointer, choice.pointer)
    Double.poolPick(height, width, channels, window, x.pointer, choice.pointer, picked.pointer)
    Double.poolScatter(
      height, width, channels, window, d.pointer, choice.pointer, width * channels, spread.pointer)
    #expect(y[0].isNaN)
    var expected = [Double](repeating: 0, count: x.count)
    for i in 0..<count {
      let (place, c) = (i / channels, i % channels)
      let (py, px) = (place / (width / window), place % (width / window))
      let places = (0..<window * window).map {
        ((py * window + $0 / window) * width + px * window + $0 % window) * channels + c
      }
      if i > 0 { #expect(y[i] == places.map { x[$0] }.max()) }
      #expect(picked[i] == y[i] || i == 0)
      expected[places[Int(choice[i])]] = d[i]
    }
    #expect(spread.array == expected)
  }

  @Test func theFirstOfEqualsIsChosen() {
    let x = Buffer<Float>([2, 2, 2, 2])
    let (y, choice) = (Buffer<Float>(count: 1), Buffer<Float>(count: 1))
    Float.poolMaximum(2, 2, 1, 2, x.pointer, y.pointer, choice.pointer)
    #expect(y[0] == 2 && choice[0] == 0)
  }
}
