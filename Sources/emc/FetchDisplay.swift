import Datasets
import Foundation
import Synchronization

/// Shows on standard error how far a download is: a line that is rewritten on a terminal, a line each tenth
/// otherwise.
final class FetchDisplay: Sendable {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let shown = Mutex<(file: String, tenths: Int)>(("", -1))

  /// Bytes have arrived; called from any thread.
  func show(_ progress: FetchProgress) {
    let tenths = progress.total.map { progress.received * 10 / max(1, $0) } ?? progress.received >> 24
    let share = progress.total.map { " of \($0 >> 10)" } ?? ""
    let text = "\(progress.file): \(progress.received >> 10)\(share) KiB"
    shown.withLock { shown in
      let isNew = shown.file != progress.file || shown.tenths != tenths
      guard isNew || isTerminal else { return }
      let isNext = isTerminal && !shown.file.isEmpty && shown.file != progress.file
      shown = (progress.file, tenths)
      write(isTerminal ? "\(isNext ? "\n" : "\r\u{1B}[K")\(text)" : text + "\n")
    }
  }

  /// Leaves the terminal's line.
  func finish() {
    shown.withLock { if isTerminal && !$0.file.isEmpty { write("\n") } }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
