// Written by scripts/generate-float-kernels from Double+ActivationKernels.swift: change that one.
import CKernels

extension Float: ActivationKernels {
  /// z[r, :] += bias (if any), then a = σ(z); a may be z, whose values are then lost.
  package static func biasActivation(
    _ kind: ActivationKind, _ rows: Int, _ columns: Int, _ bias: UnsafePointer<Self>?,
    _ z: UnsafeMutablePointer<Self>, _ a: UnsafeMutablePointer<Self>
  ) {
    emc_bias_activation_f32(kind.rawValue, rows, columns, bias, z, a)
  }

  /// z[r, :] += bias (if any), then a = σ(z) and z ← σ'(z), so that backward is a product.
  package static func biasActivationSlope(
    _ kind: ActivationKind, _ rows: Int, _ columns: Int, _ bias: UnsafePointer<Self>?,
    _ z: UnsafeMutablePointer<Self>, _ a: UnsafeMutablePointer<Self>
  ) {
    emc_bias_activation_slope_f32(kind.rawValue, rows, columns, bias, z, a)
  }

  /// d *= σ'(z); bias gradient (if any) = beta · bias gradient + Σ_r d[r, :].
  package static func activationBackward(
    _ kind: ActivationKind, _ rows: Int, _ columns: Int, _ saved: UnsafePointer<Self>,
    _ d: UnsafeMutablePointer<Self>, _ beta: Self, _ biasGradient: UnsafeMutablePointer<Self>?
  ) {
    emc_activation_backward_f32(kind.rawValue, rows, columns, saved, d, beta, biasGradient)
  }

  /// t *= σ'(z): from the tangent of z to that of σ(z).
  package static func activationTangent(
    _ kind: ActivationKind, _ count: Int, _ saved: UnsafePointer<Self>, _ t: UnsafeMutablePointer<Self>
  ) {
    emc_activation_tangent_f32(kind.rawValue, count, saved, t)
  }

  /// From d = ∂L/∂a, its tangent u and the tangent t of z: u ← u·σ'(z) + d·σ''(z)·t, d ← d·σ'(z).
  package static func activationBackwardTangent(
    _ kind: ActivationKind, _ count: Int, _ saved: UnsafePointer<Self>, _ t: UnsafePointer<Self>,
    _ d: UnsafeMutablePointer<Self>, _ u: UnsafeMutablePointer<Self>
  ) {
    emc_activation_backward_tangent_f32(kind.rawValue, count, saved, t, d, u)
  }

  /// a = leak·z + (1 − leak)·(z + √(z² + width²)) / 2, a leaky ReLU whose kink is rounded; a may be z.
  package static func smoothKink(
    _ count: Int, leak: Self, width: Self, _ z: UnsafePointer<Self>, _ a: UnsafeMutablePointer<Self>
  ) {
    emc_smooth_kink_f32(leak, width, count, z, a)
  }

  /// d *= the slope of that function, from its value a.
  package static func smoothKinkBackward(
    _ count: Int, leak: Self, width: Self, _ a: UnsafePointer<Self>, _ d: UnsafeMutablePointer<Self>
  ) {
    emc_smooth_kink_backward_f32(leak, width, count, a, d)
  }

  /// x[i] = 0 with probability `drop`, 1/(1 − drop) otherwise, by word i of the stream from its next block on.
  package static func dropoutMask(
    _ count: Int, _ drop: Double, _ stream: RandomStream, _ x: UnsafeMutablePointer<Self>
  ) {
    emc_dropout_mask_f32(count, drop, stream.key, stream.index, stream.nextBlock, x)
  }
}
