import Compute
import Networks

/// A probe's network, data and map in double precision: what its Hessian is taken of, and what second-order
/// methods go down.
struct Verification {
  let network: Network<Double>
  /// All samples, converted where they are asked for: a Hessian needs 4,096 of them at most.
  let allSamples: () -> TrainingSet<Double>
  /// A random subsample of so many at most, in memory.
  private let samples: (_ limit: Int) -> TrainingSet<Double>
  /// 4,096 of them at most, in memory.
  var hessianSamples: () -> TrainingSet<Double> { { samples(HessianOperator.subsampleFrom) } }
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

  /// The Hessian's extreme eigenvalues at `variables`; of the objective with another coupled decay, where one is given.
  func examine(
    _ variables: Buffer<Double>, decay: Double? = nil, shouldStop: @escaping () -> Bool
  ) -> Examination {
    let data = hessianSamples()
    var regularization = procedure.regularization
    regularization.coupledWeightDecay = decay ?? regularization.coupledWeightDecay
    let hessian = HessianOperator(
      network: network, data: data, plan: plan, map: map, variables: variables,
      regularization: regularization, shouldStop: shouldStop)
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
    let hessian = HessianOperator(
      network: network, data: samples(Self.sharpnessSamples), plan: plan, map: map, variables: variables,
      regularization: procedure.regularization, shouldStop: shouldStop)
    let stream = RandomStream(
      seed: key.seed, purpose: .lanczos, samples: key.samples, replicate: key.replicate, index: 1)
    return Lanczos(maximumSteps: 30, minimumSteps: 10, relativeResidual: 0.02)
      .run(hessian, stream: stream)?.largest.value
  }
}
