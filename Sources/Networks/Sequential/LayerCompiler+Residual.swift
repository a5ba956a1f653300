import Compute

extension LayerCompiler {
  /// The last layer of a list that mixes a sequence's tokens, where nothing behind it looks at any but the first: there
  /// only the first has to ask. Nil where there is none.
  static func lastMixing(_ layers: [LayerSpecification]) -> Int? {
    guard let end = layers.firstIndex(where: { $0.kind == .firstToken }),
      let mixing = layers[..<end].lastIndex(where: { !$0.isTokenwise })
    else { return nil }
    switch layers[mixing].kind {
    case .attention: return mixing
    case .residual(let inner, let shortcut):
      // The norm in front of an attention sees all tokens, what follows it the first alone.
      let inner = inner.filter { !$0.doesNothing }
      guard shortcut != .projection, inner.count > 1, inner[0].kind == .layerNormalization,
        case .attention = inner[1].kind, inner[2...].allSatisfy(\.isTokenwise), inner.leavesSlopes
      else { return nil }
      return mixing
    default: return nil
    }
  }

  /// Appends a residual; whether it has taken along the activation behind it.
  mutating func appendResidual(
    _ layers: [LayerSpecification], _ shortcut: Shortcut, _ activation: Activation?, _ name: String,
    to chain: inout ChainBuilder<S>, queries: Int?
  ) throws(ArchitectureError) -> Bool {
    let input = flow
    let inner = layers.filter { !$0.doesNothing }
    guard !inner.isEmpty else {
      // x + x, or x + its projection: a chain has a layer, here the identity.
      let identity = [LayerSpecification(.activation(.identity))]
      return try appendResidual(identity, shortcut, activation, name, to: &chain, queries: queries)
    }
    let innerPrefix = "\(name)."
    var check = LayerCheck()
    let output = check.walk(layers, from: input, at: [])
    let projects = shortcut == .projection || input != output
    let endsInNorm = inner.count > 1 && inner[inner.count - 1].kind == .batchNormalization
    if endsInNorm, input.form == .image, projects || activation != nil {
      let stride = projects ? layers.projectionStride(from: input, to: output) : nil
      let norm = layers.lastIndex { !$0.doesNothing }!
      let block = try ResidualBlock(
        builder, name: name, input: shape, norm: layers[norm].name ?? "\(innerPrefix)\(norm)",
        projection: stride,
        activation: activation ?? .identity
      ) { (chain, builder) throws(ArchitectureError) in
        var compiler = LayerCompiler(builder, from: input, prefix: innerPrefix)
        try compiler.append(Array(layers[..<norm]), to: &chain)
      }
      try chain.append(block)
      flow = output
      return activation != nil
    }
    if !projects, inner.leavesSlopes {
      try appendInPlace(layers, innerPrefix, to: &chain, queries: queries)
      return false
    }
    var scope = builder.openScope()
    var main = ChainBuilder(builder)
    var compiler = LayerCompiler(builder, from: input, prefix: innerPrefix)
    try compiler.append(layers, to: &main)
    let branch = try main.finish()
    builder.endChild(&scope)
    var projection: Chain<S>?
    if projects {
      projection = try self.projection(of: layers, input, output, "\(name).short.")
      builder.endChild(&scope)
    }
    builder.closeScope(scope)
    try chain.append(ResidualSum(builder, branch, shortcut: projection, input: shape))
    flow = output
    return false
  }

  /// x + f(x) where f's last layer takes the sum along the way.
  private mutating func appendInPlace(
    _ layers: [LayerSpecification], _ prefix: String, to chain: inout ChainBuilder<S>, queries: Int?
  ) throws(ArchitectureError) {
    let input = flow
    var output = flow
    let first = layers.firstIndex { !$0.doesNothing } ?? 0
    if layers[first].kind == .layerNormalization, layers[(first + 1)...].contains(where: { !$0.doesNothing })
    {
      let norm = layers[first].name ?? "\(prefix)\(first)"
      let branch = try ResidualBranch(builder, norm: norm, input: shape) {
        (inner, builder) throws(ArchitectureError) in
        var compiler = LayerCompiler(builder, from: input, prefix: prefix)
        // Numbers stay those of the list.
        let rest = layers.indices.map { $0 <= first ? LayerSpecification.nothing : layers[$0] }
        try compiler.append(rest, to: &inner, queries: queries)
        output = compiler.flow
      }
      try chain.append(branch)
    } else {
      var inner = ChainBuilder(builder)
      var compiler = LayerCompiler(builder, from: input, prefix: prefix)
      try compiler.append(layers, to: &inner, queries: queries)
      output = compiler.flow
      try chain.append(IdentityShortcut(inner.finish()))
    }
    flow = output
  }

  /// What takes the input to the shape of the layers' output.
  private func projection(
    of layers: [LayerSpecification], _ input: LayerFlow, _ output: LayerFlow, _ prefix: String
  ) throws(ArchitectureError) -> Chain<S> {
    guard let channels = output.channels, let stride = layers.projectionStride(from: input, to: output) else {
      preconditionFailure("a residual without faults can be projected")
    }
    let hasNorm = layers.hasBatchNormalization
    let product: LayerKind =
      input.form == .image
      ? .convolution(
        ConvolutionOptions(channels: channels, kernel: 1, stride: stride, padding: .valid, bias: !hasNorm))
      : .linear(features: channels, bias: !hasNorm)
    var list = [LayerSpecification(product)]
    if hasNorm { list.append(LayerSpecification(.batchNormalization)) }
    var chain = ChainBuilder(builder)
    var compiler = LayerCompiler(builder, from: input, prefix: prefix)
    try compiler.append(list, to: &chain)
    return try chain.finish()
  }
}

extension LayerSpecification {
  /// A layer that does nothing.
  static let nothing = LayerSpecification(.dropout(rate: 0))

  /// Whether it leaves everything as it is, so that none is made.
  var doesNothing: Bool {
    switch kind {
    case .dropout(let rate): rate == 0
    case .resize(let resolution): resolution == 1
    default: false
    }
  }

  /// Whether each token of a sequence is treated alone, and stays one.
  var isTokenwise: Bool {
    switch kind {
    case .linear, .layerNormalization, .activation, .dropout: true
    case .residual(let layers, let shortcut): shortcut != .projection && layers.allSatisfy(\.isTokenwise)
    default: false
    }
  }
}

extension [LayerSpecification] {
  /// Whether a chain of these layers leaves dy as it is and doesn't look at its own output in the backward pass, so that
  /// a sum can be made in the place of the output: an activation at the end does otherwise.
  var leavesSlopes: Bool {
    guard let last = last(where: { !$0.doesNothing }) else { return false }
    switch last.kind {
    case .activation: return false
    // A sum with its norm reads neither; a sum of its own might.
    case .residual(let layers, let shortcut): return shortcut != .projection && layers.leavesSlopes
    default: return true
    }
  }
}
