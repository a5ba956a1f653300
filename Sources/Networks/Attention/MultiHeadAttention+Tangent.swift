import Compute

extension MultiHeadAttention {
  /// ẏ from ẋ and the direction: Ṡ = Q̇Kᵀ + QK̇ᵀ, Ṗ by the softmax's Jacobian, ẏ = ṖV + PV̇.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    for number in projections.indices {
      let part = projections[number]
      let t = pass.tangent(part.values)
      project(pass, part, x, pass.direction(weight), keep: 0, into: t)
      if let tx { project(pass, part, tx, pass.value(weight), keep: 1, into: t) }
      S.addToRows(pass.count * part.rows, part.outputs, pass.direction(bias) + part.first, t)
    }
    let operands = HeadOperands(self) { pass.memory($0) }
    let tangents = HeadOperands(self) { pass.tangent($0) }
    let count = queries * tokens
    for n in 0..<pass.count {
      for h in 0..<heads {
        let place = (n * heads + h) * count
        let (p, tp) = (pass.memory(weights) + place, pass.tangent(weights) + place)
        queriesByTokens(tangents.q(n, h), operands.k(n, h), keep: 0, into: tp)
        queriesByTokens(operands.q(n, h), tangents.k(n, h), keep: 1, into: tp)
        S.softmaxProduct(queries, tokens, scale, p, tp, tp)
        weighted(tp, operands.v(n, h), keep: 0, into: output(ty, n, h))
        weighted(p, tangents.v(n, h), keep: 1, into: output(ty, n, h))
      }
    }
  }

  /// What `backward` does, and the tangents of it.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    let operands = HeadOperands(self) { pass.memory($0) }
    let tangents = HeadOperands(self) { pass.tangent($0) }
    let slopes = HeadOperands(self, slopes: true) { pass.memory($0) }
    let slopeTangents = HeadOperands(self, slopes: true) { pass.tangent($0) }
    for n in 0..<pass.count {
      for h in 0..<heads {
        backwardTangent(pass, n, h, values, operands, tangents, slopes, slopeTangents)
      }
    }
    for number in projections.indices {
      let part = projections[number]
      let (d, td) = (pass.memory(part.slopes), pass.tangent(part.slopes))
      let rows = pass.count * part.rows
      S.columnSums(rows, part.outputs, d, pass.keep, pass.gradient(bias) + part.first)
      S.columnSums(rows, part.outputs, td, pass.keep, pass.product(bias) + part.first)
      addWeightGradient(pass, part, d, values.x, keep: pass.keep, into: pass.gradient(weight))
      addWeightGradient(pass, part, td, values.x, keep: pass.keep, into: pass.product(weight))
      if let tx = values.tx { addWeightGradient(pass, part, d, tx, keep: 1, into: pass.product(weight)) }
      guard let dx, let tdx else { continue }
      let keep: S = number == 0 ? 0 : 1
      projectBack(pass, part, d, pass.value(weight), keep: keep, into: dx)
      projectBack(pass, part, td, pass.value(weight), keep: keep, into: tdx)
      projectBack(pass, part, d, pass.direction(weight), keep: 1, into: tdx)
    }
  }

  /// One head: slopes of Q, K and V and their tangents.
  private func backwardTangent(
    _ pass: Pass<S>, _ n: Int, _ h: Int, _ values: TangentValues<S>, _ operands: HeadOperands<S>,
    _ tangents: HeadOperands<S>, _ slopes: HeadOperands<S>, _ slopeTangents: HeadOperands<S>
  ) {
    let count = queries * tokens
    let place = (n * heads + h) * count
    let (p, tp) = (pass.memory(weights) + place, pass.tangent(weights) + place)
    let (d, td) = (output(values.dy, n, h), output(values.tdy, n, h))
    let dp = pass.memory(softmaxSlopes)
    let (ds, tds) = (dp + count, pass.tangent(softmaxSlopes))
    // By P: dP = dO Vᵀ, and its tangent.
    queriesByTokens(d, operands.v(n, h), keep: 0, into: dp)
    queriesByTokens(td, operands.v(n, h), keep: 0, into: tds)
    queriesByTokens(d, tangents.v(n, h), keep: 1, into: tds)
    byTokens(p, d, keep: 0, into: slopes.v(n, h))
    byTokens(tp, d, keep: 0, into: slopeTangents.v(n, h))
    byTokens(p, td, keep: 1, into: slopeTangents.v(n, h))
    // By S, and its tangent.
    S.softmaxProduct(queries, tokens, scale, p, dp, ds)
    S.softmaxProductTangent(queries, tokens, scale, p: p, tp: tp, v: dp, tv: tds, y: tds)
    weighted(ds, operands.k(n, h), keep: 0, into: slopes.q(n, h))
    weighted(tds, operands.k(n, h), keep: 0, into: slopeTangents.q(n, h))
    weighted(ds, tangents.k(n, h), keep: 1, into: slopeTangents.q(n, h))
    byTokens(ds, operands.q(n, h), keep: 0, into: slopes.k(n, h))
    byTokens(tds, operands.q(n, h), keep: 0, into: slopeTangents.k(n, h))
    byTokens(ds, tangents.q(n, h), keep: 1, into: slopeTangents.k(n, h))
  }
}
