import Compute

/// Hands out parameters and memory while layers are made, for batches of at most `capacity` samples.
///
/// Memory that a call alone needs (`scratch`) is shared: layers that never run inside one another get the same places.
/// A layer that contains others opens a scope, ends each child, closes the scope and asks for scratch of its own only
/// then (or before it opened the scope), so that it lies apart from theirs.
package final class LayerBuilder<S: Scalar> {
  /// The largest batch.
  package let capacity: Int
  /// Whether tangents will be asked for.
  package let secondOrder: Bool

  private(set) var tensors: [ParameterTensor] = []
  private(set) var summaries: [LayerSummary] = []
  private(set) var hiddenLayers: [HiddenLayer] = []
  private(set) var normalizedLayers: [NormalizedLayer] = []
  private(set) var parameterCount = 0
  private(set) var savedCount = 0
  private(set) var scratchCount = 0
  private(set) var statisticsCount = 0
  private(set) var dropoutCount: UInt64 = 0
  private(set) var kinkCount = 0
  /// Tokens of the sequence that the image has become, which the layer table shows of every layer until they become a vector,
  /// those too that nothing asks for and that are never computed; nil before it has become one.
  var tokens: Int?
  private var scratchTop = 0

  init(capacity: Int, secondOrder: Bool) {
    self.capacity = capacity
    self.secondOrder = secondOrder
  }

  /// Whether no layer has been made yet: the next reads the network's input.
  var isAtInput: Bool { parameterCount == 0 && summaries.isEmpty }

  /// A parameter tensor of PyTorch's name and shape, at the end of the flat vector.
  package func parameter(
    _ name: String, shape: [Int], fanIn: Int, fanOut: Int = 0, role: ParameterTensor.Role,
    layout: ParameterTensor.Layout = .plain, isOutput: Bool = false
  ) throws(ArchitectureError) -> ParameterSlot {
    let count = try product(shape)
    let tensor = ParameterTensor(
      name: name, shape: shape, offset: parameterCount, count: count, fanIn: fanIn, fanOut: fanOut,
      role: role,
      layout: layout, isOutput: isOutput)
    guard parameterCount + count <= Int32.max else { throw .tooLarge }
    tensors.append(tensor)
    parameterCount += count
    return ParameterSlot(offset: tensor.offset, count: count)
  }

  /// Memory that lives from forward to the end of backward.
  package func saved(perSample: Int = 0, constant: Int = 0) throws(ArchitectureError) -> MemorySlot {
    let count = try size(perSample, constant)
    defer { savedCount += aligned(count) }
    return MemorySlot(area: .saved, offset: savedCount, count: count)
  }

  /// Memory that one call needs: another layer's call may overwrite it.
  package func scratch(perSample: Int = 0, constant: Int = 0) throws(ArchitectureError) -> MemorySlot {
    let count = try size(perSample, constant)
    let slot = MemorySlot(area: .scratch, offset: scratchTop, count: count)
    scratchTop += aligned(count)
    scratchCount = max(scratchCount, scratchTop)
    return slot
  }

  /// Where a layer that takes its input's tangent as it comes writes zeros for it: nothing before it has parameters, so that
  /// the network's input feeds it. Asked for before its own parameters.
  func stillInput(_ shape: SampleShape) throws(ArchitectureError) -> MemorySlot? {
    secondOrder && parameterCount == 0 ? try scratch(perSample: shape.count) : nil
  }

  /// Numbers gathered over the training set for evaluation, as a batch norm's means.
  package func statistics(_ count: Int) -> StatisticsSlot {
    defer { statisticsCount += count }
    return StatisticsSlot(offset: statisticsCount, count: count)
  }

  /// The place among the network's kinks of a layer with this activation; nil where that has none.
  func kink(_ kind: ActivationKind) -> KinkSlot? {
    guard let leak = kind.leak else { return nil }
    defer { kinkCount += 1 }
    return KinkSlot(index: kinkCount, leak: leak)
  }

  /// A number for each layer that drops units, which sets its part of the stream apart.
  func dropoutNumber() -> UInt64 {
    defer { dropoutCount += 1 }
    return dropoutCount
  }

  /// Starts a layer's children.
  package func openScope() -> ScratchScope { ScratchScope(start: scratchTop, peak: scratchTop) }

  /// After each child: the next one gets the same scratch.
  package func endChild(_ scope: inout ScratchScope) {
    scope.peak = max(scope.peak, scratchTop)
    scratchTop = scope.start
  }

  /// After the last child: scratch asked for from here on lies beyond that of all of them.
  package func closeScope(_ scope: ScratchScope) {
    scratchTop = max(scratchTop, scope.peak)
  }

  /// One line of the layer table. `productFlops`: 2·m·n·k of every matrix product a sample, forward.
  package func record(
    name: String, kind: String, output: SampleShape, parameterCount: Int, productFlops: Int
  ) {
    // The first layer that has parameters is the last whose backward pass matters: nothing wants its dx.
    let isFirst = summaries.allSatisfy { $0.parameterCount == 0 }
    let shape: [Int] =
      if case .image = output, let tokens { [tokens, output.channels] } else { output.sizes }
    summaries.append(
      LayerSummary(
        name: name, kind: kind, output: shape, parameterCount: parameterCount, productFlops: productFlops,
        inputGradientFlops: isFirst ? 0 : productFlops))
  }

  /// A layer whose moments can be looked at after a pass.
  func recordNormalized(_ layer: NormalizedLayer) { normalizedLayers.append(layer) }

  /// A layer whose output lies in a slot, where it can be looked at after a pass if it went through a nonlinearity. Said
  /// by what owns the slot: the chain that the layer is in, or for its last layer whoever holds the chain.
  func recordHidden(_ layer: any Layer<S>, name: String, slot: MemorySlot) {
    guard let activation = layer.activation, activation != .identity else { return }
    hiddenLayers.append(
      HiddenLayer(name: name, activation: activation, shape: layer.outputShape, slot: slot))
  }

  private func size(_ perSample: Int, _ constant: Int) throws(ArchitectureError) -> Int {
    let (product, overflow) = perSample.multipliedReportingOverflow(by: capacity)
    guard !overflow, perSample <= Int32.max, product < 1 << 48 else { throw .tooLarge }
    return product + constant
  }

  private func product(_ shape: [Int]) throws(ArchitectureError) -> Int {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= Int32.max else { throw .tooLarge }
      count = product
    }
    return count
  }

  /// Every slot starts at a cache line of its own.
  private func aligned(_ count: Int) -> Int { (count + 15) & ~15 }
}

/// Where the scratch of a layer's children starts, and the highest place that one has reached.
package struct ScratchScope {
  let start: Int
  var peak: Int
}
