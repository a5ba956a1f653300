import Compute
import Testing

/// Winograd's convolutions against plain loops in double precision.
@Suite struct WinogradKernelTests {
  static let images = [(1, 1), (2, 3), (4, 4), (5, 7), (8, 8), (9, 6), (13, 3)]
  static let channels = [(8, 8), (8, 24), (40, 16), (32, 72)]

  func random<S: Scalar>(_ count: Int, _ seed: UInt64) -> Buffer<S> {
    var stream = RandomStream(seed: seed, purpose: .inputs)
    return Buffer((0..<count).map { _ in S(stream.normal()) })
  }

  /// The largest error of y, dx and dw, each relative to its largest entry.
  func worstError<S: Scalar>(_ type: S.Type, _ sizes: WinogradSizes) -> Double {
    let (height, width, c, o) = (sizes.height, sizes.width, sizes.channels, sizes.outputs)
    let places = sizes.images * height * width
    let x: Buffer<S> = random(places * c, 1)
    let w: Buffer<S> = random(o * 9 * c, 2)
    let dz: Buffer<S> = random(places * o, 3)
    var expected = (
      y: [Double](repeating: 0, count: places * o), dx: [Double](repeating: 0, count: places * c),
      dw: [Double](repeating: 0, count: 9 * c * o)
    )
    for place in 0..<places {
      for tap in 0..<9 {
        let line = place / width % height + tap / 3 - 1
        let column = place % width + tap % 3 - 1
        guard 0..<height ~= line, 0..<width ~= column else { continue }
        let from = place + (tap / 3 - 1) * width + tap % 3 - 1
        for j in 0..<o {
          for i in 0..<c {
            let (input, kernel) = (Double(x[from * c + i]), Double(w[(j * 9 + tap) * c + i]))
            let slope = Double(dz[place * o + j])
            expected.y[place * o + j] += input * kernel
            expected.dx[from * c + i] += slope * kernel
            expected.dw[(tap * c + i) * o + j] += input * slope
          }
        }
      }
    }
    let scratch = Buffer<S>(
      count: max(S.winogradScratchCount(sizes), S.winogradScratchCount(sizes.reversed)))
    let products = Buffer<S>(repeatElement(0, count: S.winogradProductsCount(channels: c, outputs: o)))
    let panels = Buffer<S>(
      count: max(
        S.winogradPanelsCount(channels: c, outputs: o), S.winogradPanelsCount(channels: o, outputs: c)))
    let y = Buffer<S>(repeatElement(.nan, count: places * o))
    let dx = Buffer<S>(repeatElement(.nan, count: places * c))
    let dw = Buffer<S>(repeatElement(.nan, count: 9 * c * o))
    S.addWinogradProducts(
      sizes, x: x.pointer, dz: dz.pointer, scratch: scratch.pointer, products: products.pointer)
    S.winogradGradient(channels: c, outputs: o, products: products.pointer, dw: dw.pointer)
    for isReversed in [false, true] {
      S.winogradPanels(
        channels: c, outputs: o, reversed: isReversed, w: w.pointer, products: products.pointer,
        panels: panels.pointer)
      S.winogradConvolve(
        isReversed ? sizes.reversed : sizes, x: isReversed ? dz.pointer : x.pointer, panels: panels.pointer,
        scratch: scratch.pointer, y: isReversed ? dx.pointer : y.pointer)
    }
    func error(_ values: Buffer<S>, _ expected: [Double]) -> Double {
      let scale = expected.map(abs).max() ?? 1
      // NaN, which nothing is allowed to leave behind, counts as infinite.
      return expected.indices.map { i in
        let difference = abs(Double(values[i]) - expected[i]) / scale
        return difference.isNaN ? .infinity : difference
      }.max() ?? 0
    }
    return max(error(y, expected.y), error(dx, expected.dx), error(dw, expected.dw))
  }

  @Test(arguments: images, channels) func everyShape(image: (Int, Int), channels: (Int, Int)) {
    for strip in [5, 48] {
      let sizes = WinogradSizes(
        images: 2, height: image.0, width: image.1, channels: channels.0, outputs: channels.1, strip: strip)
      #expect(worstError(Float.self, sizes) < 1e-5)
      #expect(worstError(Double.self, sizes) < 1e-13)
    }
  }
}
