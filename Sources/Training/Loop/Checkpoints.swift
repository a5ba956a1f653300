/// What becomes of a run's state on the way.
package struct Checkpoints {
  /// Asked between two steps, with the steps taken: whether to take the state now.
  package var isDue: (_ steps: Int) -> Bool
  /// Gets every state that is taken, and the last one where training was stopped.
  package var write: (TrainingState) -> Void
  /// Gets the state that a run ends with where it has not fitted: the last one before the checks of its end,
  /// from which a longer run goes on.
  package var end: (TrainingState) -> Void

  /// Takes states when `isDue` says so.
  package init(
    isDue: @escaping (_ steps: Int) -> Bool = { _ in false },
    write: @escaping (TrainingState) -> Void = { _ in },
    end: @escaping (TrainingState) -> Void = { _ in }
  ) {
    self.isDue = isDue
    self.write = write
    self.end = end
  }
}
