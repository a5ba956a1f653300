import Foundation
import Training

/// A probe's training state, with all that tells which run it is of. Whoever goes on from it ends with the
/// same bits.
package struct ProbeCheckpoint: Sendable, Codable {
  /// The address of all but the guard.
  package let trajectory: String
  /// The revision of the engine that wrote it.
  package let engineRevision: Int
  /// The time that training had taken.
  package let seconds: Double
  package let state: TrainingState

  /// Steps taken.
  package var steps: Int { state.steps }

  init(probe: ProbeSpecification, seconds: Double, state: TrainingState) {
    trajectory = probe.trajectory
    engineRevision = Capacity.engineRevision
    self.seconds = seconds
    self.state = state
  }

  /// The bytes: a binary property list.
  package func encoded() throws -> Data {
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    return try encoder.encode(self)
  }

  /// Reads the bytes of a probe's own state or of one of the same trajectory.
  init(encoded bytes: Data, of probe: ProbeSpecification) throws(CheckpointError) {
    let state: ProbeCheckpoint
    do {
      state = try PropertyListDecoder().decode(ProbeCheckpoint.self, from: bytes)
    } catch {
      throw .unreadable
    }
    guard state.trajectory == probe.trajectory, state.engineRevision == Capacity.engineRevision else {
      throw .otherProbe
    }
    self = state
  }
}

/// How a probe under way is kept so that another run goes on from it.
package struct ProbeCheckpoints: Sendable {
  /// The bytes of a state to go on from; what can't be used is told and left.
  package var resume: Data?
  /// Asked between two steps: whether to take the state now.
  package var isDue: @Sendable () -> Bool
  /// Gets the states that are taken, on the training thread.
  package var write: @Sendable (ProbeCheckpoint) -> Void
  /// Told why `resume` wasn't used.
  package var onUnusable: @Sendable (CheckpointError) -> Void

  /// How states are taken.
  package init(
    resume: Data? = nil, isDue: @escaping @Sendable () -> Bool = { false },
    write: @escaping @Sendable (ProbeCheckpoint) -> Void = { _ in },
    onUnusable: @escaping @Sendable (CheckpointError) -> Void = { _ in }
  ) {
    self.resume = resume
    self.isDue = isDue
    self.write = write
    self.onUnusable = onUnusable
  }
}

/// What became of a run.
package enum ProbeRun: Sendable {
  /// The probe has ended; with the state at its end where it has not fitted.
  case ended(ProbeResult, ProbeCheckpoint?)
  /// It was stopped; with the state to go on from, where training had begun.
  case stopped(ProbeCheckpoint?)
}
