import Datasets
import Synchronization

/// Shows on standard error how far a download is: a line that is rewritten on a terminal, a line each tenth
/// otherwise.
final class FetchDisplay: Sendable {
  private struct State {
    var lines = StatusLines()
    var file = ""
    var tenths = -1
  }
  private let state = Mutex(State())

  /// Bytes have arrived; called from any thread.
  func show(_ progress: FetchProgress) {
    let tenths = progress.total.map { progress.received * 10 / max(1, $0) } ?? progress.received >> 24
    let share = progress.total.map { " of \($0 >> 10)" } ?? ""
    state.withLock { state in
      let isNext = state.file != progress.file
      guard state.lines.isTerminal || isNext || state.tenths != tenths else { return }
      if isNext { state.lines.finish() }
      (state.file, state.tenths) = (progress.file, tenths)
      state.lines.show("\(progress.file): \(progress.received >> 10)\(share) KiB")
    }
  }
}
