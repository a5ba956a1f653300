import Compute

/// Makes the layers of a list: neighbours that one pass can do together (a product with its activation and pooling, a norm
/// with its activation, a residual's sum with the norm at its end) become one.
///
/// The list must have no faults on the input.
struct LayerCompiler<S: Scalar> {
  let builder: LayerBuilder<S>
  /// What lies behind the last layer made.
  var flow: LayerFlow
  /// Where the list lies: the names of its layers begin with it.
  private let prefix: String

  init(_ builder: LayerBuilder<S>, from flow: LayerFlow, prefix: String) {
    self.builder = builder
    self.flow = flow
    self.prefix = prefix
  }

  /// The shape behind the last layer made.
  var shape: SampleShape {
    guard let shape = flow.shape else { preconditionFailure("a list without faults has shapes") }
    return shape
  }

  /// Makes a list's layers and appends them to a chain.
  ///
  /// - Parameter queries: tokens that the list's attention answers for, where not all are looked at afterwards.
  mutating func append(
    _ layers: [LayerSpecification], to chain: inout ChainBuilder<S>, queries: Int? = nil
  ) throws(ArchitectureError) {
    let numbered = layers.enumerated().filter { !$0.element.doesNothing }.map { Entry($0.element, $0.offset) }
    let pruned = Self.lastMixing(numbered.map(\.layer))
    var next = 0
    while next < numbered.count {
      next += try append(numbered[next...], to: &chain, queries: next == pruned ? 1 : queries)
    }
  }

  /// One layer of a list and its number there.
  private struct Entry {
    let layer: LayerSpecification
    let number: Int
    init(_ layer: LayerSpecification, _ number: Int) {
      self.layer = layer
      self.number = number
    }
  }

  private func name(_ entry: Entry) -> String { entry.layer.name ?? "\(prefix)\(entry.number)" }

  /// What lies behind a layer, without its faults: there are none.
  private func after(_ layer: LayerSpecification, on flow: LayerFlow) -> LayerFlow {
    var check = LayerCheck()
    return check.output(of: layer, on: flow, at: [])
  }

