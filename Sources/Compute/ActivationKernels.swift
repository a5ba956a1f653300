/// The elementwise functions σ of the activations, numbered as in `CKernels.h`.
///
/// What backward needs is `saved`: z itself for `silu` and `gelu`, σ(z) for the others, whose derivatives follow
/// from their values.
package enum ActivationKind: Int32, Sendable, Hashable, CaseIterable {
  /// σ(z) = z.
  case identity = 0
  /// σ(z) = max(z, 0).
  case relu = 1
  /// σ(z) = z for z > 0, 0.01 z otherwise.
  case leakyReLU = 2
  /// σ(z) = z for z > 0, exp z − 1 otherwise.
  case elu = 3
  /// σ(z) = z / (1 + exp(−z)).
  case silu = 4
  /// σ(z) = z Φ(z), with the exact normal distribution.
  case gelu = 5
  /// σ(z) = tanh z.
  case tanh = 6
  /// σ(z) = 1 / (1 + exp(−z)).
  case sigmoid = 7

  /// Whether backward needs z; the others do with σ(z).
  package var savesInput: Bool { self == .silu || self == .gelu }

  /// The slope below zero of a function of two straight pieces, whose slope above is 1; nil for the others.
  package var leak: Double? {
    switch self {
    case .relu: 0
    case .leakyReLU: 0.01
    case .identity, .elu, .silu, .gelu, .tanh, .sigmoid: nil
    }
  }
}

/// Activations with their derivatives, over matrices (rows, columns).
package protocol ActivationKernels {
  /// z[r, :] += bias (if any), then a = σ(z); a may be z, whose values are then lost.
  static func biasActivation(
    _ kind: ActivationKind, _ rows: Int, _ columns: Int, _ bias: UnsafePointer<Self>?,
    _ z: UnsafeMutablePointer<Self>, _ a: UnsafeMutablePointer<Self>)
  /// z[r, :] += bias (if any), then a = σ(z) and z ← σ'(z), so that backward is a product.
  static func biasActivationSlope(
    _ kind: ActivationKind, _ rows: Int, _ columns: Int, _ bias: UnsafePointer<Self>?,
    _ z: UnsafeMutablePointer<Self>, _ a: UnsafeMutablePointer<Self>)
  /// d *= σ'(z); bias gradient (if any) = beta · bias gradient + Σ_r d[r, :].
  static func activationBackward(
    _ kind: ActivationKind, _ rows: Int, _ columns: Int, _ saved: UnsafePointer<Self>,
    _ d: UnsafeMutablePointer<Self>, _ beta: Self, _ biasGradient: UnsafeMutablePointer<Self>?)
  /// t *= σ'(z): from the tangent of z to that of σ(z).
  static func activationTangent(
    _ kind: ActivationKind, _ count: Int, _ saved: UnsafePointer<Self>, _ t: UnsafeMutablePointer<Self>)
  /// From d = ∂L/∂a, its tangent u and the tangent t of z: u ← u·σ'(z) + d·σ''(z)·t, d ← d·σ'(z).
  static func activationBackwardTangent(
    _ kind: ActivationKind, _ count: Int, _ saved: UnsafePointer<Self>, _ t: UnsafePointer<Self>,
    _ d: UnsafeMutablePointer<Self>, _ u: UnsafeMutablePointer<Self>)
  /// a = leak·z + (1 − leak)·(z + √(z² + width²)) / 2, a leaky ReLU whose kink is rounded; a may be z.
  static func smoothKink(
    _ count: Int, leak: Self, width: Self, _ z: UnsafePointer<Self>, _ a: UnsafeMutablePointer<Self>)
  /// d *= the slope of that function, from its value a.
  static func smoothKinkBackward(
    _ count: Int, leak: Self, width: Self, _ a: UnsafePointer<Self>, _ d: UnsafeMutablePointer<Self>)
  /// x[i] = 0 with probability `drop`, 1/(1 − drop) otherwise, by word i of the stream from its next block on.
  static func dropoutMask(
    _ count: Int, _ drop: Double, _ stream: RandomStream, _ x: UnsafeMutablePointer<Self>)
}
