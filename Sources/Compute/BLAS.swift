import COpenBLAS

/// The BLAS library as a whole.
package enum BLAS {
  /// The kernel family that OpenBLAS picked for this processor, and the instructions of the small products beside it,
  /// as "Zen+avx2"; results depend on both in the last bits.
  package static var kernels: String {
    String(cString: openblas_get_corename()) + "+" + Tiles.variant
  }

  /// Lets every product run on its caller's thread: parallelism is across probes, and bits mustn't depend on it.
  package static func useOneThread() {
    _ = oneThread
  }

  private static let oneThread: Void = openblas_set_num_threads(1)
}
