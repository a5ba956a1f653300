import Compute
import Networks
import Training

/// Where a run begins and what becomes of its state on the way.
struct StateKeeping {
  var resume: TrainingState?
  var everySteps = Int.max
  var end: (TrainingState) -> Void = { _ in }
  var write: (TrainingState) -> Void
}

/// One probe's training to its outcome, its states kept.
func train<S: Scalar>(
  architecture: Architecture, trainingSet: TrainingSet<S>, procedure: Procedure, key: ProbeKey,
  threads: Int = 1, checkpoints keeping: StateKeeping?, shouldStop: () -> Bool
) throws -> TrainingReport? {
  var written = keeping?.resume?.steps ?? 0
  let checkpoints = keeping.map { keeping in
    Checkpoints(
      isDue: { steps in
        guard steps - written >= keeping.everySteps else { return false }
        written = steps
        return true
      }, write: keeping.write, end: keeping.end)
  }
  return try train(
    architecture: architecture, trainingSet: trainingSet, procedure: procedure, key: key, threads: threads,
    resume: keeping?.resume, checkpoints: checkpoints, shouldStop: shouldStop)
}
