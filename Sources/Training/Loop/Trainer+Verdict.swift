import Compute

/// What a stationary point is, and how a probe ends.
extension Trainer {
  /// The verdict where the loss has settled, from the gradient over all samples at the variables as they stand.
  func judge(_ evaluation: Descent<S>.Evaluation) -> StepResult {
    if isInterrupted { return .continues }
    guard isStationary(evaluation) else {
      stationarityIsDue = false
      return .continues
    }
    let drifts = driftRefuses()
    if isInterrupted { return .continues }
    if drifts {
      // An optimizer that has stalled can't train on.
      if descent.rule.optimizer.hasStalled { return .ended(.budget, Self.drifting) }
      stationarityIsDue = false
      return .continues
    }
    switch examineCurvature() {
    case .undecided:
      return .ended(.budget, "lanczos_not_converged")
    case .minimum:
      return .ended(.minimum, nil)
    case .saddle(let direction):
      guard procedure.onSaddle == .proceed else { return .ended(.saddle, nil) }
      let leaves = leaveSaddle(along: direction)
      if isInterrupted { return .continues }
      guard leaves else {
        return .ended(.saddle, "no descent along the negative direction at this precision")
      }
      saddlesLeft += 1
      stationarityIsDue = false
      descent.rule.optimizer.reset()
      window.restart()
      normWindow = NormWindow()
      schedule.restart(steps: descent.steps)
      return .continues
    }
  }

  /// The reason of a probe that the guard against drift refused.
  static var drifting: String { "drifting" }

  /// Whether the logits are affine in the variables. Then the objective is convex, and far away as its minimum may be on nearly
  /// separable data, it is one.
  private var isConvex: Bool { network.layers.count { $0.parameterCount > 0 } == 1 }

  /// Whether the guard refuses the variables as they stand; takes note of what it saw.
  private func driftRefuses() -> Bool {
    let report = lookForDrift()
    if isInterrupted { return false }
    drift = report
    let refuses = report.isDrifting && !isConvex
    hasDrifted = hasDrifted || refuses
    return refuses
  }

  /// ‖g‖₂ ≤ τ · r.
  func isStationary(_ evaluation: Descent<S>.Evaluation) -> Bool {
    evaluation.isFinite
      && descent.gradient.norm <= procedure.convergence.gradientNorm * evaluation.residualMean
  }

  /// An optimizer that can't move any more: the loss no longer changes, so only the gradient is left to judge.
  func judgeStalled() -> StepResult {
    if countErrors() { return .ended(.fit, nil) }
    let evaluation = descent.evaluateAll()
    guard verifies, isStationary(evaluation) else {
      return .ended(.budget, "the line search made no progress at this precision")
    }
    return judge(evaluation)
  }

  /// Back from where an optimizer only tries how far to go, which may be anywhere, to the best point that it knows.
  func leaveTrialPoint() { descent.rule.optimizer.returnToBase(descent.variables) }

  /// The end of a probe whose steps are spent.
  func spendBudget() -> TrainingReport? {
    // A probe with a larger guard is the same run, longer: it has no pass here.
    let (noted, seen, found, refused) = (record, drift, curvature, hasDrifted)
    defer { (record, drift, curvature, hasDrifted) = (noted, seen, found, refused) }
    if countErrors() { return report(.fit, reason: nil) }
    if isInterrupted { return nil }
    leaveTrialPoint()
    if verifies, lossHasSettled {
      let evaluation = descent.evaluateAll()
      if isStationary(evaluation) {
        if driftRefuses() { return report(.budget, reason: Self.drifting) }
        switch examineCurvature() {
        case .undecided: return finish(reason: "lanczos_not_converged")
        case .minimum: return report(.minimum, reason: nil)
        case .saddle: return report(.saddle, reason: nil)
        }
      }
    }
    return finish(reason: unverifiable.map { "unverifiable: \($0)" } ?? (hasDrifted ? Self.drifting : nil))
  }

  /// Everything measured at the variables as they stand.
  func report(
    _ outcome: Outcome, reason: String?, finish: FinishReport? = nil
  ) -> TrainingReport {
    let evaluation = descent.evaluateAll()
    let norm = descent.gradient.norm
    let inspection =
      outcome == .fit || outcome == .diverged
      ? nil : objective.inspect(descent.variables, limit: fewSamples + 1)
    let errors: Int
    switch outcome {
    case .fit: errors = errorsFound
    case .diverged: errors = trainingSet.count - objective.evaluate(descent.variables).correct
    case .minimum, .saddle, .budget: errors = inspection?.unfitCount ?? 0
    }
    var checks: [String] = []
    if outcome == .minimum || outcome == .saddle {
      // At the end of a second-order path no epochs' losses are compared.
      checks = finish == nil ? ["gradient_norm", "loss_change"] : ["gradient_norm"]
      if curvature != nil || finish?.curvature != nil { checks.append("negative_curvature") }
      if outcome == .minimum, drift != nil { checks.append("drift") }
    }
    return TrainingReport(
      outcome: outcome, reason: reason, checks: checks,
      trainingAccuracy: Double(trainingSet.count - errors) / Double(trainingSet.count),
      loss: evaluation.lossMean,
      gradientNorm: norm, relativeGradientNorm: norm / evaluation.residualMean, lossChange: window.change,
      learningRate: procedure.optimizer.usesLearningRate ? startRate : nil, steps: descent.steps,
      epochs: descent.epochs, variableCount: objective.variableCount,
      saddlesLeft: saddlesLeft, curvature: curvature, finish: finish,
      reached: record.reached, curve: record.curve,
      drift: drift,
      findings: outcome == .fit
        ? [] : findings(inspection, outcome: outcome, relativeGradient: norm / evaluation.residualMean))
  }
}
