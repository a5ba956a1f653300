import CKernels

/// The matrix products of this package's own, for sizes at which a library's preparations cost more than they save.
enum Tiles {
  /// Which processors' instructions they use: "base", "avx2" or "avx512".
  static let variant = String(cString: emc_product_variant())

  private static let hasVectors = variant != "base"

  /// Whether they beat the library: small matrices, and any number of rows against a matrix that stays in the cache.
  static func isFaster(m: Int, n: Int, k: Int) -> Bool {
    hasVectors && (m * n * k <= 1 << 26 || n * k <= 1 << 16)
  }
}
