import Synchronization

/// What a measurement knows while it runs; read from any thread.
package final class MeasurementSoFar: Sendable {
  private struct State {
    var ended: [ProbeResult] = []
    /// What the round under way has trained, and how many had ended before it.
    var asked: [ProbeAddress] = []
    var endedBefore = 0
  }

  private let plan: MeasurementPlan
  private let state = Mutex(State())

  /// Nothing is known yet.
  package init(_ plan: MeasurementPlan) { self.plan = plan }

  /// The probes that have ended, those of a round that is under way too.
  package var probes: [ProbeResult] { state.withLock { $0.ended } }

  /// How many have ended.
  package var count: Int { state.withLock { $0.ended.count } }

  /// As `MeasurementPlan.progress`: it takes as long as an estimate from all probes.
  package func progress(elapsed: Double? = nil) -> JSONValue {
    let now = state.withLock { $0 }
    let done = Set(now.ended[now.endedBefore...].map(\.address))
    return plan.progress(
      now.ended.map(\.observation), outstanding: now.asked.filter { !done.contains($0) }, elapsed: elapsed)
  }

  /// A round begins that has these trained, and of which those are known.
  func begin(_ asked: [ProbeAddress], known: [ProbeResult]) {
    state.withLock { state in
      state.ended += known
      state.asked = asked
      state.endedBefore = state.ended.count
    }
  }

  func take(_ probe: ProbeResult) { state.withLock { $0.ended.append(probe) } }
}
