import Compute

/// What changes the loss, apart from parameters and samples.
package struct LossOptions: Sendable {
  /// The weight that goes from the own class to all classes alike.
  package var labelSmoothing: Double
  /// Dropout's stream for this step; nil: nothing is dropped.
  package var dropout: RandomStream?

  /// Plain cross-entropy, unless said.
  package init(labelSmoothing: Double = 0, dropout: RandomStream? = nil) {
    self.labelSmoothing = labelSmoothing
    self.dropout = dropout
  }
}

/// One thread's memory for one network and batches up to a size. Allocates nothing once it is made.
///
/// Inputs are (count, input.count), images (height, width, channels); labels are 0 ..< classes. Losses are sums over
/// the batch, and gradients those of the sum times `scale`. A network that `readsSparseRows` may be given the samples by
/// what sets them apart instead: then `inputs` stand for them and are never read.
package final class Workspace<S: Scalar> {
  package let network: Network<S>
  /// The largest batch.
  package let capacity: Int
  /// The layers whose outputs of the last pass can be looked at, from the input on.
  package let hiddenLayers: [HiddenLayer]
  /// The batch norms, from the input on.
  package let normalizedLayers: [NormalizedLayer]
  /// The last batch's logits (count, classes).
  package let logits: Buffer<S>
  /// Sums for evaluation, over `statisticsCount` samples.
  package let statistics: Buffer<S>
  /// Samples whose statistics have been gathered.
  package private(set) var statisticsCount = 0
  /// The widths over which passes in training mode round the kinks of the activations, layer by layer; nil: not at all.
  /// Not for second derivatives, nor for evaluation and its statistics, which are those of the network itself.
  package var kinkWidths: Buffer<S>?

  let layers: Chain<S>
  let logitGradients: Buffer<S>
  let saved: Buffer<S>
  let scratch: Buffer<S>
  let second: SecondOrder?

  /// What second derivatives need besides.
  struct SecondOrder {
    let saved: Buffer<S>
    let scratch: Buffer<S>
    let logits: Buffer<S>
    let logitGradients: Buffer<S>
    let probabilities: Buffer<S>
    let gradient: Buffer<S>
  }

  /// How many elements each part takes.
  struct Sizes {
    let saved: Int
    let scratch: Int
    let statistics: Int
    let logits: Int
    let parameters: Int
    let secondOrder: Bool

    init(_ builder: LayerBuilder<S>, network: Network<S>) {
      saved = builder.savedCount
      scratch = builder.scratchCount
      statistics = builder.statisticsCount
      logits = builder.capacity * network.classes
      parameters = network.parameterCount
      secondOrder = builder.secondOrder
    }

    var total: Int {
      let first = saved + scratch + statistics + 2 * logits
      return secondOrder ? first + saved + scratch + 3 * logits + parameters : first
    }
  }

  init(_ network: Network<S>, capacity: Int, secondOrder: Bool) {
    BLAS.useOneThread()
    let (builder, layers) = network.build(capacity: capacity, secondOrder: secondOrder)
    let sizes = Sizes(builder, network: network)
    self.network = network
    self.capacity = capacity
    self.layers = layers
    hiddenLayers = builder.hiddenLayers
    normalizedLayers = builder.normalizedLayers
    logits = Buffer(count: sizes.logits)
    logitGradients = Buffer(count: sizes.logits)
    saved = Buffer(count: sizes.saved)
    scratch = Buffer(count: sizes.scratch)
    statistics = Buffer(count: sizes.statistics)
    second =
      secondOrder
      ? SecondOrder(
        saved: Buffer(count: sizes.saved), scratch: Buffer(count: sizes.scratch),
        logits: Buffer(count: sizes.logits), logitGradients: Buffer(count: sizes.logits),
        probabilities: Buffer(count: sizes.logits), gradient: Buffer(count: sizes.parameters))
      : nil
  }

  /// The loss and its gradient in training mode: gradient = scale · ∂(loss sum)/∂parameters, added to what is there if
  /// `accumulate`.
  @discardableResult
  package func lossAndGradient(
    parameters: UnsafePointer<S>, inputs: UnsafePointer<S>, sparse: SparseBatch<S>? = nil,
    labels: UnsafePointer<Int32>, count: Int, loss: LossOptions = LossOptions(), scale: S,
    gradient: UnsafeMutablePointer<S>, accumulate: Bool = false
  ) -> BatchSummary {
    let pass = makePass(
      count: count, mode: .training, parameters: parameters, sparse: sparse, dropout: loss.dropout,
      gradient: gradient, keep: accumulate ? 1 : 0)
    layers.forward(pass, x: inputs, y: logits.pointer)
    let summary = S.softmaxCrossEntropy(
      count, network.classes, logits.pointer, labels, S(loss.labelSmoothing), scale, probabilities: nil,
      gradient: logitGradients.pointer)
    layers.backward(pass, x: inputs, y: logits.pointer, dy: logitGradients.pointer, dx: nil)
    return summary
  }

  /// The loss alone; the logits stay in `logits`.
  @discardableResult
  package func evaluate(
    parameters: UnsafePointer<S>, inputs: UnsafePointer<S>, sparse: SparseBatch<S>? = nil,
    labels: UnsafePointer<Int32>, count: Int, loss: LossOptions = LossOptions(), mode: PassMode = .evaluation
  ) -> BatchSummary {
    precondition(
      mode != .evaluation || !network.hasStatistics || statisticsCount > 0,
      "statistics are gathered before they are used")
    let pass = makePass(
      count: count, mode: mode, parameters: parameters, sparse: sparse, dropout: loss.dropout)
    layers.forward(pass, x: inputs, y: logits.pointer)
    return S.softmaxCrossEntropy(
      count, network.classes, logits.pointer, labels, S(loss.labelSmoothing), 1, probabilities: nil,
      gradient: logitGradients.pointer)
  }

  /// Forgets the statistics for evaluation.
  package func clearStatistics() {
    S.fill(statistics.count, 0, statistics.pointer)
    statisticsCount = 0
  }

  /// Adds a batch's statistics to those for evaluation: a pass in training mode, without dropout.
  package func gatherStatistics(
    parameters: UnsafePointer<S>, inputs: UnsafePointer<S>, sparse: SparseBatch<S>? = nil, count: Int
  ) {
    let pass = makePass(
      count: count, mode: .statistics, parameters: parameters, sparse: sparse, dropout: nil)
    layers.forward(pass, x: inputs, y: logits.pointer)
    statisticsCount += count
  }

  /// Adds to `moments` (3, a layer with a kink) the count, the sum and the sum of squares of what those layers'
  /// activations are taken of: a pass in training mode, without dropout.
  package func addKinkMoments(
    parameters: UnsafePointer<S>, inputs: UnsafePointer<S>, count: Int, moments: Buffer<Double>
  ) {
    precondition(moments.count == 3 * network.kinkCount)
    let pass = makePass(
      count: count, mode: .training, parameters: parameters, dropout: nil,
      kinks: .measured(moments.pointer))
    layers.forward(pass, x: inputs, y: logits.pointer)
  }

  func makePass(
    count: Int, mode: PassMode, parameters: UnsafePointer<S>, sparse: SparseBatch<S>? = nil,
    dropout: RandomStream?,
    gradient: UnsafeMutablePointer<S>? = nil, keep: S = 0, direction: UnsafePointer<S>? = nil,
    product: UnsafeMutablePointer<S>? = nil, kinks: KinkTreatment<S>? = nil
  ) -> Pass<S> {
    precondition(count > 0 && count <= capacity, "a batch fits its workspace")
    precondition(sparse == nil || network.readsSparseRows, "a first layer that reads sparse rows")
    let rounded = mode == .training && direction == nil ? kinkWidths : nil
    return Pass(
      count: count, mode: mode, keep: keep, parameters: parameters, gradient: gradient, direction: direction,
      product: product, dropout: dropout, sparse: sparse,
      kinks: kinks ?? rounded.map { .rounded(widths: $0.pointer) }, saved: saved.pointer,
      scratch: scratch.pointer,
      savedTangents: second?.saved.pointer, scratchTangents: second?.scratch.pointer,
      statistics: statistics.pointer, statisticsCount: statisticsCount)
  }
}
