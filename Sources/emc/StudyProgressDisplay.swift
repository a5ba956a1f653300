import Capacity
import Foundation
import Synchronization

/// Shows on standard error how far a study has come: on a terminal one line that is rewritten, else a line a cell that
/// has ended.
final class StudyProgressDisplay: Sendable {
  private struct State {
    var lines = StatusLines()
    var pace = Pace()
    var ended = 0
    /// Of each cell those that have ended.
    var probes: [Int: Int] = [:]
  }
  private let cells: Int
  private let started = ContinuousClock.now
  private let state = Mutex(State())

  init(cells: Int) { self.cells = cells }

  private var seconds: Int { Int((ContinuousClock.now - started).components.seconds) }

  /// A cell has more probes; called from any thread.
  func show(_ cell: StudyCell, _ soFar: MeasurementSoFar) {
    state.withLock { state in
      state.probes[cell.index] = soFar.count
      guard state.lines.isTerminal, let progress = state.pace.perform({ soFar.progress() }) else { return }
      let count = state.probes.values.reduce(0, +)
      state.lines.show(
        "\(state.ended) of \(cells) cells, \(count) probes, \(seconds) s  \(cell.label): EMC "
          + ReadingSoFar(progress).emc)
    }
  }

  /// A cell's measurement has ended; called from any thread.
  func ended(_ cell: MeasuredCell) {
    state.withLock { state in
      let before = state.ended
      state.ended += 1
      let text =
        switch cell.outcome {
        case .ended(let result): "EMC \(ReadingSoFar(result.json).emc), \(cell.probes.count) probes"
        case .interrupted: "stopped after \(cell.probes.count) probes"
        case .failed(let error): "failed: \(error)"
        }
      state.lines.show("\(before + 1) of \(cells) cells, \(seconds) s  \(cell.cell.label): \(text)")
      state.lines.finish()
    }
  }
}
