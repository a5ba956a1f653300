import Compute

/// The place of a layer among those whose activation has a kink: two straight pieces that meet at zero.
struct KinkSlot: Sendable, Hashable {
  let index: Int
  /// The slope below zero.
  let leak: Double
}

/// What a pass does with kinks.
enum KinkTreatment<S: Scalar> {
  /// max(z, 0) becomes (z + √(z² + μ²)) / 2, and a leaky one likewise, with a μ for each layer.
  case rounded(widths: UnsafePointer<S>)
  /// Adds count, sum and sum of squares of z, three numbers a layer; the activation stays itself.
  case measured(UnsafeMutablePointer<Double>)
}

extension Pass {
  /// Whether something else stands in the place of that layer's activation.
  func treats(_ kink: KinkSlot?) -> Bool { kink != nil && kinks != nil }

  /// z[r, :] += bias (if any), then a = σ(z); a may be z, whose values are then lost.
  func activate(
    _ kind: ActivationKind, _ kink: KinkSlot?, _ rows: Int, _ columns: Int, _ bias: UnsafePointer<S>?,
    _ z: UnsafeMutablePointer<S>, _ a: UnsafeMutablePointer<S>
  ) {
    guard let kink, let kinks else { return S.biasActivation(kind, rows, columns, bias, z, a) }
    let count = rows * columns
    switch kinks {
    case .rounded(let widths):
      let width = widths[kink.index]
      guard width > 0 else { return S.biasActivation(kind, rows, columns, bias, z, a) }
      if bias != nil { S.biasActivation(.identity, rows, columns, bias, z, z) }
      S.smoothKink(count, leak: S(kink.leak), width: width, z, a)
    case .measured(let moments):
      if bias != nil { S.biasActivation(.identity, rows, columns, bias, z, z) }
      let own = moments + 3 * kink.index
      own[0] += Double(count)
      own[1] += S.sum(count, z)
      own[2] += S.dot(count, z, z)
      S.biasActivation(kind, rows, columns, nil, z, a)
    }
  }

  /// d *= σ'(z); bias gradient (if any) = keep · bias gradient + Σ_r d[r, :].
  func activationBackward(
    _ kind: ActivationKind, _ kink: KinkSlot?, _ rows: Int, _ columns: Int, _ saved: UnsafePointer<S>,
    _ d: UnsafeMutablePointer<S>, _ keep: S, _ biasGradient: UnsafeMutablePointer<S>?
  ) {
    guard let kink, case .rounded(let widths) = kinks, widths[kink.index] > 0 else {
      return S.activationBackward(kind, rows, columns, saved, d, keep, biasGradient)
    }
    S.smoothKinkBackward(rows * columns, leak: S(kink.leak), width: widths[kink.index], saved, d)
    if let biasGradient { S.columnSums(rows, columns, d, keep, biasGradient) }
  }
}
