import Compute
import Foundation
import Testing

/// The kernels' elementary functions against the C library's in double.
@Suite struct ElementaryFunctionTests {
  typealias Kernel<S> = (Int, UnsafePointer<S>, UnsafeMutablePointer<S>) -> Void

  /// The largest error of `kernel` over a fine grid, in units of the reference's last place.
  func worstError<S: Scalar>(
    _ kernel: Kernel<S>, _ reference: (Double) -> Double, from low: Double, to high: Double
  ) -> Double {
    let count = 100_001
    let x = Buffer<S>(count: count)
    let y = Buffer<S>(count: count)
    for i in 0..<count {
      x[i] = S(low + (high - low) * Double(i) / Double(count - 1))
    }
    kernel(count, x.pointer, y.pointer)
    var worst = 0.0
    for i in 0..<count {
      let exact = reference(Double(x[i]))
      let unit = Double(max(S(exact).magnitude.ulp, S.leastNormalMagnitude))
      worst = max(worst, abs(Double(y[i]) - exact) / unit)
    }
    return worst
  }

  @Test func exponential() {
    #expect(worstError(Double.exp, Foundation.exp, from: -708, to: 709) <= 2)
    #expect(worstError(Double.exp, Foundation.exp, from: -1, to: 1) <= 2)
    #expect(worstError(Float.exp, Foundation.exp, from: -87, to: 88) <= 2)
    #expect(worstError(Float.exp, Foundation.exp, from: -1, to: 1) <= 2)
  }

  @Test func hyperbolicTangent() {
    for limit in [1e-3, 1, 25] {
      #expect(worstError(Double.tanh, Foundation.tanh, from: -limit, to: limit) <= 4)
      #expect(worstError(Float.tanh, Foundation.tanh, from: -limit, to: limit) <= 4)
    }
  }

  @Test func errorFunction() {
    for limit in [1e-3, 1, 7] {
      #expect(worstError(Double.erf, Foundation.erf, from: -limit, to: limit) <= 6)
      #expect(worstError(Float.erf, Foundation.erf, from: -limit, to: limit) <= 6)
    }
  }

  @Test func extremes() {
    let x = Buffer<Float>([-.infinity, -1000, 0, 1000, .nan])
    let y = Buffer<Float>(count: 5)
    Float.exp(5, x.pointer, y.pointer)
    #expect(y[0] == 0 && y[1] == 0 && y[2] == 1 && y[3] > 1e38 && y[4].isNaN)
    Float.tanh(5, x.pointer, y.pointer)
    #expect(y[0] == -1 && y[1] == -1 && y[2] == 0 && y[3] == 1 && y[4].isNaN)
    Float.erf(5, x.pointer, y.pointer)
    #expect(y[0] == -1 && y[1] == -1 && y[2] == 0 && y[3] == 1 && y[4].isNaN)
  }
}
