import CKernels

/// What a loop that waits for another thread does between two looks: leaves the core's other thread the execution
/// units.
@inlinable @inline(__always)
package func spinPause() { emc_spin_pause() }
