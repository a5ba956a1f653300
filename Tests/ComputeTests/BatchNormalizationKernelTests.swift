import Compute
import Testing

/// Batch norm by the kernels, in the order in which a layer calls them.
private struct BatchNorm<S: Scalar> {
  let rows, columns: Int
  let x, gamma, beta, mean, variance, inverse, scale, shift, coefficients: Buffer<S>
  let inputSums, slopeSums, slopeTangentSums: Buffer<Double>

  init(_ rows: Int, _ columns: Int, _ point: NormalizationPoint) {
    self.rows = rows
    self.columns = columns
    x = Buffer(point.x.map { S($0) })
    gamma = Buffer(point.gamma.map { S($0) })
    beta = Buffer(point.beta.map { S($0) })
    (mean, variance, inverse) = (Buffer(count: columns), Buffer(count: columns), Buffer(count: columns))
    (scale, shift, coefficients) = (
      Buffer(count: columns), Buffer(count: columns), Buffer(count: 5 * columns)
    )
    inputSums = Buffer(count: 2 * columns)
    slopeSums = Buffer(count: 2 * columns)
    slopeTangentSums = Buffer(count: 2 * columns)
    let sums = Buffer<Double>(count: 2 * columns)
    S.addMoments(rows, columns, shift: x.pointer, x: x.pointer, sums: sums.pointer)
    S.moments(
      rows, columns, shift: x.pointer, sums: sums.pointer, mean: mean.pointer, variance: variance.pointer)
    S.normCoefficients(
      columns, epsilon: 1e-5, gamma: gamma.pointer, beta: beta.pointer, mean: mean.pointer,
      variance: variance.pointer, inverse: inverse.pointer, scale: scale.pointer, shift: shift.pointer)
  }

  func forward(_ kind: ActivationKind, addend: Buffer<S>? = nil) -> [S] {
    let y = Buffer<S>(count: rows * columns)
    S.affineActivation(
      kind, rows, columns, scale: scale.pointer, shift: shift.pointer, x: x.pointer,
      addend: addend?.pointer,
      y: y.pointer)
    return y.array
  }

  func sums(_ kind: ActivationKind, _ d: Buffer<S>, into sums: Buffer<Double>) {
    S.addNormProducts(
      kind, rows, columns, scale: scale.pointer, shift: shift.pointer, mean: mean.pointer, x: x.pointer,
      d: d.pointer, sums: sums.pointer)
  }

  func backward(_ kind: ActivationKind, dy: [Double]) -> NormalizationSlopes {
    let d = Buffer<S>(dy.map { S($0) })
    let dGamma = Buffer<S>(repeatElement(.nan, count: columns))
    let dBeta = dGamma.copy()
    sums(kind, d, into: slopeSums)
    S.normBackwardCoefficients(
      rows, columns, gamma: gamma.pointer, inverse: inverse.pointer, sums: slopeSums.pointer,
      coefficients: coefficients.pointer, keep: 0, gammaGradient: dGamma.pointer,
      betaGradient: dBeta.pointer)
    S.normCombine(
      kind, rows, columns, scale: scale.pointer, shift: shift.pointer, mean: mean.pointer,
      coefficients: coefficients.pointer, x: x.pointer, d: d.pointer, y: d.pointer)
    return NormalizationSlopes(
      dx: d.array.map { Double($0) }, gamma: dGamma.array.map { Double($0) },
      beta: dBeta.array.map { Double($0) })
  }
}

/// Batch norm against its definition, and every derivative against central differences.
@Suite struct BatchNormalizationKernelTests {
  private func norm(_ point: NormalizationPoint, _ rows: Int, _ columns: Int) -> BatchNorm<Double> {
    BatchNorm(rows, columns, point)
  }

  static let shapes = [(2, 1), (7, 3), (600, 5), (40, 64), (9, 300)]

