// Written by scripts/generate-float-kernels from Double+NormalizationKernels.swift: change that one.
import CKernels

extension Float: NormalizationKernels {
  /// sums += (Σ_r (x − shift), Σ_r (x − shift)²); sums (2, columns).
  package static func addMoments(
    _ rows: Int, _ columns: Int, shift: UnsafePointer<Self>, x: UnsafePointer<Self>,
    sums: UnsafeMutablePointer<Double>
  ) {
    emc_add_moments_f32(rows, columns, shift, x, sums)
  }

  /// Mean and biased variance of `rows` rows whose moments about `shift` are `sums`.
  package static func moments(
    _ rows: Int, _ columns: Int, shift: UnsafePointer<Self>, sums: UnsafePointer<Double>,
    mean: UnsafeMutablePointer<Self>, variance: UnsafeMutablePointer<Self>
  ) {
    emc_moments_f32(rows, columns, shift, sums, mean, variance)
  }

  /// Adds weight·mean and weight·(variance + mean²) to statistics (4, columns), each a number and what its rounding lost.
  package static func poolMoments(
    _ columns: Int, weight: Double, mean: UnsafePointer<Self>, variance: UnsafePointer<Self>,
    statistics: UnsafeMutablePointer<Self>
  ) {
    emc_pool_moments_f32(columns, weight, mean, variance, statistics)
  }

  /// Mean and variance from statistics that were pooled to that total weight.
  package static func pooledMoments(
    _ columns: Int, weight: Double, statistics: UnsafePointer<Self>, mean: UnsafeMutablePointer<Self>,
    variance: UnsafeMutablePointer<Self>
  ) {
    emc_pooled_moments_f32(columns, weight, statistics, mean, variance)
  }

  /// inverse = 1/√(variance + ε), scale = gamma·inverse, shift = beta − mean·scale.
  package static func normCoefficients(
    _ columns: Int, epsilon: Self, gamma: UnsafePointer<Self>, beta: UnsafePointer<Self>,
    mean: UnsafePointer<Self>, variance: UnsafePointer<Self>, inverse: UnsafeMutablePointer<Self>,
    scale: UnsafeMutablePointer<Self>, shift: UnsafeMutablePointer<Self>
  ) {
    emc_norm_coefficients_f32(columns, epsilon, gamma, beta, mean, variance, inverse, scale, shift)
  }

  /// y = σ(scale·x + shift + addend), without one if it is nil; y may be x or the addend.
  package static func affineActivation(
    _ kind: ActivationKind, _ rows: Int, _ columns: Int, scale: UnsafePointer<Self>,
    shift: UnsafePointer<Self>, x: UnsafePointer<Self>, addend: UnsafePointer<Self>?,
    y: UnsafeMutablePointer<Self>
  ) {
    emc_affine_activation_f32(kind.rawValue, rows, columns, scale, shift, x, addend, y)
  }

  /// With e = d·σ'(scale·x + shift): sums += (Σ_r e, Σ_r e·(x − mean)).
  package static func addNormProducts(
    _ kind: ActivationKind, _ rows: Int, _ columns: Int, scale: UnsafePointer<Self>,
    shift: UnsafePointer<Self>, mean: UnsafePointer<Self>, x: UnsafePointer<Self>, d: UnsafePointer<Self>,
    sums: UnsafeMutablePointer<Double>
  ) {
    emc_add_norm_products_f32(kind.rawValue, rows, columns, scale, shift, mean, x, d, sums)
  }

  /// From those sums over `rows` rows the gradients of gamma and beta (keep · what is there + theirs) and the
  /// coefficients (3, columns) a, b, c of dx = a·e + b·(x − mean) + c.
  package static func normBackwardCoefficients(
    _ rows: Int, _ columns: Int, gamma: UnsafePointer<Self>, inverse: UnsafePointer<Self>,
    sums: UnsafePointer<Double>, coefficients: UnsafeMutablePointer<Self>, keep: Self,
    gammaGradient: UnsafeMutablePointer<Self>, betaGradient: UnsafeMutablePointer<Self>
  ) {
    emc_norm_backward_coefficients_f32(
      rows, columns, gamma, inverse, sums, coefficients, keep, gammaGradient, betaGradient)
  }

  /// y = a·e + b·(x − mean) + c, e = d·σ'(scale·x + shift); y may be d.
  package static func normCombine(
    _ kind: ActivationKind, _ rows: Int, _ columns: Int, scale: UnsafePointer<Self>,
    shift: UnsafePointer<Self>, mean: UnsafePointer<Self>, coefficients: UnsafePointer<Self>,
    x: UnsafePointer<Self>, d: UnsafePointer<Self>, y: UnsafeMutablePointer<Self>
  ) {
    emc_norm_combine_f32(kind.rawValue, rows, columns, scale, shift, mean, coefficients, x, d, y)
  }

