import Compute
import Networks

/// The loss of a network on its training set as a function of the variables: by batch, over all samples, and
/// whether every sample is fitted. Weight decay is not in it.
final class NetworkObjective<S: Scalar> {
  let network: Network<S>
  let plan: BatchPlan
  let source: EpochSamples<S>
  let map: (any ParameterMap<S>)?
  let interruption = Interruption()
  private let smoothing: Double
  private let dropout: DropoutKey?
  private let augmentation: SampleAugmentation?
  private let parameters: Buffer<S>
  private let parameterGradient: Buffer<S>
  /// What `batch` and `full` write: the gradient of the mean loss by the variables.
  let gradient: Buffer<S>
  private let executor: ShardExecutor<S>
  /// The shards' own.
  let workspaces: [Workspace<S>]
  /// Where the last count of samples that aren't fitted ended; the next one begins there.
  private var suspect = 0

  /// Of passes over all samples that are no step's.
  let evaluationClock = Stopwatch()
  /// Of gathering batches, one of each shard.
  let gatherClocks: [Stopwatch]

  init(
    network: Network<S>, trainingSet: TrainingSet<S>, plan: BatchPlan, map: (any ParameterMap<S>)?,
    smoothing: Double, dropout: DropoutKey?, augmentation: SampleAugmentation? = nil, threads: Int
  ) {
    self.network = network
    self.plan = plan
    self.map = map
    self.smoothing = smoothing
    self.dropout = dropout
    self.augmentation = augmentation
    source = EpochSamples(
      trainingSet, findsSparseRows: network.readsSparseRows && augmentation == nil)
    let isMapped = map != nil
    parameters = Buffer(count: isMapped ? network.parameterCount : 0)
    parameterGradient = Buffer(count: network.parameterCount)
    gradient = map.map { Buffer(count: $0.variableCount) } ?? parameterGradient
    var shards: [Shard<S>] = []
    for index in 0..<plan.shards {
      let gradient = index == 0 ? parameterGradient : Buffer(count: network.parameterCount)
      shards.append(
        Shard(
          index: index, network: network, plan: plan, gradient: gradient, trainingSet: trainingSet,
          augments: augmentation != nil, interruption: interruption))
    }
    gatherClocks = shards.map(\.gatherClock)
    workspaces = shards.map(\.workspace)
    executor = ShardExecutor(shards: shards, threads: threads)
  }

  var variableCount: Int { map?.variableCount ?? network.parameterCount }

  /// Puts the samples in the order of epoch `epoch`.
  func shuffle(_ stream: RandomStream) {
    guard !plan.isFull else { return }
    var stream = stream
    source.order.fillWithIdentity()
    stream.shuffle(source.order.pointer, count: source.order.count)
  }

  /// Sums over the batch at these positions of the epoch's order, with dropout and augmentation; writes `gradient`.
  func batch(_ variables: Buffer<S>, _ range: Range<Int>, step: Int, epoch: Int) -> BatchSummary {
    var request = request(.gradient, materialized(variables), range)
    // The order of a full batch is the identity.
    request.isShuffled = !plan.isFull || augmentation != nil
    request.augmentation = augmentation
    request.epoch = epoch
    request.scale = S(1 / Double(range.count))
    request.dropout = dropout
    request.step = step
    return differentiate(request)
  }

  /// Sums over all samples in the fixed partition, without dropout; writes `gradient`.
  func full(_ variables: Buffer<S>) -> BatchSummary {
    var request = request(.gradient, materialized(variables), 0..<plan.samples)
    request.partition = fixedPartition
    request.scale = S(1 / Double(plan.samples))
    return evaluationClock.time { differentiate(request) }
  }

  private func differentiate(_ request: PassRequest<S>) -> BatchSummary {
    let summary = run(request)
    map?.pullBack(parameterGradient, into: gradient)
    return summary
  }

