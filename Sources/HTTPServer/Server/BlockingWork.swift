import Dispatch

/// Runs a short piece of work that blocks or computes (a piece of a file, bytes to compress) on Dispatch's pool, off the
/// cooperative pool that serves connections. Such pieces are many and each takes a few
/// milliseconds at most: a thread for each would cost as much as the work, and the pool bounds how many run. They have the
/// quality of service of what somebody waits for.
func offCooperativePool<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
  await withCheckedContinuation { continuation in
    DispatchQueue.global(qos: .userInitiated).async { continuation.resume(returning: body()) }
  }
}