  /// From the sums (as of `addNormProducts`) of the tangent t of x: the coefficients of ty = a·t + b·(x − mean) + c.
  package static func normTangentCoefficients(
    _ rows: Int, _ columns: Int, gamma: UnsafePointer<Self>, inverse: UnsafePointer<Self>,
    gammaTangent: UnsafePointer<Self>, betaTangent: UnsafePointer<Self>, sums: UnsafePointer<Double>,
    coefficients: UnsafeMutablePointer<Self>
  ) {
    emc_norm_tangent_coefficients_f32(
      rows, columns, gamma, inverse, gammaTangent, betaTangent, sums, coefficients)
  }

  /// From the sums of t, of d and of its tangent u, and products = Σ_r d·t: gamma's and beta's products (keep · what
  /// is there + theirs) and the coefficients (5, columns) of the tangent of dx, which `normBackwardTangent` takes.
  package static func normBackwardTangentCoefficients(
    _ rows: Int, _ columns: Int, gamma: UnsafePointer<Self>, inverse: UnsafePointer<Self>,
    gammaTangent: UnsafePointer<Self>, inputSums: UnsafePointer<Double>, slopeSums: UnsafePointer<Double>,
    slopeTangentSums: UnsafePointer<Double>, products: UnsafePointer<Self>,
    coefficients: UnsafeMutablePointer<Self>, keep: Self, gammaProduct: UnsafeMutablePointer<Self>,
    betaProduct: UnsafeMutablePointer<Self>
  ) {
    emc_norm_backward_tangent_coefficients_f32(
      rows, columns, gamma, inverse, gammaTangent, inputSums, slopeSums, slopeTangentSums, products,
      coefficients, keep, gammaProduct, betaProduct)
  }

  /// y = a·u + b·d + c·t + e·(x − mean) + f; y may be u.
  package static func normBackwardTangent(
    _ rows: Int, _ columns: Int, mean: UnsafePointer<Self>, coefficients: UnsafePointer<Self>,
    x: UnsafePointer<Self>, t: UnsafePointer<Self>, d: UnsafePointer<Self>, u: UnsafePointer<Self>,
    y: UnsafeMutablePointer<Self>
  ) {
    emc_norm_backward_tangent_f32(rows, columns, mean, coefficients, x, t, d, u, y)
  }

  /// y[r, :] = gamma·x̂ + beta, x̂ = (x − mean)·inverse over the row; moments (rows, 2) gets (mean, inverse).
  package static func layerNorm(
    _ rows: Int, _ columns: Int, epsilon: Self, gamma: UnsafePointer<Self>, beta: UnsafePointer<Self>,
    x: UnsafePointer<Self>, y: UnsafeMutablePointer<Self>, moments: UnsafeMutablePointer<Self>
  ) {
    emc_layer_norm_f32(rows, columns, epsilon, gamma, beta, x, y, moments)
  }

  /// dx = addend (if any) + (∂y/∂x)ᵀ dy, where dx may be dy or the addend; gradients = keep · what is there + theirs.
  package static func layerNormBackward(
    _ rows: Int, _ columns: Int, gamma: UnsafePointer<Self>, moments: UnsafePointer<Self>,
    x: UnsafePointer<Self>, dy: UnsafePointer<Self>, addend: UnsafePointer<Self>?,
    dx: UnsafeMutablePointer<Self>, keep: Self, gammaGradient: UnsafeMutablePointer<Self>,
    betaGradient: UnsafeMutablePointer<Self>
  ) {
    emc_layer_norm_backward_f32(
      rows, columns, gamma, moments, x, dy, addend, dx, keep, gammaGradient, betaGradient)
  }

  /// ty from the tangents of x (t), gamma and beta.
  package static func layerNormTangent(
    _ rows: Int, _ columns: Int, gamma: UnsafePointer<Self>, gammaTangent: UnsafePointer<Self>,
    betaTangent: UnsafePointer<Self>, moments: UnsafePointer<Self>, x: UnsafePointer<Self>,
    t: UnsafePointer<Self>, ty: UnsafeMutablePointer<Self>
  ) {
    emc_layer_norm_tangent_f32(rows, columns, gamma, gammaTangent, betaTangent, moments, x, t, ty)
  }

  /// The tangent tdx of dx from dy, its tangent and those of x (t) and gamma; tdx may be tdy. Products = keep · what is
  /// there + the tangents of the parameters' gradients.
  package static func layerNormBackwardTangent(
    _ rows: Int, _ columns: Int, gamma: UnsafePointer<Self>, gammaTangent: UnsafePointer<Self>,
    moments: UnsafePointer<Self>, x: UnsafePointer<Self>, t: UnsafePointer<Self>, dy: UnsafePointer<Self>,
    tdy: UnsafePointer<Self>, tdx: UnsafeMutablePointer<Self>, keep: Self,
    gammaProduct: UnsafeMutablePointer<Self>, betaProduct: UnsafeMutablePointer<Self>
  ) {
    emc_layer_norm_backward_tangent_f32(
      rows, columns, gamma, gammaTangent, moments, x, t, dy, tdy, tdx, keep, gammaProduct, betaProduct)
  }
}
