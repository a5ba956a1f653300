import Compute
import Networks
import Training

/// Runs one probe's training to its outcome; a pure function of its arguments.
///
/// `shouldStop` is polled once a step; nil is returned where it said so. The procedure's precision decides which
/// scalar training runs in, whatever that of the data. `threads` execute the procedure's shards. A state to go on
/// from that doesn't belong to this probe is refused.
func train<S: Scalar>(
  architecture: Architecture, trainingSet: TrainingSet<S>, procedure: Procedure, key: ProbeKey,
  threads: Int = 1, resume: TrainingState? = nil, checkpoints: Checkpoints? = nil, shouldStop: () -> Bool,
  progress: ((TrainingProgress) -> Void)? = nil
) throws -> TrainingReport? {
  switch procedure.precision {
  case .single:
    let trainer = try Trainer<Float>(
      architecture: architecture, trainingSet: trainingSet.converted(to: Float.self), procedure: procedure,
      key: key, threads: threads)
    if let resume { try trainer.restore(resume) }
    return trainer.run(checkpoints: checkpoints, shouldStop: shouldStop, progress: progress)
  case .double:
    let trainer = try Trainer<Double>(
      architecture: architecture, trainingSet: trainingSet.converted(to: Double.self), procedure: procedure,
      key: key, threads: threads)
    if let resume { try trainer.restore(resume) }
    return trainer.run(checkpoints: checkpoints, shouldStop: shouldStop, progress: progress)
  }
}
