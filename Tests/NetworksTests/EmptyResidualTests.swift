import Compute
import Networks
import Testing

/// A residual of layers that all do nothing, as dropout with the rate 0: x + x, or x + a projection of x.
@Suite("Residuals of layers that do nothing") struct EmptyResidualTests {
  private static let nothing = SequentialCases.layers(.dropout(rate: 0))
  private static let count = 3

  private static func residual(_ layers: [LayerSpecification], _ shortcut: Shortcut) -> LayerKind {
    .residual(layers: layers, shortcut: shortcut)
  }

  /// The logits of a network at its start, of inputs that are multiplied by a whole number first.
  private func logits(
    _ architecture: Architecture, _ shape: SampleShape, times factor: Int = 1
  ) throws -> [Double] {
    let network = try Network<Double>(architecture, input: shape, classes: 3)
    #expect(!network.hasDropout)
    let workspace = network.makeWorkspace(capacity: Self.count)
    let parameters = Buffer<Double>(count: network.parameterCount)
    network.initialize(parameters.pointer, seed: 4, samples: Self.count, replicate: 0)
    var stream = RandomStream(seed: 3, purpose: .inputs)
    let inputs = Buffer(
      (0..<Self.count * shape.count).map { _ in Double(Float(stream.normal())) * Double(factor) })
    workspace.evaluate(
      parameters: parameters.pointer, inputs: inputs.pointer, labels: [0, 1, 2], count: Self.count)
    return Array(workspace.logits.array.prefix(Self.count * 3))
  }

  static let shapes: [SampleShape] = [.features(6), .image(height: 3, width: 2, channels: 2)]

  @Test("add the input to itself", arguments: shapes) func identity(shape: SampleShape) throws {
    let twice = try logits(.linear, shape, times: 2)
    for shortcut in [Shortcut.automatic, .identity] {
      for layers in [Self.nothing, Self.nothing + Self.nothing + Self.nothing] {
        #expect(try logits(SequentialCases.list(Self.residual(layers, shortcut)), shape) == twice)
      }
      let inner = [LayerSpecification(Self.residual(Self.nothing, shortcut))]
      // Inputs of 24 bits are tripled exactly.
      let nested = SequentialCases.list(Self.residual(Self.nothing + inner, shortcut))
      #expect(try logits(nested, shape) == logits(.linear, shape, times: 3))
    }
  }

  @Test("add a projection of the input", arguments: shapes) func projection(shape: SampleShape) throws {
    let kind: LayerKind =
      if case .image = shape { SequentialCases.convolution(2, 1) } else { SequentialCases.linear(6) }
    // The same parameters in the same order, on the other side of the sum.
    let product = SequentialCases.list(Self.residual([LayerSpecification(kind)], .identity))
    let projected = SequentialCases.list(Self.residual(Self.nothing, .projection))
    #expect(try logits(projected, shape) == logits(product, shape))
  }

  @Test("of tokens, behind attention and in front of it") func tokens() throws {
    let image = SampleShape.image(height: 4, width: 4, channels: 1)
    func network(_ shortcut: Shortcut) -> Architecture {
      SequentialCases.list(
        .patchEmbedding(PatchOptions(patch: 2, width: 4, classToken: true)),
        Self.residual(Self.nothing, shortcut), .attention(heads: 2), Self.residual(Self.nothing, shortcut),
        .firstToken)
    }
    #expect(try logits(network(.identity), image) == logits(network(.automatic), image))
    #expect(try logits(network(.projection), image).allSatisfy(\.isFinite))
  }

  @Test("at the end of a list nothing is left of") func bare() throws {
    let shape = SampleShape.features(6)
    #expect(
      try logits(SequentialCases.list(.dropout(rate: 0), .dropout(rate: 0)), shape) == logits(.linear, shape))
    // The only token is the first.
    let image = SampleShape.image(height: 2, width: 2, channels: 1)
    let embedding = LayerKind.patchEmbedding(PatchOptions(patch: 2, width: 4))
    #expect(
      try logits(SequentialCases.list(embedding, .firstToken), image)
        == logits(SequentialCases.list(embedding, .meanOverTokens), image))
  }
}
