import Compute
import Networks

/// What a pass over samples does with each chunk.
enum PassKind: Sendable {
  /// Loss and gradient in training mode.
  case gradient
  /// Loss alone in training mode.
  case trainingLoss
  /// Gathers batch norm's statistics for evaluation.
  case statistics
  /// Loss and accuracy with those statistics.
  case evaluation
}

/// A pass over a range of samples: batch by batch, each cut into the shards' parts.
struct PassRequest<S: Scalar> {
  var kind: PassKind
  var parameters: UnsafePointer<S>
  var range: Range<Int>
  /// The batches of all samples; nil: the range is one.
  var partition: BatchPartition?
  /// Whether positions are looked up in the epoch's order.
  var isShuffled: Bool
  var scale: S
  var loss: LossOptions
  /// The dropout of this step, of which every chunk has a stream of its own; nil: nothing is dropped.
  var dropout: DropoutKey?
  var step = 0
  /// The changes to each sample's inputs in this epoch; nil: none.
  var augmentation: SampleAugmentation?
  var epoch = 0
  /// Looks at every chunk of an evaluation.
  var inspection: Inspection?
}

/// One part's workspace, gathered batch, gradient and sums. Belongs to one thread at a time.
final class Shard<S: Scalar> {
  let index: Int
  let gradient: Buffer<S>
  private(set) var summary = BatchSummary()
  let gatherClock = Stopwatch()
  let workspace: Workspace<S>
  private let plan: BatchPlan
  private var inputs: Buffer<S>
  private var labels: IndexBuffer
  /// Of streamed samples: the rows before augmentation, and in single precision.
  private let plainInputs: Buffer<S>
  private var scratch: Buffer<Float>
  private let width: Int
  private let interruption: Interruption

  init(
    index: Int, network: Network<S>, plan: BatchPlan, gradient: Buffer<S>, trainingSet: TrainingSet<S>,
    augments: Bool, interruption: Interruption
  ) {
    let width = trainingSet.shape.count
    let gathers = !plan.isFull || augments || trainingSet.stream != nil
    self.interruption = interruption
    self.index = index
    self.plan = plan
    self.gradient = gradient
    self.width = width
    workspace = network.makeWorkspace(capacity: plan.capacity)
    inputs = Buffer(count: gathers ? plan.capacity * width : 0)
    labels = IndexBuffer(count: gathers ? plan.capacity : 0)
    plainInputs = Buffer(count: augments && trainingSet.stream != nil ? plan.capacity * width : 0)
    scratch = Buffer(count: trainingSet.scratchCount(plan.capacity))
  }

  /// Runs this shard's part of the pass: the gradient sum is in `gradient`, the others in `summary`;
  /// both without meaning where the pass was interrupted.
  func run(_ request: PassRequest<S>, _ data: EpochSamples<S>, alone: Bool) {
    summary = BatchSummary()
    makeRoom(for: data)
    // Statistics are those of a whole part.
    let chunk = plan.normalizesBatches && request.kind != .evaluation ? plan.capacity : plan.chunk
    var isFirst = true
    for number in 0..<(request.partition?.count ?? 1) {
      let batch = request.partition?.batch(number) ?? request.range
      let part = alone ? batch : plan.part(batch, shard: index)
      var low = part.lowerBound
      while low < part.upperBound {
        // Shard 0 runs on the training thread.
        if !isFirst, interruption.endsPass(asks: index == 0) { return }
        let high = min(low + chunk, part.upperBound)
        run(request, data, low..<high, isFirst: isFirst)
        isFirst = false
        low = high
      }
    }
    if isFirst, request.kind == .gradient { gradient.clear() }
  }

  /// Samples that are tested on may be streamed where those of training aren't.
  private func makeRoom(for data: EpochSamples<S>) {
    guard data.isStreamed else { return }
    if inputs.count < plan.capacity * width { inputs = Buffer(count: plan.capacity * width) }
    if labels.count < plan.capacity { labels = IndexBuffer(count: plan.capacity) }
    let needed = data.samples.scratchCount(plan.capacity)
    if scratch.count < needed { scratch = Buffer(count: needed) }
  }

