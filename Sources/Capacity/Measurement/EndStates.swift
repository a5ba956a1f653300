import Foundation
import Synchronization

/// The states in which the failed probes of a measurement, or of all of a study's, ended, for longer runs and verifications
/// to go on from. A cache: without a state the probe is trained again, with the same bits.
final class EndStates: Sendable {
  private struct Kept {
    let bytes: Data
    let steps: Int
  }

  private struct Content {
    var states: [String: Kept] = [:]
    /// By age.
    var order: [String] = []
    var bytes = 0
  }

  private let content = Mutex(Content())
  private let limit: Int

  /// Keeps an eighth of the memory that probes may take together.
  convenience init(memoryLimit: Int) { self.init(limit: memoryLimit / 8) }

  /// Keeps so many bytes, the latest states.
  init(limit: Int) { self.limit = limit }

  /// Keeps the state in which a probe's training ended.
  func keep(_ end: ProbeCheckpoint, of probe: ProbeSpecification) {
    guard let bytes = try? end.encoded(), bytes.count <= limit else { return }
    let trajectory = probe.trajectory
    content.withLock { content in
      if let before = content.states[trajectory] {
        content.bytes -= before.bytes.count
        content.order.removeAll { $0 == trajectory }
      }
      content.states[trajectory] = Kept(bytes: bytes, steps: end.steps)
      content.order.append(trajectory)
      content.bytes += bytes.count
      while content.bytes > limit {
        content.bytes -= content.states.removeValue(forKey: content.order.removeFirst())?.bytes.count ?? 0
      }
    }
  }

  /// The state that a probe can go on from: of its run, with no more steps than it may take.
  func state(for probe: ProbeSpecification) -> Data? {
    content.withLock { content in
      guard let kept = content.states[probe.trajectory], kept.steps <= probe.experiment.training.maxSteps
      else {
        return nil
      }
      return kept.bytes
    }
  }
}