  /// Makes the first of these layers, with those behind it that it takes along; how many that were.
  private mutating func append(
    _ entries: ArraySlice<Entry>, to chain: inout ChainBuilder<S>, queries: Int?
  ) throws(ArchitectureError) -> Int {
    let first = entries.startIndex
    let layer = entries[first].layer
    let name = self.name(entries[first])
    let before = flow
    var taken = 1
    /// The activation behind it, if it takes one along.
    func activation() -> Activation {
      guard taken < entries.count, case .activation(let kind) = entries[first + taken].layer.kind else {
        return .identity
      }
      taken += 1
      return kind
    }
    switch layer.kind {
    case .convolution(let options) where options.isPointwise:
      try chain.append(
        Linear(
          builder, name: name, atPlacesOf: shape, outputs: options.channels,
          shape: [options.channels, shape.channels, 1, 1], hasBias: options.bias, activation: activation(),
          tableKind: "convolution"))
    case .convolution(let options) where options.groups > 1:
      try appendGrouped(options, name, to: &chain)
    case .convolution(let options):
      let kind = activation()
      var window = 1
      if taken < entries.count, case .pool(.max, let pool) = entries[first + taken].layer.kind, pool.isPlain,
        pool.size > 1
      {
        window = pool.size
        taken += 1
      }
      try chain.append(
        Convolution(
          builder, name: name, input: shape, outputs: options.channels, kernel: options.kernel,
          stride: options.stride, padding: options.border, hasBias: options.bias, activation: kind,
          window: window, listsPooling: layer.name != nil))
    case .linear(let features, let bias):
      let kind = activation()
      if before.form == .sequence {
        try chain.append(
          Linear(
            builder, name: name, atPlacesOf: shape, outputs: features, hasBias: bias, activation: kind))
      } else {
        try chain.append(
          Linear(
            builder, name: name, input: shape, outputs: features, hasBias: bias, activation: kind))
      }
    case .batchNormalization:
      try chain.append(BatchNormalization(builder, name: name, shape: shape, activation: activation()))
    case .residual(let layers, let shortcut):
      let follower: Activation? =
        if entries.count > 1, case .activation(let kind) = entries[first + 1].layer.kind { kind } else { nil }
      guard try appendResidual(layers, shortcut, follower, name, to: &chain, queries: queries) else {
        return 1
      }
      if layer.name == nil { record(entries[first + 1], on: shape) }
      return 2
    case .layerNormalization:
      try chain.append(LayerNormalization(builder, name: name, shape: shape))
    case .activation(let kind):
      try chain.append(Elementwise(builder, name: name, shape: shape, activation: kind))
    case .pool(let kind, let window):
      try appendPooling(kind, window, name, to: &chain)
    case .globalAveragePool:
      try chain.append(GlobalAveragePool(builder, name: name, shape: shape))
    case .meanOverTokens:
      try chain.append(GlobalAveragePool(builder, name: name, kind: "mean over tokens", shape: shape))
    case .firstToken:
      // Nothing to do where the others were never computed.
      if shape.places > 1 {
        try chain.append(FirstToken(builder, name: name, input: shape))
      } else {
        FirstToken<S>.record(builder, name: name, input: shape)
      }
    case .dropout(let rate):
      try chain.append(Dropout(builder, name: name, shape: shape, probability: rate))
    case .patchEmbedding(let options):
      try chain.append(
        PatchEmbedding(
          builder, name: name, input: shape, patch: options.patch, width: options.width,
          hasPositions: options.positions, hasClassToken: options.classToken))
    case .attention(let heads):
      let attention = try MultiHeadAttention(
        builder, name: "\(name).qkv", input: shape, heads: heads, queries: queries ?? shape.places)
      try chain.append(attention)
      try chain.append(
        Linear(
          builder, name: "\(name).proj", atPlacesOf: attention.outputShape, outputs: shape.channels))
      flow = .sequence(attention.outputShape.places, shape.channels)
      return 1
    case .squeezeExcitation(let ratio, let activation):
      try chain.append(
        SqueezeExcitation(
          builder, name: name, input: shape, squeezed: max(1, shape.channels / max(ratio, 1)),
          activation: activation))
    case .resize:
      guard case .image(let height, let width, let channels) = shape,
        let sides = after(layer, on: flow).sides
      else { preconditionFailure("only images are resized") }
      try chain.append(
        Resize(builder, from: (height, width), to: (sides.height, sides.width), channels: channels))
    }
    for entry in entries.prefix(taken) {
      flow = after(entry.layer, on: flow)
      if entry.number != entries[first].number, layer.name == nil { record(entry, on: shape) }
    }
    return taken
  }

  /// A row in the layer table for a layer that another one does along the way.
  private func record(_ entry: Entry, on shape: SampleShape) {
    let kind =
      switch entry.layer.kind {
      case .pool(let kind, _): kind.layerKind
      default: "activation"
      }
    builder.record(name: name(entry), kind: kind, output: shape, parameterCount: 0, productFlops: 0)
  }

  private func appendGrouped(
    _ options: ConvolutionOptions, _ name: String, to chain: inout ChainBuilder<S>
  ) throws(ArchitectureError) {
    if options.groups == shape.channels, options.channels == shape.channels, options.border < options.kernel {
      try chain.append(
        DepthwiseConvolution(
          builder, name: name, input: shape, taps: options.kernel, stride: options.stride,
          padding: options.border, hasBias: options.bias))
    } else {
      try chain.append(
        GroupedConvolution(
          builder, name: name, input: shape, outputs: options.channels, kernel: options.kernel,
          stride: options.stride, padding: options.border, groups: options.groups, hasBias: options.bias))
    }
  }

  private func appendPooling(
    _ kind: PoolingKind, _ window: WindowOptions, _ name: String, to chain: inout ChainBuilder<S>
  ) throws(ArchitectureError) {
    guard window.isPlain else {
      guard case .image(let height, let width, let channels) = shape else {
        preconditionFailure("only images are pooled")
      }
      let sizes = WindowSizes(
        height: height, width: width, channels: channels, size: window.size, stride: window.stride,
        padding: window.padding)
      return try chain.append(WindowPooling(builder, name: name, kind: kind, sizes: sizes))
    }
    switch kind {
    case .max: try chain.append(MaximumPooling(builder, name: name, input: shape, window: window.size))
    case .average: try chain.append(AveragePooling(builder, name: name, input: shape, window: window.size))
    }
  }
}