  private func run(_ request: PassRequest<S>, _ data: EpochSamples<S>, _ chunk: Range<Int>, isFirst: Bool) {
    var x = UnsafePointer(data.inputs.pointer)
    let y: UnsafePointer<Int32>
    var sparse: SparseBatch<S>?
    if let rows = data.sparse, request.augmentation == nil {
      let order = request.isShuffled ? UnsafePointer(data.order.pointer + chunk.lowerBound) : nil
      sparse = SparseBatch(rows, positions: order, first: chunk.lowerBound, count: chunk.count)
      if let order {
        gatherClock.time { gatherLabels(chunk.count, data.labels.pointer, order, labels.pointer) }
        y = UnsafePointer(labels.pointer)
      } else {
        y = UnsafePointer(data.labels.pointer + chunk.lowerBound)
      }
    } else if request.isShuffled || data.isStreamed {
      gatherClock.time { gather(request, data, chunk) }
      x = UnsafePointer(inputs.pointer)
      y = UnsafePointer(labels.pointer)
    } else {
      x = UnsafePointer(data.inputs.pointer + chunk.lowerBound * width)
      y = UnsafePointer(data.labels.pointer + chunk.lowerBound)
    }
    var loss = request.loss
    if let dropout = request.dropout {
      loss.dropout = dropout.stream(index: request.step * plan.samples + chunk.lowerBound)
    }
    switch request.kind {
    case .gradient:
      summary += workspace.lossAndGradient(
        parameters: request.parameters, inputs: x, sparse: sparse, labels: y, count: chunk.count, loss: loss,
        scale: request.scale, gradient: gradient.pointer, accumulate: !isFirst)
    case .trainingLoss:
      summary += workspace.evaluate(
        parameters: request.parameters, inputs: x, sparse: sparse, labels: y, count: chunk.count, loss: loss,
        mode: .training)
    case .statistics:
      if isFirst { workspace.clearStatistics() }
      workspace.gatherStatistics(
        parameters: request.parameters, inputs: x, sparse: sparse, count: chunk.count)
    case .evaluation:
      let found = workspace.evaluate(
        parameters: request.parameters, inputs: x, sparse: sparse, labels: y, count: chunk.count, loss: loss,
        mode: .evaluation)
      request.inspection?.add(workspace, chunk, labels: y, correct: found.correct)
      summary += found
    }
  }

  /// Copies the samples at these positions of the epoch's order, changed as the epoch has it.
  private func gather(_ request: PassRequest<S>, _ data: EpochSamples<S>, _ chunk: Range<Int>) {
    let order = (request.isShuffled ? data.order : data.identity).pointer + chunk.lowerBound
    if let augmentation = request.augmentation {
      if data.isStreamed { data.samples.gather(chunk.count, order, into: plainInputs, scratch: scratch) }
      augmentation.gather(
        chunk.count, data.isStreamed ? plainInputs.pointer : data.inputs.pointer, order, epoch: request.epoch,
        isGathered: data.isStreamed, into: inputs.pointer)
    } else {
      data.samples.gather(chunk.count, order, into: inputs, scratch: scratch)
    }
    gatherLabels(chunk.count, data.labels.pointer, order, labels.pointer)
  }
}

/// What shards read their batches from: the samples, and the order in which the current epoch takes them.
struct EpochSamples<S: Scalar>: Sendable {
  let samples: TrainingSet<S>
  let labels: IndexBuffer
  let order: IndexBuffer
  /// The order of the set, where its rows are made by their positions.
  let identity: IndexBuffer
  /// The rows by what sets them apart, where a network reads them so and that is little.
  let sparse: SparseRows<S>?

  init(_ samples: TrainingSet<S>, findsSparseRows: Bool = false) {
    sparse =
      findsSparseRows && samples.stream == nil
      ? SparseRows(samples.inputs.pointer, count: samples.count, columns: samples.shape.count) : nil
    self.samples = samples
    labels = IndexBuffer(samples.labels)
    order = IndexBuffer(count: samples.count)
    identity = IndexBuffer(count: samples.stream == nil ? 0 : samples.count)
  }

  var inputs: Buffer<S> { samples.inputs }
  var isStreamed: Bool { samples.stream != nil }
}
