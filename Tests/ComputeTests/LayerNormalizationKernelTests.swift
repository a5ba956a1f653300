import Compute
import Testing

/// Layer norm against its definition, and every derivative against central differences.
@Suite struct LayerNormalizationKernelTests {
  /// Layer norm's output, and its slopes for dy.
  func layerNorm(_ rows: Int, _ columns: Int, _ point: NormalizationPoint, dy: [Double]? = nil) -> (
    y: [Double], slopes: NormalizationSlopes
  ) {
    let (x, gamma, beta) = (Buffer<Double>(point.x), Buffer<Double>(point.gamma), Buffer<Double>(point.beta))
    let (y, moments) = (Buffer<Double>(count: rows * columns), Buffer<Double>(count: 2 * rows))
    Double.layerNorm(
      rows, columns, epsilon: 1e-5, gamma: gamma.pointer, beta: beta.pointer, x: x.pointer, y: y.pointer,
      moments: moments.pointer)
    let d = Buffer<Double>(dy ?? point.x)
    let (dGamma, dBeta) = (Buffer<Double>(count: columns), Buffer<Double>(count: columns))
    Double.layerNormBackward(
      rows, columns, gamma: gamma.pointer, moments: moments.pointer, x: x.pointer, dy: d.pointer, addend: nil,
      dx: d.pointer, keep: 0, gammaGradient: dGamma.pointer, betaGradient: dBeta.pointer)
    return (y.array, NormalizationSlopes(dx: d.array, gamma: dGamma.array, beta: dBeta.array))
  }

  @Test(arguments: [(3, 2), (5, 16), (4, 37), (2, 300)]) func layerNormAndDerivatives(rows: Int, columns: Int)
  {
    let count = rows * columns
    let point = NormalizationPoint(count, columns, seed: 20)
    let direction = NormalizationPoint(count, columns, seed: 21)
    let (dy, tdy) = (
      NormalizationPoint(count, columns, seed: 22).x, NormalizationPoint(count, columns, seed: 23).x
    )
    let (y, slopes) = layerNorm(rows, columns, point, dy: dy)
    expectNear(y, normalized(rows, columns, point, byColumn: false), 1e-12, "y")
    let change = centralDifference { h in
      [zip(dy, layerNorm(rows, columns, point.moved(h, direction)).y).reduce(0) { $0 + $1.0 * $1.1 }]
    }
    let byGradient = zip(
      slopes.dx + slopes.gamma + slopes.beta, direction.x + direction.gamma + direction.beta
    )
    .reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(change[0] - byGradient) < 1e-8 * (1 + abs(byGradient)) * Double(count))

    let (x, gamma) = (Buffer<Double>(point.x), Buffer<Double>(point.gamma))
    let (t, gammaTangent, betaTangent) = (
      Buffer<Double>(direction.x), Buffer<Double>(direction.gamma), Buffer<Double>(direction.beta)
    )
    let (ty, moments) = (Buffer<Double>(count: count), Buffer<Double>(count: 2 * rows))
    Double.layerNorm(
      rows, columns, epsilon: 1e-5, gamma: gamma.pointer, beta: gamma.pointer, x: x.pointer, y: ty.pointer,
      moments: moments.pointer)
    Double.layerNormTangent(
      rows, columns, gamma: gamma.pointer, gammaTangent: gammaTangent.pointer,
      betaTangent: betaTangent.pointer,
      moments: moments.pointer, x: x.pointer, t: t.pointer, ty: ty.pointer)
    expectNear(
      ty.array, centralDifference { layerNorm(rows, columns, point.moved($0, direction)).y }, 1e-8, "ty")

    let (d, u) = (Buffer<Double>(dy), Buffer<Double>(tdy))
    let (gammaProduct, betaProduct) = (Buffer<Double>(count: columns), Buffer<Double>(count: columns))
    Double.layerNormBackwardTangent(
      rows, columns, gamma: gamma.pointer, gammaTangent: gammaTangent.pointer, moments: moments.pointer,
      x: x.pointer, t: t.pointer, dy: d.pointer, tdy: u.pointer, tdx: u.pointer, keep: 0,
      gammaProduct: gammaProduct.pointer, betaProduct: betaProduct.pointer)
    let moved = { (h: Double) in
      layerNorm(rows, columns, point.moved(h, direction), dy: zip(dy, tdy).map { $0 + h * $1 }).slopes
    }
    // A row of two elements is a step function but for epsilon; the differences see its curvature.
    let tolerance = columns < 4 ? 1e-3 : 1e-7
    expectNear(u.array, centralDifference { moved($0).dx }, tolerance, "tdx")
    expectNear(gammaProduct.array, centralDifference { moved($0).gamma }, tolerance, "gamma")
    expectNear(betaProduct.array, centralDifference { moved($0).beta }, tolerance, "beta")
  }
}
