import Foundation

/// Where standard error is a terminal, a line there that is rewritten; lines below each other otherwise.
struct StatusLine: Sendable {
  let isTerminal = isatty(STDERR_FILENO) == 1
  private var isOpen = false

  /// Shows `text` in place of what is shown.
  mutating func show(_ text: String) {
    write(isTerminal ? "\r\u{1B}[K\(text.visible)" : text.visible + "\n")
    isOpen = isTerminal
  }

  /// Leaves what is shown standing; the next text goes below it.
  mutating func finish() {
    if isOpen { write("\n") }
    isOpen = false
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
