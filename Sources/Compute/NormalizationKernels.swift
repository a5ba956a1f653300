/// Batch norm over matrices (rows, columns) with one channel a column, and layer norm over their rows.
///
/// Batch norm is sums over rows (two `Double`s for each column: all first ones, then all second ones), coefficients
/// for each channel, and one elementwise pass that applies them together with an activation.
package protocol NormalizationKernels {
  /// sums += (Σ_r (x − shift), Σ_r (x − shift)²); sums (2, columns).
  static func addMoments(
    _ rows: Int, _ columns: Int, shift: UnsafePointer<Self>, x: UnsafePointer<Self>,
    sums: UnsafeMutablePointer<Double>)
  /// Mean and biased variance of `rows` rows whose moments about `shift` are `sums`.
  static func moments(
    _ rows: Int, _ columns: Int, shift: UnsafePointer<Self>, sums: UnsafePointer<Double>,
    mean: UnsafeMutablePointer<Self>, variance: UnsafeMutablePointer<Self>)
  /// Adds weight·mean and weight·(variance + mean²) to statistics (4, columns), each a number and what its rounding lost.
  static func poolMoments(
    _ columns: Int, weight: Double, mean: UnsafePointer<Self>, variance: UnsafePointer<Self>,
    statistics: UnsafeMutablePointer<Self>)
  /// Mean and variance from statistics that were pooled to that total weight.
  static func pooledMoments(
    _ columns: Int, weight: Double, statistics: UnsafePointer<Self>, mean: UnsafeMutablePointer<Self>,
    variance: UnsafeMutablePointer<Self>)
  /// inverse = 1/√(variance + ε), scale = gamma·inverse, shift = beta − mean·scale.
  static func normCoefficients(
    _ columns: Int, epsilon: Self, gamma: UnsafePointer<Self>, beta: UnsafePointer<Self>,
    mean: UnsafePointer<Self>, variance: UnsafePointer<Self>, inverse: UnsafeMutablePointer<Self>,
    scale: UnsafeMutablePointer<Self>, shift: UnsafeMutablePointer<Self>)
  /// y = σ(scale·x + shift + addend), without one if it is nil; y may be x or the addend.
  static func affineActivation(
    _ kind: ActivationKind, _ rows: Int, _ columns: Int, scale: UnsafePointer<Self>,
    shift: UnsafePointer<Self>, x: UnsafePointer<Self>, addend: UnsafePointer<Self>?,
    y: UnsafeMutablePointer<Self>)
  /// With e = d·σ'(scale·x + shift): sums += (Σ_r e, Σ_r e·(x − mean)).
  static func addNormProducts(
    _ kind: ActivationKind, _ rows: Int, _ columns: Int, scale: UnsafePointer<Self>,
    shift: UnsafePointer<Self>, mean: UnsafePointer<Self>, x: UnsafePointer<Self>, d: UnsafePointer<Self>,
    sums: UnsafeMutablePointer<Double>)
  /// From those sums over `rows` rows the gradients of gamma and beta (keep · what is there + theirs) and the
  /// coefficients (3, columns) a, b, c of dx = a·e + b·(x − mean) + c.
  static func normBackwardCoefficients(
    _ rows: Int, _ columns: Int, gamma: UnsafePointer<Self>, inverse: UnsafePointer<Self>,
    sums: UnsafePointer<Double>, coefficients: UnsafeMutablePointer<Self>, keep: Self,
    gammaGradient: UnsafeMutablePointer<Self>, betaGradient: UnsafeMutablePointer<Self>)
  /// y = a·e + b·(x − mean) + c, e = d·σ'(scale·x + shift); y may be d.
  static func normCombine(
    _ kind: ActivationKind, _ rows: Int, _ columns: Int, scale: UnsafePointer<Self>,
    shift: UnsafePointer<Self>, mean: UnsafePointer<Self>, coefficients: UnsafePointer<Self>,
    x: UnsafePointer<Self>, d: UnsafePointer<Self>, y: UnsafeMutablePointer<Self>)
  /// From the sums (as of `addNormProducts`) of the tangent t of x: the coefficients of ty = a·t + b·(x − mean) + c.
  static func normTangentCoefficients(
    _ rows: Int, _ columns: Int, gamma: UnsafePointer<Self>, inverse: UnsafePointer<Self>,
    gammaTangent: UnsafePointer<Self>, betaTangent: UnsafePointer<Self>, sums: UnsafePointer<Double>,
    coefficients: UnsafeMutablePointer<Self>)
  /// From the sums of t, of d and of its tangent u, and products = Σ_r d·t: gamma's and beta's products (keep · what
  /// is there + theirs) and the coefficients (5, columns) of the tangent of dx, which `normBackwardTangent` takes.
  static func normBackwardTangentCoefficients(
    _ rows: Int, _ columns: Int, gamma: UnsafePointer<Self>, inverse: UnsafePointer<Self>,
    gammaTangent: UnsafePointer<Self>, inputSums: UnsafePointer<Double>, slopeSums: UnsafePointer<Double>,
    slopeTangentSums: UnsafePointer<Double>, products: UnsafePointer<Self>,
    coefficients: UnsafeMutablePointer<Self>, keep: Self, gammaProduct: UnsafeMutablePointer<Self>,
    betaProduct: UnsafeMutablePointer<Self>)
  /// y = a·u + b·d + c·t + e·(x − mean) + f; y may be u.
  static func normBackwardTangent(
    _ rows: Int, _ columns: Int, mean: UnsafePointer<Self>, coefficients: UnsafePointer<Self>,
    x: UnsafePointer<Self>, t: UnsafePointer<Self>, d: UnsafePointer<Self>, u: UnsafePointer<Self>,
    y: UnsafeMutablePointer<Self>)
  /// y[r, :] = gamma·x̂ + beta, x̂ = (x − mean)·inverse over the row; moments (rows, 2) gets (mean, inverse).
  static func layerNorm(
    _ rows: Int, _ columns: Int, epsilon: Self, gamma: UnsafePointer<Self>, beta: UnsafePointer<Self>,
    x: UnsafePointer<Self>, y: UnsafeMutablePointer<Self>, moments: UnsafeMutablePointer<Self>)
  /// dx = addend (if any) + (∂y/∂x)ᵀ dy, where dx may be dy or the addend; gradients = keep · what is there + theirs.
  static func layerNormBackward(
    _ rows: Int, _ columns: Int, gamma: UnsafePointer<Self>, moments: UnsafePointer<Self>,
    x: UnsafePointer<Self>, dy: UnsafePointer<Self>, addend: UnsafePointer<Self>?,
    dx: UnsafeMutablePointer<Self>, keep: Self, gammaGradient: UnsafeMutablePointer<Self>,
    betaGradient: UnsafeMutablePointer<Self>)
  /// ty from the tangents of x (t), gamma and beta.
  static func layerNormTangent(
    _ rows: Int, _ columns: Int, gamma: UnsafePointer<Self>, gammaTangent: UnsafePointer<Self>,
    betaTangent: UnsafePointer<Self>, moments: UnsafePointer<Self>, x: UnsafePointer<Self>,
    t: UnsafePointer<Self>, ty: UnsafeMutablePointer<Self>)
  /// The tangent tdx of dx from dy, its tangent and those of x (t) and gamma; tdx may be tdy. Products = keep · what is
  /// there + the tangents of the parameters' gradients.
  static func layerNormBackwardTangent(
    _ rows: Int, _ columns: Int, gamma: UnsafePointer<Self>, gammaTangent: UnsafePointer<Self>,
    moments: UnsafePointer<Self>, x: UnsafePointer<Self>, t: UnsafePointer<Self>, dy: UnsafePointer<Self>,
    tdy: UnsafePointer<Self>, tdx: UnsafeMutablePointer<Self>, keep: Self,
    gammaProduct: UnsafeMutablePointer<Self>, betaProduct: UnsafeMutablePointer<Self>)
}
