import Compute

/// The learning rate that a short test finds: from the probe's own start, `RangeTest.steps` steps with each rate
/// of the grid 10^(−4), 10^(−3.5), … 10 in turn, with the probe's optimizer, batch size and regularizers,
/// no schedule and shuffles of the test's own. The rate whose last parameters have the lowest objective over all
/// samples wins; a rate whose loss stops being finite is out, and the smallest is taken if all are.
///
/// The same for every optimizer. Its steps are not counted in the probe's.
enum RangeTest {
  /// Steps with each rate.
  static let steps = 100
  /// The rates, ascending.
  static let rates: [Double] = [
    1e-4, 3.1622776601683794e-4, 1e-3, 3.1622776601683794e-3, 1e-2, 3.1622776601683794e-2, 1e-1,
    3.1622776601683794e-1, 1, 3.1622776601683795, 10,
  ]
}

extension Trainer {
  /// The rate and the steps that finding it took; nil if asked to stop.
  func findRate() -> (rate: Double, steps: Int)? {
    let trial = Buffer<S>(count: descent.variables.count)
    let rule = procedure.makeRule(objective: objective)
    var best = (rate: RangeTest.rates[0], loss: Double.infinity)
    var steps = 0
    for rate in RangeTest.rates {
      trial.copy(from: descent.variables)
      rule.optimizer.reset()
      let test = Descent(
        objective: objective, rule: rule, variables: trial, key: key, purpose: .rangeTest)
      var isFinite = true
      for _ in 0..<RangeTest.steps {
        if objective.interruption.poll() { return nil }
        let evaluation = test.evaluate()
        steps += 1
        isFinite = evaluation.isFinite
        if !isFinite { break }
        if isInterrupted { return nil }
        _ = test.advance(evaluation, rate: rate)
      }
      guard isFinite else { continue }
      let end = test.evaluateAll()
      if isInterrupted { return nil }
      if end.isFinite, end.lossMean < best.loss { best = (rate, end.lossMean) }
    }
    return (best.rate, steps)
  }
}
