import Compute

/// What a stationary point is, and how a probe ends.
extension Trainer {
  /// The verdict where the loss has settled, from the gradient over all samples at the variables as they stand.
  func judge(_ evaluation: Descent<S>.Evaluation) -> Course {
    if isInterrupted { return .goesOn }
    guard isStationary(evaluation) else {
      stationarityIsDue = false
      return .goesOn
    }
    switch examineCurvature() {
    case .undecided:
      return .ended(.budget, "lanczos_not_converged")
    case .minimum:
      return .ended(.minimum, nil)
    case .saddle(let direction):
      guard procedure.onSaddle == .proceed else { return .ended(.saddle, nil) }
      let leaves = leaveSaddle(along: direction)
      if isInterrupted { return .goesOn }
      guard leaves else {
        return .ended(.saddle, "no descent along the negative direction at this precision")
      }
      saddlesLeft += 1
      stationarityIsDue = false
      descent.rule.optimizer.reset()
      window.restart()
      schedule.restart(steps: descent.steps)
      return .goesOn
    }
  }

  /// ‖g‖₂ ≤ τ · r.
  func isStationary(_ evaluation: Descent<S>.Evaluation) -> Bool {
    evaluation.isFinite
      && descent.gradient.norm <= procedure.convergence.gradientNorm * evaluation.residualMean
  }

  /// An optimizer that can't move any more: the loss no longer changes, so only the gradient is left to judge.
  func judgeStalled() -> Course {
    if objective.fits(descent.variables) { return .ended(.fit, nil) }
    let evaluation = descent.evaluateAll()
    guard verifies, isStationary(evaluation) else {
      return .ended(.budget, "the line search made no progress at this precision")
    }
    return judge(evaluation)
  }

  /// The end of a probe whose steps are spent.
  func spendBudget() -> TrainingReport? {
    if objective.fits(descent.variables) { return report(.fit, reason: nil) }
    if isInterrupted { return nil }
    if verifies, lossHasSettled {
      let evaluation = descent.evaluateAll()
      if isStationary(evaluation) {
        switch examineCurvature() {
        case .undecided: return finish(reason: "lanczos_not_converged")
        case .minimum: return report(.minimum, reason: nil)
        case .saddle: return report(.saddle, reason: nil)
        }
      }
    }
    return finish(reason: unverifiable.map { "unverifiable: \($0)" })
  }

  /// Everything measured at the variables as they stand.
  func report(
    _ outcome: Outcome, reason: String?, finish: FinishReport? = nil
  ) -> TrainingReport {
    let evaluation = descent.evaluateAll()
    let norm = descent.gradient.norm
    let correct =
      if outcome == .fit { trainingSet.count }  // as the pass just before found
      else if stepIsEvaluation { evaluation.correct } else { objective.evaluate(descent.variables).correct }
    var checks: [String] = []
    if outcome == .minimum || outcome == .saddle {
      checks = ["gradient_norm", "loss_change"]
      if curvature != nil || finish?.curvature != nil { checks.append("negative_curvature") }
    }
    return TrainingReport(
      outcome: outcome, reason: reason, checks: checks,
      trainingAccuracy: Double(correct) / Double(trainingSet.count), loss: evaluation.lossMean,
      gradientNorm: norm, relativeGradientNorm: norm / evaluation.residualMean, lossChange: window.change,
      learningRate: procedure.optimizer.usesLearningRate ? startRate : nil, steps: descent.steps,
      epochs: descent.epochs, variableCount: objective.variableCount, rangeTestSteps: rangeTestSteps,
      saddlesLeft: saddlesLeft, curvature: curvature, finish: finish)
  }
}
