import Compute
import Networks

/// A probe's network, data and map in double precision: what its Hessian and its polish are taken of.
struct Verification {
  let network: Network<Double>
  /// All samples, converted where they are asked for: a Hessian needs 4,096 of them at most.
  private let allSamples: () -> TrainingSet<Double>
  /// A random subsample of so many at most.
  private let samples: (_ limit: Int) -> TrainingSet<Double>
  let procedure: Procedure
  let plan: BatchPlan
  let key: ProbeKey
  let map: (any ParameterMap<Double>)?

  init<S: Scalar>(_ trainer: Trainer<S>) {
    let (trainingSet, key) = (trainer.trainingSet, trainer.key)
    allSamples = { trainingSet.converted(to: Double.self) }
    samples = { trainingSet.subsample($0, key: key).converted(to: Double.self) }
    self.key = key
    procedure = trainer.procedure
    plan = trainer.objective.plan
    do {
      network = try Network<Double>(
        trainer.architecture, input: trainingSet.shape, classes: trainingSet.classes)
    } catch {
      preconditionFailure("the network was built before: \(error)")
    }
    // The subspace goes through the point where training started, in its own precision.
    let start: Buffer<Double> = trainer.startingPoint().converted()
    map = procedure.reparameterization.makeMap(network: network, start: start, key: key)
  }

  /// What a look at the Hessian gives.
  enum Examination {
    case stopped
    /// A product wasn't finite.
    case failed
    /// The report, and the direction of the smallest eigenvalue.
    case found(CurvatureReport, Buffer<Double>)
  }

  /// The Hessian's extreme eigenvalues at `variables`.
  func examine(_ variables: Buffer<Double>, shouldStop: @escaping () -> Bool) -> Examination {
    let data = samples(HessianOperator.subsampleFrom)
    let hessian = hessian(data, variables, shouldStop: shouldStop)
    let tolerance = procedure.convergence.negativeCurvature
    let lanczos = Lanczos(relativeResidual: max(tolerance / 10, 1e-9))
    let stream = RandomStream(
      seed: key.seed, purpose: .lanczos, samples: key.samples, replicate: key.replicate)
    guard let result = lanczos.run(hessian, stream: stream) else {
      return hessian.wasStopped ? .stopped : .failed
    }
    let report = CurvatureReport(
      smallest: result.smallest.value, largest: result.largest.value,
      smallestResidual: result.smallest.residual, largestResidual: result.largest.residual,
      residualTolerance: result.residualTolerance, tolerance: tolerance, steps: result.steps,
      converged: result.converged, samples: data.count,
      partition: plan.normalizesBatches ? plan.fixedPartition(of: data.count).longest : nil)
    return .found(report, result.smallestVector)
  }

  /// Samples that `largestEigenvalue` looks at, at most.
  static let sharpnessSamples = 512

  /// λ_max of the Hessian over few samples, to about 2 %, from below; nil where it was stopped or isn't finite.
  func largestEigenvalue(_ variables: Buffer<Double>, shouldStop: @escaping () -> Bool) -> Double? {
    let hessian = hessian(samples(Self.sharpnessSamples), variables, shouldStop: shouldStop)
    let stream = RandomStream(
      seed: key.seed, purpose: .lanczos, samples: key.samples, replicate: key.replicate, index: 1)
    return Lanczos(maximumSteps: 30, minimumSteps: 10, relativeResidual: 0.02)
      .run(hessian, stream: stream)?.largest.value
  }

  private func hessian(
    _ data: TrainingSet<Double>, _ variables: Buffer<Double>, shouldStop: @escaping () -> Bool
  ) -> HessianOperator {
    HessianOperator(
      network: network, data: data, plan: plan, map: map, variables: variables,
      regularization: procedure.regularization, shouldStop: shouldStop)
  }

  /// A full-batch L-BFGS run from `variables` of at most `steps` evaluations; they end at its last point. Nil
  /// where it was stopped.
  ///
  /// It ends where every sample is fitted, where the gradient is below the threshold and the loss has changed by
  /// less than the stated fraction over ten evaluations, or where the line search stalls.
  func polish(
    _ variables: Buffer<Double>, steps: Int, shouldStop: @escaping () -> Bool
  ) -> PolishReport? {
    let objective = NetworkObjective(
      network: network, trainingSet: allSamples(), plan: plan, map: map,
      smoothing: procedure.regularization.labelSmoothing, dropout: nil, threads: 1)
    let rule = DescentRule(
      OptimizerKind.lbfgs(history: 20).makeOptimizer(count: variables.count, matrices: [], as: Double.self),
      regularization: Regularization(
        coupledWeightDecay: procedure.regularization.coupledWeightDecay), count: variables.count)
    let descent = Descent(objective: objective, rule: rule, variables: variables, key: key)
    return objective.interruption.asking(shouldStop) {
      let report = polish(descent, steps: steps)
      return objective.interruption.hasStopped ? nil : report
    }
  }

  private func polish(_ descent: Descent<Double>, steps: Int) -> PolishReport? {
    let (objective, rule, variables) = (descent.objective, descent.rule, descent.variables)
    var losses: [Double] = []
    while true {
      let evaluation = descent.evaluateAll()
      if objective.interruption.poll() { return nil }
      let norm = objective.gradient.norm
      losses.append(evaluation.lossMean)
      let before = losses.count > 10 ? losses[losses.count - 11] : .infinity
      let hasSettled = abs(before - evaluation.lossMean) <= procedure.convergence.lossChange * abs(before)
      let isStationary = norm <= procedure.convergence.gradientNorm * evaluation.residualMean
      let mayFit = evaluation.correct == evaluation.count || plan.normalizesBatches
      let isFit = mayFit && objective.fits(variables)
      if isFit || isStationary && hasSettled || rule.optimizer.hasStalled || losses.count > steps
        || !evaluation.isFinite
      {
        var report = PolishReport(
          steps: losses.count - 1,
          trainingAccuracy: Double(objective.evaluate(variables).correct) / Double(plan.samples),
          loss: evaluation.lossMean, relativeGradientNorm: norm / evaluation.residualMean, curvature: nil)
        guard isStationary, !isFit else { return report }
        switch examine(variables, shouldStop: objective.interruption.poll) {
        case .stopped: return nil
        case .failed: break
        case .found(let curvature, _): report.curvature = curvature
        }
        return report
      }
      rule.descend(variables, objective.gradient, loss: evaluation.lossMean, rate: 1)
    }
  }
}
