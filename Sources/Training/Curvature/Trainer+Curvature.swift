import Compute
import Networks

extension Trainer {
  /// What the Hessian says of a stationary point.
  enum CurvatureVerdict {
    case stopped
    case undecided
    case minimum
    case saddle(Buffer<S>)
  }

  /// The Hessian's extreme eigenvalues at the variables as they stand.
  func examineCurvature(shouldStop: () -> Bool) -> CurvatureVerdict {
    let examination = withoutActuallyEscaping(shouldStop) { stop in
      CurvatureExamination(
        architecture: architecture, trainingSet: trainingSet.converted(to: Double.self), procedure: procedure,
        plan: objective.plan, key: key
      ).run(at: descent.variables.converted(), shouldStop: stop)
    }
    guard let examination else { return shouldStop() ? .stopped : .undecided }
    curvature = examination.report
    guard examination.report.converged else { return .undecided }
    return examination.report.isSaddle ? .saddle(examination.direction.converted()) : .minimum
  }

  /// Moves the variables along a direction of negative curvature, of both signs the one that goes lower: step
  /// lengths are doubled from 10⁻³ · max(1, ‖θ‖) while the loss falls, or halved until it does. False, and the
  /// variables as they were, where no step lowers it.
  func leaveSaddle(along direction: Buffer<S>, loss: Double) -> Bool {
    let variables = descent.variables
    let origin = variables.copy()
    let first = 1e-3 * max(1, origin.norm)
    func loss(at length: Double) -> Double {
      S.combine(variables.count, 1, origin.pointer, S(length), direction.pointer, variables.pointer)
      let summary = objective.trainingLoss(variables)
      let decay = procedure.regularization.coupledWeightDecay
      return summary.lossSum / Double(trainingSet.count)
        + (decay == 0 ? 0 : decay / 2 * S.dot(variables.count, variables.pointer, variables.pointer))
    }
    var best = (length: 0.0, loss: loss(at: 0))
    var scale = first
    for _ in 0..<20 {
      for length in [scale, -scale] {
        let value = loss(at: length)
        if value < best.loss { best = (length, value) }
      }
      if best.length != 0 { break }
      scale /= 2
    }
    guard best.length != 0 else {
      variables.copy(from: origin)
      return false
    }
    for _ in 0..<40 {
      let value = loss(at: 2 * best.length)
      guard value < best.loss else { break }
      best = (2 * best.length, value)
    }
    S.combine(variables.count, 1, origin.pointer, S(best.length), direction.pointer, variables.pointer)
    return true
  }
}

/// One look at the Hessian of a probe.
struct CurvatureExamination {
  let architecture: Architecture
  let trainingSet: TrainingSet<Double>
  let procedure: Procedure
  let plan: BatchPlan
  let key: ProbeKey

  /// The report and the direction of the smallest eigenvalue at `variables`; nil where the run was stopped or
  /// a product wasn't finite.
  func run(
    at variables: Buffer<Double>, shouldStop: @escaping () -> Bool
  ) -> (report: CurvatureReport, direction: Buffer<Double>)? {
    guard
      let network = try? Network<Double>(
        architecture, input: trainingSet.shape, classes: trainingSet.classes)
    else { preconditionFailure("the network was built before") }
    let start = Buffer<Double>(count: network.parameterCount)
    network.initialize(
      start.pointer, procedure.initialization, seed: key.seed, samples: key.samples, replicate: key.replicate)
    let map = procedure.reparameterization.makeMap(network: network, start: start, key: key)
    let data = trainingSet.subsample(HessianOperator.subsampleFrom, key: key)
    let hessian = HessianOperator(
      network: network, data: data, plan: plan, map: map, variables: variables,
      regularization: procedure.regularization, shouldStop: shouldStop)
    let tolerance = procedure.convergence.negativeCurvature
    let lanczos = Lanczos(relativeResidual: tolerance / 10)
    let stream = RandomStream(
      seed: key.seed, purpose: .lanczos, samples: key.samples, replicate: key.replicate)
    guard let result = lanczos.run(hessian, stream: stream) else { return nil }
    let report = CurvatureReport(
      smallest: result.smallest.value, largest: result.largest.value,
      smallestResidual: result.smallest.residual, largestResidual: result.largest.residual,
      residualTolerance: result.residualTolerance, tolerance: tolerance, steps: result.steps,
      converged: result.converged, samples: data.count, partition: plan.normalizesBatches ? plan.batch : nil)
    return (report, result.smallestVector)
  }
}
