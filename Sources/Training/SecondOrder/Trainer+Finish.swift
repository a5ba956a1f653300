import Compute
import Networks

extension Trainer {
  /// What a second-order path needs, planned and allocated before it begins.
  func makePath(_ verification: Verification, _ data: TrainingSet<Double>) -> SecondOrderPath {
    let objective = NetworkObjective(
      network: verification.network, trainingSet: data, plan: verification.plan, map: verification.map,
      smoothing: procedure.regularization.labelSmoothing, dropout: nil, threads: threads)
    // Moments are taken of samples in memory.
    let samples = data.stream == nil ? data : verification.hessianSamples()
    let whitening =
      verification.map == nil ? InputWhitening(network: verification.network, data: samples) : nil
    let trial = Buffer<S>(count: descent.variables.count)
    let allowed = ReachedLevel.allowed(procedure.fitTrainingError, of: trainingSet.count)
    return SecondOrderPath(
      DecayedObjective(objective, whitening: whitening, samples: samples), criteria: procedure.convergence,
      allowedErrors: allowed,
      accepts: { [objective = self.objective] point in
        // In the precision that the procedure trains in.
        point.convert(into: trial)
        return objective.errors(trial, upTo: allowed) != nil
      })
  }

  /// The end of a probe without a verdict: where the procedure has a last stage, what that comes to. The variables move
  /// to a fit that it finds, and stay where the steps ended otherwise, so that they can go on from there.
  func finish(reason: String?) -> TrainingReport? {
    guard case .secondOrder(let evaluations) = procedure.finish else {
      return report(.budget, reason: reason)
    }
    let verification = Verification(self)
    let path = makePath(verification, verification.allSamples())
    let interruption = path.target.objective.interruption
    return interruption.asking(objective.interruption.poll) {
      let report = finish(path, verification, evaluations: evaluations, reason: reason)
      return interruption.hasStopped || isInterrupted ? nil : report
    }
  }

  private func finish(
    _ path: SecondOrderPath, _ verification: Verification, evaluations: Int, reason: String?
  ) -> TrainingReport? {
    let target = path.target
    let interruption = target.objective.interruption
    let start: Buffer<Double> = descent.variables.converted()
    target.move(to: start)
    let decay = procedure.regularization.coupledWeightDecay
    let results = path.run(
      SecondOrderPath.stages(hasKinks: target.hasKinks, decay: decay), evaluations: evaluations)
    if interruption.hasStopped { return nil }
    let evaluationCount = target.evaluations
    target.decay = decay
    target.roundKinks(0)
    let value = target.evaluate()
    let isFit = results.last?.end == .fit
    let correct = target.objective.evaluate(target.variables).correct
    if interruption.hasStopped { return nil }
    var summary = FinishReport(
      evaluations: evaluationCount, trainingAccuracy: Double(correct) / Double(trainingSet.count),
      loss: value.loss, relativeGradientNorm: value.relativeGradientNorm,
      parameterNormRatio: target.variables.norm / start.norm, curvature: nil)
    if isFit {
      target.variables.convert(into: descent.variables)
      // As the procedure's own passes judge it, in its precision: what they found before is another network's.
      _ = countErrors()
      return report(.fit, reason: "finished", finish: summary)
    }
    _ = note(errors: trainingSet.count - correct)
    let isStationary = value.isFinite && value.relativeGradientNorm <= procedure.convergence.gradientNorm
    guard verifies, isStationary, !SecondOrderPath.isDrifting(norms: results.map(\.norm), from: start.norm)
    else {
      return report(.budget, reason: reason, finish: summary)
    }
    switch verification.examine(target.variables, shouldStop: interruption.poll) {
    case .stopped: return nil
    case .failed: return report(.budget, reason: reason, finish: summary)
    case .found(let found, _):
      summary.curvature = found
      let isMinimum = found.converged && !found.isSaddle
      return report(
        isMinimum ? .minimum : .budget, reason: isMinimum ? "finished" : reason, finish: summary)
    }
  }
}
