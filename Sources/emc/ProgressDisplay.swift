import Capacity
import Foundation
import Synchronization

/// Shows on standard error how far a measurement has come: one line that is rewritten on a terminal, a line a
/// probe otherwise.
final class ProgressDisplay: Sendable {
  private let replicates: Int
  private let tolerance: Double
  private let started = ContinuousClock.now
  private let line = Mutex(StatusLine())

  init(_ specification: MeasurementSpecification) {
    replicates = specification.search.replicates
    tolerance = specification.search.relativeTolerance
  }

  /// A probe has ended; called from any thread.
  func probeEnded(_ probe: ProbeResult, _ progress: JSONValue) {
    let bracket = progress["bracket"]
    let lo = bracket?["largest_fit"]?.integerValue ?? 0
    let hi = bracket?["smallest_unfit"]?.integerValue
    let count = progress["probes_finished"]?.integerValue ?? 0
    let seconds = Int((ContinuousClock.now - started).components.seconds)
    let interval = "EMC in [\(lo), \(hi.map { String($0 - 1) } ?? "…")]"
    let last =
      "\(probe.address.samples) samples, replicate \(probe.address.replicate): \(probe.outcome.rawValue)"
    line.withLock { line in
      line.show(
        line.isTerminal
          ? "\(bar(lo, hi)) \(interval)  \(count) probes, \(seconds) s  \(last)"
          : "\(seconds) s  \(count) probes  \(interval)  \(last)")
    }
  }

  /// Leaves the terminal's line.
  func finish() { line.withLock { $0.finish() } }

  /// Full when the bracket is as narrow as the tolerance asks; each halving fills an equal part.
  private func bar(_ lo: Int, _ hi: Int?) -> String {
    let width = 20
    var done = 0.0
    if let hi {
      let goal = max(1, tolerance * Double(lo))
      let start = Double(max(hi, 2))
      done = min(1, max(0, 1 - log2(max(1, Double(hi - lo) / goal)) / log2(max(2, start / goal))))
    }
    let filled = Int(done * Double(width))
    return "[" + String(repeating: "█", count: filled) + String(repeating: "·", count: width - filled) + "]"
  }
}
