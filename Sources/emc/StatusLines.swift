import Foundation

/// Lines on standard error: on a terminal they are written over, elsewhere each is written whenever it has changed.
struct StatusLines: Sendable {
  let isTerminal = isatty(STDERR_FILENO) == 1
  private var shown: [String] = []

  /// Shows lines in place of those that are shown, which are as many or none.
  mutating func show(_ lines: [String]) {
    let lines = lines.map(\.visible)
    guard lines != shown else { return }
    if isTerminal {
      let up = shown.isEmpty ? "" : "\u{1B}[\(shown.count)A"
      write(up + lines.map { "\r\u{1B}[K\($0)\n" }.joined())
    } else {
      for (index, line) in lines.enumerated() where !shown.indices.contains(index) || shown[index] != line {
        write(line + "\n")
      }
    }
    shown = lines
  }

  /// The same of one line.
  mutating func show(_ line: String) { show([line]) }

  /// Leaves what is shown standing; what is shown next goes below it.
  mutating func finish() { shown = [] }

  private func write(_ text: String) { writeError(text) }
}
