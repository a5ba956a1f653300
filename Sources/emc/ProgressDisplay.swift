import Capacity
import Foundation
import Synchronization

/// Shows on standard error how far a measurement has come: one line that is rewritten on a terminal, a line a
/// probe otherwise.
final class ProgressDisplay: Sendable {
  private let goal: Double?
  private let started = ContinuousClock.now
  private let state = Mutex(State())

  private struct State {
    var line = StatusLine()
    /// What is known by the most probes: workers that end together report in any order.
    var progress = Newest(JSONValue.null)
  }

  init(_ specification: MeasurementSpecification) {
    goal =
      if case .adaptive(let options) = specification.search.strategy { options.relativeWidth } else { nil }
  }

  /// Seconds since the measurement began.
  var elapsed: Double { (ContinuousClock.now - started) / .seconds(1) }

  /// A probe has ended; called from any thread. Each has its line, and no line tells of less than one before it.
  func probeEnded(_ probe: ProbeResult, _ progress: JSONValue) {
    let last =
      "\(probe.address.samples) samples, replicate \(probe.address.replicate): \(probe.end)"
    state.withLock { state in
      state.progress.take(progress, count: progress["probes_finished"]?.integerValue ?? 0)
      state.line.show(text(state.progress.value, last, isTerminal: state.line.isTerminal))
    }
  }

  private func text(_ progress: JSONValue, _ last: String, isTerminal: Bool) -> String {
    let interval = progress["interval"]
    let lower = interval?["lower"]?.integerValue.map(String.init) ?? "…"
    let upper = interval?["upper"]?.integerValue.map(String.init) ?? "…"
    let emc = progress["emc"]?.integerValue.map(String.init) ?? "?"
    let count = progress["probes_finished"]?.integerValue ?? 0
    let left = progress["seconds_left"]?.doubleValue.map { ", about \(Int($0.rounded(.up))) s left" } ?? ""
    let seconds = Int(elapsed)
    let reading = "EMC \(emc) [\(lower), \(upper)]"
    return isTerminal
      ? "\(bar(progress)) \(reading)  \(count) probes, \(seconds) s\(left)  \(last)"
      : "\(seconds) s\(left)  \(count) probes  \(reading)  \(last)"
  }

  /// Leaves the terminal's line.
  func finish() { state.withLock { $0.line.finish() } }

  /// Full when the interval is as narrow as the search asks; each halving of its width fills an equal part.
  private func bar(_ progress: JSONValue) -> String {
    let width = 20
    var done = 0.0
    if let goal, let now = progress["relative_width"]?.doubleValue, now.isFinite, now > 0 {
      let start = max(16, now)
      done = min(1, max(0, log2(start / now) / log2(start / goal)))
    }
    let filled = Int(done * Double(width))
    return "[" + String(repeating: "█", count: filled) + String(repeating: "·", count: width - filled) + "]"
  }
}
