import Capacity
import Foundation
import Logging
import Persistence
import Synchronization

/// Writes the state of one probe under way: every minute, and when it is handed back. The training thread
/// copies the state and trains on; everything else happens on other threads.
final class CheckpointWriter: Sendable {
  private struct State {
    var last = ContinuousClock.now
    var writing: Task<Void, Never>?
  }

  private let store: CheckpointStore
  private let fence: ProbeFence
  private let interval: Duration
  private let logger: Logger
  private let state = Mutex(State())

  init(store: CheckpointStore, fence: ProbeFence, interval: Duration, logger: Logger) {
    self.store = store
    self.fence = fence
    self.interval = interval
    self.logger = logger
  }

  /// Whether a state is to be taken now; cheap enough to be asked at every step. An eighth before the interval is over,
  /// which is the time to write it.
  var isDue: Bool {
    state.withLock { $0.writing == nil && ContinuousClock.now - $0.last >= interval - interval / 8 }
  }

  /// Takes a state to be written; returns at once.
  func take(_ checkpoint: ProbeCheckpoint) {
    state.withLock { state in
      guard state.writing == nil else { return }
      state.last = .now
      state.writing = Task { [self] in
        await write(checkpoint)
        self.state.withLock { $0.writing = nil }
      }
    }
  }

  /// Waits until nothing is being written.
  func settle() async { await state.withLock { $0.writing }?.value }

  /// Writes a state, the last; what fails is logged, since a state is only a cache.
  func write(_ checkpoint: ProbeCheckpoint, isEnd: Bool = false) async {
    do {
      let bytes = try await onOwnThread(priority: .training) { try checkpoint.encoded() }
      try await store.write(fence, steps: checkpoint.steps, state: bytes, isEnd: isEnd)
    } catch {
      logger.warning(
        "a checkpoint was not written", metadata: ["probe": "\(fence.digest)", "error": "\(error)"])
    }
  }
}
