import Compute
import Foundation

/// Why a checkpoint can't be used.
package enum CheckpointError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The bytes are no checkpoint, or a damaged one.
  case unreadable
  /// It is of another version of this format.
  case version(Int)
  /// It belongs to another probe: another key, procedure, size or precision, or it is past the guard.
  case otherProbe

  /// What is wrong, as a sentence.
  package var description: String {
    switch self {
    case .unreadable: "the checkpoint can't be read"
    case .version(let version): "the checkpoint is of version \(version), not \(TrainingState.currentVersion)"
    case .otherProbe: "the checkpoint belongs to another probe"
    }
  }
}

/// A probe's whole training state between two steps: a trainer that is restored from it goes on with the same
/// bits. Random numbers need no state, since every stream is keyed by what it is for.
package struct TrainingState: Sendable, Codable {
  /// The version that this code writes.
  package static let currentVersion = 5

  var version = TrainingState.currentVersion
  var key: ProbeKey
  /// All that was trained by, its guard apart where nothing depends on it.
  var procedure: Procedure
  var variables: Data
  var optimizerVectors: [Data]
  var optimizerNumbers: [Double]
  var position: DescentPosition
  var schedule: ScheduleState
  var window: LossWindow
  var saddlesLeft: Int
  var curvature: CurvatureReport?
  var fitIsDue: Bool
  var stationarityIsDue: Bool
  var record: TrainingRecord
  var normWindow: NormWindow
  var drift: DriftReport?
  var hasDrifted: Bool

  /// Steps taken.
  package var steps: Int { position.steps }

  /// The bytes of this state: a binary property list.
  package func encoded() throws -> Data {
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    return try encoder.encode(self)
  }

  /// The state with these bytes.
  package init(encoded bytes: Data) throws(CheckpointError) {
    struct Header: Decodable { let version: Int }
    guard let header = try? PropertyListDecoder().decode(Header.self, from: bytes) else { throw .unreadable }
    guard header.version == Self.currentVersion else { throw .version(header.version) }
    guard let state = try? PropertyListDecoder().decode(Self.self, from: bytes) else { throw .unreadable }
    self = state
  }
}

extension TrainingState {
  init<S: Scalar>(_ trainer: Trainer<S>) {
    key = trainer.key
    procedure = trainer.procedure.trajectory
    variables = trainer.descent.variables.bytes
    optimizerVectors = trainer.descent.rule.optimizer.vectors.map(\.bytes)
    optimizerNumbers = trainer.descent.rule.optimizer.numbers
    position = trainer.descent.place
    schedule = trainer.schedule
    window = trainer.window
    saddlesLeft = trainer.saddlesLeft
    curvature = trainer.curvature
    fitIsDue = trainer.fitIsDue
    stationarityIsDue = trainer.stationarityIsDue
    record = trainer.record
    normWindow = trainer.normWindow
    drift = trainer.drift
    hasDrifted = trainer.hasDrifted
  }
}

extension Trainer {
  /// Everything that is needed to go on elsewhere; between two steps, so while `run` isn't under way.
  package func state() -> TrainingState { TrainingState(self) }

  /// Goes on from a state of the same probe.
  package func restore(_ state: TrainingState) throws(CheckpointError) {
    let optimizer = descent.rule.optimizer
    let vectors = optimizer.vectors
    guard state.key == key, state.procedure == procedure.trajectory, state.steps <= procedure.maxSteps,
      state.variables.count == descent.variables.count * S.bytes,
      state.optimizerVectors.map(\.count) == vectors.map({ $0.count * S.bytes }),
      state.optimizerNumbers.count == optimizer.numbers.count,
      state.position.isPlausible(in: objective.plan.epoch)
    else { throw .otherProbe }
    descent.variables.bytes = state.variables
    for (vector, bytes) in zip(vectors, state.optimizerVectors) { vector.bytes = bytes }
    optimizer.numbers = state.optimizerNumbers
    descent.restore(state.position)
    schedule = state.schedule
    schedule.maxSteps = procedure.maxSteps
    window = state.window
    saddlesLeft = state.saddlesLeft
    curvature = state.curvature
    fitIsDue = state.fitIsDue
    stationarityIsDue = state.stationarityIsDue
    record = state.record
    normWindow = state.normWindow
    drift = state.drift
    hasDrifted = state.hasDrifted
  }
}

extension Buffer {
  /// The elements' bytes, in the machine's order.
  fileprivate var bytes: Data {
    get { Data(bytes: pointer, count: count * MemoryLayout<S>.stride) }
    set {
      precondition(newValue.count == count * MemoryLayout<S>.stride)
      newValue.withUnsafeBytes {
        UnsafeMutableRawPointer(pointer).copyMemory(from: $0.baseAddress!, byteCount: $0.count)
      }
    }
  }
}
