import COpenBLAS

/// The BLAS library as a whole.
public enum BLAS {
  /// The kernel family that OpenBLAS picked for this processor; results depend on it in the last bits.
  public static var kernels: String {
    String(cString: openblas_get_corename())
  }

  /// Lets every product run on its caller's thread: parallelism is across probes, and bits mustn't depend on it.
  public static func useOneThread() {
    _ = oneThread
  }

  private static let oneThread: Void = openblas_set_num_threads(1)
}
