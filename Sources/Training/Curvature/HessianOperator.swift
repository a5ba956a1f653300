import Compute
import Networks

/// The Hessian of a probe's objective by its variables at one point, in double precision: products by the
/// R-operator, chunk by chunk, plus λ of a coupled weight decay; Pᵀ H P in a random subspace.
///
/// Above `subsampleFrom` samples it is that of a fixed random subsample of as many. With batch norm it is that
/// of the training-mode loss over the fixed partition, which must not be cut: chunks are its batches' parts.
final class HessianOperator: SymmetricOperator {
  /// Samples up to which all are used.
  static let subsampleFrom = 4096

  let size: Int
  /// Samples that the sum goes over.
  let samples: Int
  private let workspace: Workspace<Double>
  private let chunks: [Range<Int>]
  private let inputs: Buffer<Double>
  private let labels: IndexBuffer
  private let width: Int
  private let map: (any ParameterMap<Double>)?
  private let parameters: Buffer<Double>
  private let direction: Buffer<Double>
  private let full: Buffer<Double>
  private let decay: Double
  private let loss: LossOptions
  private let shouldStop: () -> Bool
  /// Whether the run was ended because it had to stop.
  private(set) var wasStopped = false

  /// The Hessian at `variables`. `shouldStop` is polled before every chunk of a product.
  init(
    network: Network<Double>, data: TrainingSet<Double>, plan: BatchPlan, map: (any ParameterMap<Double>)?,
    variables: Buffer<Double>, regularization: Regularization, shouldStop: @escaping () -> Bool
  ) {
    self.map = map
    self.shouldStop = shouldStop
    size = variables.count
    samples = data.count
    inputs = data.inputs
    labels = IndexBuffer(data.labels)
    width = data.shape.count
    decay = regularization.coupledWeightDecay
    loss = LossOptions(labelSmoothing: regularization.labelSmoothing)
    chunks = Self.chunks(samples: data.count, network: network, plan: plan)
    workspace = network.makeWorkspace(
      capacity: chunks.map(\.count).max() ?? 1, secondOrder: true)
    let isMapped = map != nil
    parameters = isMapped ? Buffer(count: network.parameterCount) : variables
    direction = Buffer(count: isMapped ? network.parameterCount : 0)
    full = Buffer(count: isMapped ? network.parameterCount : 0)
    map?.materialize(variables, into: parameters)
  }

  /// The longest range that is differentiated at once.
  static func capacity(samples: Int, network: Network<Double>, plan: BatchPlan) -> Int {
    chunks(samples: samples, network: network, plan: plan).map(\.count).max() ?? 1
  }

  /// The ranges that are differentiated at once.
  private static func chunks(samples: Int, network: Network<Double>, plan: BatchPlan) -> [Range<Int>] {
    var result: [Range<Int>] = []
    if plan.normalizesBatches {
      let partition = plan.fixedPartition(of: samples)
      for batch in (0..<partition.count).map(partition.batch) {
        result += (0..<plan.shards).map { plan.part(batch, shard: $0) }.filter { !$0.isEmpty }
      }
    } else {
      let length = min(network.preferredChunk, 128)
      for start in stride(from: 0, to: samples, by: length) {
        result.append(start..<min(start + length, samples))
      }
    }
    return result
  }

  func multiply(_ vector: Buffer<Double>, into product: Buffer<Double>) -> Bool {
    let along = map == nil ? vector : direction
    let result = map == nil ? product : full
    map?.pushForward(vector, into: direction)
    result.clear()
    for chunk in chunks {
      wasStopped = shouldStop()
      if wasStopped { return false }
      workspace.addHessianVectorProduct(
        parameters: parameters.pointer, direction: along.pointer,
        inputs: inputs.pointer + chunk.lowerBound * width, labels: labels.pointer + chunk.lowerBound,
        count: chunk.count, loss: loss, scale: 1 / Double(samples), product: result.pointer)
    }
    map?.pullBack(full, into: product)
    if decay != 0 { Double.addScaled(size, decay, vector.pointer, product.pointer) }
    return true
  }
}

extension TrainingSet {
  /// A fixed random subsample where there are more than `limit` samples; in memory, all of it.
  func subsample(_ limit: Int, key: ProbeKey) -> TrainingSet<S> {
    guard count > limit || stream != nil else { return self }
    var random = RandomStream(
      seed: key.seed, purpose: .partition, samples: key.samples, replicate: key.replicate)
    let chosen = count > limit ? random.sample(limit, of: count) : Array(0..<count)
    let rows = Buffer<S>(count: chosen.count * shape.count)
    let order = IndexBuffer(chosen.map { Int32($0) })
    gather(chosen.count, order.pointer, into: rows, scratch: Buffer(count: scratchCount(chosen.count)))
    return TrainingSet(inputs: rows, labels: chosen.map { labels[$0] }, shape: shape, classes: classes)
  }
}
