/// Passes over all samples that say which levels of training error are reached.
extension Trainer {
  /// Whether the epoch that ended comes near a level that has not been reached.
  var isNearLevel: Bool {
    let accuracy = descent.place.runningAccuracy
    return levels.contains { accuracy >= ReachedLevel.nearness($0) && !isReached($0) }
  }

  /// Counts the errors at the variables as they stand, up to the largest level that has not been reached. True where the
  /// probe fits.
  func countErrors() -> Bool {
    let open = levels.first { !isReached($0) } ?? procedure.fitTrainingError
    let limit = ReachedLevel.allowed(open, of: trainingSet.count)
    guard let errors = objective.errors(descent.variables, upTo: limit) else { return false }
    return note(errors: errors)
  }

  /// Takes note of the errors that a pass over all samples counted. True where the probe fits.
  func note(errors: Int) -> Bool {
    errorsFound = errors
    for level in levels
    where !isReached(level) && errors <= ReachedLevel.allowed(level, of: trainingSet.count) {
      record.reached.append(ReachedLevel(trainingError: level, steps: descent.steps))
    }
    return errors <= ReachedLevel.allowed(procedure.fitTrainingError, of: trainingSet.count)
  }

  private func isReached(_ level: Double) -> Bool {
    record.reached.contains { $0.trainingError == level }
  }
}
