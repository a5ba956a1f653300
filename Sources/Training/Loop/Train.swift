import Compute
import Networks

/// Where a probe begins and what becomes of its state on the way.
package struct Checkpoints {
  /// The state to go on from; nil to begin.
  package var resume: TrainingState?
  /// Steps between two checkpoints.
  package var everySteps: Int
  /// Gets every checkpoint, and the last one where training was stopped.
  package var write: (TrainingState) -> Void

  /// Checkpoints every `everySteps` steps, after going on from `resume`.
  package init(resume: TrainingState? = nil, everySteps: Int = .max, write: @escaping (TrainingState) -> Void)
  {
    precondition(everySteps >= 1)
    self.resume = resume
    self.everySteps = everySteps
    self.write = write
  }
}

/// Runs one probe's training to its outcome; a pure function of its arguments.
///
/// `shouldStop` is polled once a step; nil is returned where it said so. The procedure's precision decides which
/// scalar training runs in, whatever that of the data. `threads` execute the procedure's shards. Checkpoints that
/// don't belong to this probe are refused.
package func train<S: Scalar>(
  architecture: Architecture, trainingSet: TrainingSet<S>, procedure: Procedure, key: ProbeKey,
  threads: Int = 1, checkpoints: Checkpoints? = nil, shouldStop: () -> Bool,
  progress: ((TrainingProgress) -> Void)? = nil
) throws -> TrainingReport? {
  switch procedure.precision {
  case .single:
    try Trainer<Float>(
      architecture: architecture, trainingSet: trainingSet.converted(to: Float.self), procedure: procedure,
      key: key, threads: threads
    ).run(checkpoints, shouldStop: shouldStop, progress: progress)
  case .double:
    try Trainer<Double>(
      architecture: architecture, trainingSet: trainingSet.converted(to: Double.self), procedure: procedure,
      key: key, threads: threads
    ).run(checkpoints, shouldStop: shouldStop, progress: progress)
  }
}

extension Trainer {
  fileprivate func run(
    _ checkpoints: Checkpoints?, shouldStop: () -> Bool, progress: ((TrainingProgress) -> Void)?
  ) throws(CheckpointError) -> TrainingReport? {
    guard let checkpoints else { return run(shouldStop: shouldStop, progress: progress) }
    if let resume = checkpoints.resume { try restore(resume) }
    var written = descent.steps
    let report = run(
      shouldStop: {
        // Polled between two steps, so the state is whole.
        if descent.steps - written >= checkpoints.everySteps {
          written = descent.steps
          checkpoints.write(state())
        }
        return shouldStop()
      }, progress: progress)
    if report == nil { checkpoints.write(state()) }
    return report
  }
}
