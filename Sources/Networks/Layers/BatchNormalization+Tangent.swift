import Compute

extension BatchNormalization {
  /// ẏ from ẋ and the direction.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    let tx = tx ?? pass.zeros(still)
    let rows = pass.count * places
    let found = moments(pass)
    let sums = sums(pass, inputSums)
    S.addNormProducts(
      .identity, rows, channels, scale: found.scale, shift: found.shift, mean: found.mean, x: x, d: tx,
      sums: sums)
    S.normTangentCoefficients(
      rows, channels, gamma: pass.value(scale), inverse: found.inverse, gammaTangent: pass.direction(scale),
      betaTangent: pass.direction(shift), sums: sums, coefficients: pass.memory(coefficients))
    let tz = preactivation.map { pass.tangent($0) } ?? ty
    S.normCombine(
      .identity, rows, channels, scale: found.scale, shift: found.shift, mean: found.mean,
      coefficients: pass.memory(coefficients), x: x, d: tx, y: tz)
    guard let preactivation else { return }
    let count = rows * channels
    S.scale(count, 1, tz, ty)
    S.activationTangent(kind, count, kind.savesInput ? UnsafePointer(pass.memory(preactivation)) : y, ty)
  }

  /// What `backward` does, and the tangents of it.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    let tx = values.tx ?? pass.zeros(still)
    let rows = pass.count * places
    if let preactivation {
      let saved = kind.savesInput ? UnsafePointer(pass.memory(preactivation)) : values.y
      S.activationBackwardTangent(
        kind, rows * channels, saved, pass.tangent(preactivation), values.dy, values.tdy)
    }
    backwardTangent(pass, x: values.x, tx: tx, dz: values.dy, tdz: values.tdy, dx: dx, tdx: tdx)
  }

  /// From the slopes by z, which are left as they are.
  func backwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>, dz: UnsafePointer<S>, tdz: UnsafePointer<S>,
    dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    let rows = pass.count * places
    let found = moments(pass)
    backward(pass, .identity, x: x, dy: dz, dx: dx)
    let slopes = doubles(pass, slopeSums)
    let slopeTangents = sums(pass, slopeSums, part: 1)
    S.addNormProducts(
      .identity, rows, channels, scale: found.scale, shift: found.shift, mean: found.mean, x: x, d: tdz,
      sums: slopeTangents)
    let products = pass.memory(slopeSums) + (slopeSums.count - channels)
    S.columnProducts(rows, channels, dz, tx, 0, products)
    S.normBackwardTangentCoefficients(
      rows, channels, gamma: pass.value(scale), inverse: found.inverse, gammaTangent: pass.direction(scale),
      inputSums: doubles(pass, inputSums), slopeSums: slopes, slopeTangentSums: slopeTangents,
      products: products, coefficients: pass.memory(coefficients), keep: pass.keep,
      gammaProduct: pass.product(scale), betaProduct: pass.product(shift))
    guard let tdx else { return }
    S.normBackwardTangent(
      rows, channels, mean: found.mean, coefficients: pass.memory(coefficients), x: x, t: tx, d: dz, u: tdz,
      y: tdx)
  }
}