  @Test(arguments: shapes) func batchNormByDefinition(rows: Int, columns: Int) {
    let point = NormalizationPoint(rows * columns, columns, seed: 1)
    let expected = normalized(rows, columns, point, byColumn: true)
    expectNear(norm(point, rows, columns).forward(.identity), expected, 1e-12, "double")
    let single = BatchNorm<Float>(rows, columns, point)
    expectNear(single.forward(.identity).map { Double($0) }, expected, 1e-4, "single")
    let addend = Buffer<Double>((0..<rows * columns).map { Double($0 % 7) - 3 })
    expectNear(
      norm(point, rows, columns).forward(.relu, addend: addend),
      zip(expected, addend.array).map { max($0 + $1, 0) }, 1e-12, "with an addend")
  }

  @Test(arguments: shapes, [ActivationKind.identity, .gelu, .tanh])
  func batchNormBackward(shape: (Int, Int), kind: ActivationKind) {
    let (rows, columns) = shape
    let point = NormalizationPoint(rows * columns, columns, seed: 2)
    let dy = NormalizationPoint(rows * columns, columns, seed: 3).x
    let slopes = norm(point, rows, columns).backward(kind, dy: dy)
    // Along random directions, the loss Σ dy·y changes as its gradient says.
    for seed in 4..<8 {
      let direction = NormalizationPoint(rows * columns, columns, seed: UInt64(seed))
      let change = centralDifference { h in
        let y = norm(point.moved(h, direction), rows, columns).forward(kind)
        return [zip(dy, y).reduce(0) { $0 + $1.0 * $1.1 }]
      }
      let byGradient = zip(
        slopes.dx + slopes.gamma + slopes.beta, direction.x + direction.gamma + direction.beta
      )
      .reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(change[0] - byGradient) < 1e-7 * (1 + abs(byGradient)) * Double(rows))
    }
    let single = BatchNorm<Float>(rows, columns, point).backward(kind, dy: dy)
    expectNear(single.dx, slopes.dx, 1e-3, "single")
    expectNear(single.gamma, slopes.gamma, 1e-3, "single")
  }

  @Test(arguments: shapes.dropFirst()) func batchNormTangents(rows: Int, columns: Int) {
    let count = rows * columns
    let point = NormalizationPoint(count, columns, seed: 10)
    let direction = NormalizationPoint(count, columns, seed: 11)
    let (dy, tdy) = (
      NormalizationPoint(count, columns, seed: 12).x, NormalizationPoint(count, columns, seed: 13).x
    )
    let layer = norm(point, rows, columns)
    let t = Buffer<Double>(direction.x)
    let (gammaTangent, betaTangent) = (Buffer<Double>(direction.gamma), Buffer<Double>(direction.beta))
    layer.sums(.identity, t, into: layer.inputSums)
    Double.normTangentCoefficients(
      rows, columns, gamma: layer.gamma.pointer, inverse: layer.inverse.pointer,
      gammaTangent: gammaTangent.pointer, betaTangent: betaTangent.pointer, sums: layer.inputSums.pointer,
      coefficients: layer.coefficients.pointer)
    let ty = Buffer<Double>(count: count)
    Double.normCombine(
      .identity, rows, columns, scale: layer.scale.pointer, shift: layer.shift.pointer,
      mean: layer.mean.pointer,
      coefficients: layer.coefficients.pointer, x: layer.x.pointer, d: t.pointer, y: ty.pointer)
    expectNear(
      ty.array, centralDifference { norm(point.moved($0, direction), rows, columns).forward(.identity) },
      1e-8, "ty")

    let (d, u) = (Buffer<Double>(dy), Buffer<Double>(tdy))
    _ = layer.backward(.identity, dy: dy)
    layer.sums(.identity, u, into: layer.slopeTangentSums)
    let products = Buffer<Double>(count: columns)
    Double.columnProducts(rows, columns, d.pointer, t.pointer, 0, products.pointer)
    let (gammaProduct, betaProduct) = (Buffer<Double>(count: columns), Buffer<Double>(count: columns))
    Double.normBackwardTangentCoefficients(
      rows, columns, gamma: layer.gamma.pointer, inverse: layer.inverse.pointer,
      gammaTangent: gammaTangent.pointer, inputSums: layer.inputSums.pointer,
      slopeSums: layer.slopeSums.pointer,
      slopeTangentSums: layer.slopeTangentSums.pointer, products: products.pointer,
      coefficients: layer.coefficients.pointer, keep: 0, gammaProduct: gammaProduct.pointer,
      betaProduct: betaProduct.pointer)
    Double.normBackwardTangent(
      rows, columns, mean: layer.mean.pointer, coefficients: layer.coefficients.pointer, x: layer.x.pointer,
      t: t.pointer, d: d.pointer, u: u.pointer, y: u.pointer)
    let slopes = { (h: Double) in
      norm(point.moved(h, direction), rows, columns).backward(.identity, dy: zip(dy, tdy).map { $0 + h * $1 })
    }
    expectNear(u.array, centralDifference { slopes($0).dx }, 1e-8, "tdx")
    expectNear(gammaProduct.array, centralDifference { slopes($0).gamma }, 1e-8, "gamma")
    expectNear(betaProduct.array, centralDifference { slopes($0).beta }, 1e-8, "beta")
  }

  @Test func momentsFarFromZero() {
    // A deviation of 10⁻³ about 1000: what a plain sum of squares in single precision would lose.
    var stream = RandomStream(seed: 5, purpose: .inputs)
    let x = Buffer<Float>((0..<8192).map { _ in Float(1000 + 0.5 * stream.normal()) })
    let sums = Buffer<Double>(count: 4)
    let (mean, variance) = (Buffer<Float>(count: 2), Buffer<Float>(count: 2))
    Float.addMoments(4096, 2, shift: x.pointer, x: x.pointer, sums: sums.pointer)
    Float.moments(
      4096, 2, shift: x.pointer, sums: sums.pointer, mean: mean.pointer, variance: variance.pointer)
    for c in 0..<2 {
      let column = stride(from: c, to: 8192, by: 2).map { Double(x[$0]) }
      let exact = column.reduce(0, +) / 4096
      let spread = column.reduce(0) { $0 + ($1 - exact) * ($1 - exact) } / 4096
      #expect(abs(Double(mean[c]) - exact) < 1e-4)
      #expect(abs(Double(variance[c]) - spread) < 1e-5 * spread)
    }
    // Pooled over batches of unequal size, in single precision, they are those of everything together.
    let statistics = Buffer<Float>(count: 8)
    for (start, rows) in [(0, 1000), (1000, 3000), (4000, 96)] {
      Float.fill(0, 0, mean.pointer)
      let part = Buffer<Double>(count: 4)
      Float.addMoments(rows, 2, shift: x.pointer, x: x.pointer + 2 * start, sums: part.pointer)
      Float.moments(
        rows, 2, shift: x.pointer, sums: part.pointer, mean: mean.pointer, variance: variance.pointer)
      Float.poolMoments(
        2, weight: Double(rows), mean: mean.pointer, variance: variance.pointer,
        statistics: statistics.pointer)
    }
    Float.pooledMoments(
      2, weight: 4096, statistics: statistics.pointer, mean: mean.pointer, variance: variance.pointer)
    for c in 0..<2 {
      let column = stride(from: c, to: 8192, by: 2).map { Double(x[$0]) }
      let exact = column.reduce(0, +) / 4096
      let spread = column.reduce(0) { $0 + ($1 - exact) * ($1 - exact) } / 4096
      #expect(abs(Double(mean[c]) - exact) < 1e-4)
      // The batches' means carry single precision's rounding: 2·1000·3e-5 of 0.25.
      #expect(abs(Double(variance[c]) - spread) < 0.1)
    }
  }
}