  /// Sums over all samples in training mode without dropout: what a line search needs.
  func trainingLoss(_ variables: Buffer<S>) -> BatchSummary {
    var request = request(.trainingLoss, materialized(variables), 0..<plan.samples)
    request.partition = fixedPartition
    return run(request)
  }

  /// Sums over all samples as a trained network is used: no dropout, statistics of the whole training set.
  func evaluate(_ variables: Buffer<S>) -> BatchSummary {
    let parameters = materialized(variables)
    return evaluationClock.time {
      gatherStatistics(parameters)
      return run(request(.evaluation, parameters, 0..<plan.samples), alone: plan.normalizesBatches)
    }
  }

  /// As above, of other samples, and without label smoothing.
  func evaluate(_ variables: Buffer<S>, on samples: TrainingSet<S>) -> BatchSummary {
    let parameters = materialized(variables)
    gatherStatistics(parameters)
    var request = request(.evaluation, parameters, 0..<samples.count)
    request.loss = LossOptions()
    return run(request, alone: true, on: EpochSamples(samples))
  }

  /// What `evaluate` finds of hidden units and of samples that aren't fit, of which `limit` are kept.
  func inspect(_ variables: Buffer<S>, limit: Int) -> Inspection {
    let parameters = materialized(variables)
    return evaluationClock.time {
      gatherStatistics(parameters)
      let inspection = Inspection(limit: limit)
      var request = request(.evaluation, parameters, 0..<plan.samples)
      request.inspection = inspection
      _ = run(request, alone: true)
      return inspection
    }
  }

  /// How many samples' own logit isn't strictly the largest, as `evaluate` counts; nil for more than `limit`, where the
  /// pass ends.
  func errors(_ variables: Buffer<S>, upTo limit: Int) -> Int? {
    let parameters = materialized(variables)
    return evaluationClock.time { errors(parameters, upTo: limit) }
  }

  private func errors(_ parameters: UnsafePointer<S>, upTo limit: Int) -> Int? {
    var errors = 0
    gatherStatistics(parameters)
    let stride = plan.normalizesBatches ? plan.chunk : plan.chunk * plan.shards
    let chunks = (plan.samples + stride - 1) / stride
    for i in 0..<chunks {
      let chunk = (suspect + i) % chunks
      let range = chunk * stride..<min((chunk + 1) * stride, plan.samples)
      let summary = run(request(.evaluation, parameters, range), alone: plan.normalizesBatches)
      if interruption.hasStopped { return nil }
      errors += range.count - summary.correct
      if errors > limit {
        suspect = chunk
        return nil
      }
    }
    return errors
  }

  /// The batches over which statistics are taken in a pass over all samples.
  private var fixedPartition: BatchPartition? {
    plan.normalizesBatches ? plan.fixedPartition(of: plan.samples) : nil
  }

  private func run(
    _ request: PassRequest<S>, alone: Bool = false, on samples: EpochSamples<S>? = nil
  ) -> BatchSummary {
    interruption.beginPass()
    return executor.run(request, on: samples ?? source, alone: alone)
  }

  private func gatherStatistics(_ parameters: UnsafePointer<S>) {
    guard plan.normalizesBatches else { return }
    _ = run(request(.statistics, parameters, 0..<plan.samples), alone: true)
  }

  private func request(
    _ kind: PassKind, _ parameters: UnsafePointer<S>, _ range: Range<Int>
  ) -> PassRequest<S> {
    PassRequest(
      kind: kind, parameters: parameters, range: range, isShuffled: false, scale: 1,
      loss: LossOptions(labelSmoothing: smoothing))
  }

  /// θ, in a buffer that the next pass may overwrite.
  func parameters(_ variables: Buffer<S>) -> Buffer<S> {
    guard let map else { return variables }
    map.materialize(variables, into: parameters)
    return parameters
  }

  /// ‖θ‖₂
  func parameterNorm(_ variables: Buffer<S>) -> Double { parameters(variables).norm }

  func materialized(_ variables: Buffer<S>) -> UnsafePointer<S> {
    UnsafePointer(parameters(variables).pointer)
  }
}
