import Glibc

/// Runs `body` on a training thread: one of its own at lower priority, off the cooperative pool, so that the
/// API answers at once while every core trains.
func onTrainingThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await onOwnThread {
    // On Linux the priority of "process 0" is that of the calling thread alone.
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
    return try body()
  }
}
