import Capacity
import Foundation
import Synchronization

/// Shows on standard error how far a study has come: on a terminal one line that is rewritten, else a line a cell that
/// has ended.
final class StudyProgressDisplay: Sendable {
  private struct State {
    var line = StatusLine()
    var ended = 0
    /// Of each cell the probes that have ended, and how narrow its interval is.
    var probes: [Int: Int] = [:]
  }
  private let cells: Int
  private let started = ContinuousClock.now
  private let state = Mutex(State())

  init(cells: Int) { self.cells = cells }

  private var seconds: Int { Int((ContinuousClock.now - started).components.seconds) }

  /// A cell has more probes; called from any thread.
  func show(_ cell: StudyCell, _ progress: JSONValue) {
    state.withLock { state in
      state.probes[cell.index] = progress["probes_finished"]?.integerValue ?? 0
      guard state.line.isTerminal else { return }
      let count = state.probes.values.reduce(0, +)
      state.line.show(
        "\(state.ended) of \(cells) cells, \(count) probes, \(seconds) s  \(cell.label): \(reading(progress))"
      )
    }
  }

  /// A cell's measurement has ended; called from any thread.
  func ended(_ cell: MeasuredCell) {
    state.withLock { state in
      let before = state.ended
      state.ended += 1
      let text =
        switch cell.outcome {
        case .ended(let result): "\(reading(result.json)), \(cell.probes.count) probes"
        case .interrupted: "stopped after \(cell.probes.count) probes"
        case .failed(let error): "failed: \(error)"
        }
      state.line.show("\(before + 1) of \(cells) cells, \(seconds) s  \(cell.cell.label): \(text)")
      state.line.finish()
    }
  }

  /// Leaves the terminal's line.
  func finish() { state.withLock { $0.line.finish() } }

  private func reading(_ json: JSONValue) -> String {
    let interval = json["interval"]
    let lower = interval?["lower"]?.integerValue.map(String.init) ?? "…"
    let upper = interval?["upper"]?.integerValue.map(String.init) ?? "…"
    return "EMC \(json["emc"]?.integerValue.map(String.init) ?? "?") [\(lower), \(upper)]"
  }
}
