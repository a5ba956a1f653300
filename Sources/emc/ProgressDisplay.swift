import Capacity
import Synchronization

/// Shows on standard error how far a measurement has come: one line that is rewritten on a terminal, a line a
/// probe otherwise.
final class ProgressDisplay: Sendable {
  private let goal: Double?
  private let started = ContinuousClock.now
  private let state = Mutex(State())

  private struct State {
    var lines = StatusLines()
    var pace = Pace()
    /// What the probes told when they were last asked.
    var progress = JSONValue.null
  }

  init(_ specification: MeasurementSpecification) {
    goal =
      if case .adaptive(let options) = specification.search.strategy { options.relativeWidth } else { nil }
  }

  /// Seconds since the measurement began.
  var elapsed: Double { (ContinuousClock.now - started) / .seconds(1) }

  /// A probe has ended; called from any thread. Each has its line, and no line tells of less than one before it.
  func probeEnded(_ probe: ProbeResult, _ soFar: MeasurementSoFar) {
    let last =
      "\(probe.address.samples) samples, replicate \(probe.address.replicate): \(probe.end)"
    state.withLock { state in
      state.pace.perform { soFar.progress(elapsed: elapsed) }.map { state.progress = $0 }
      state.lines.show(text(state.progress, soFar.count, last, isTerminal: state.lines.isTerminal))
    }
  }

  private func text(_ progress: JSONValue, _ probes: Int, _ last: String, isTerminal: Bool) -> String {
    let reading = ReadingSoFar(progress)
    let left = progress["seconds_left"]?.doubleValue.map { ", about \(Int($0.rounded(.up))) s left" } ?? ""
    let seconds = Int(elapsed)
    let bar = ReadingSoFar.bar(reading.nearness(to: goal))
    return isTerminal
      ? "\(bar) EMC \(reading.emc)  \(probes) probes, \(seconds) s\(left)  \(last)"
      : "\(seconds) s\(left)  \(probes) probes  EMC \(reading.emc)  \(last)"
  }
}
