import Capacity
import Compute
import Networks
import Testing

/// Named models and the lists that say the same in a specification: the same start, loss, gradient and Hessian product,
/// bit for bit.
@Suite("Sequential and named networks") struct SequentialEquivalenceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let named: String
    let layers: String
    var image = [12, 12, 3]
    var testDescription: String { named }
  }

  private static let block =
    #"{"kind": "layer_normalization"}, {"kind": "attention", "heads": 2}"#
  private static let perceptron =
    #"{"kind": "layer_normalization"}, {"kind": "linear", "features": 12}, {"kind": "gelu"}, {"kind": "linear", "features": 8}"#
  private static func normed(_ channels: Int, _ stride: Int = 1) -> String {
    #"{"kind": "convolution", "channels": \#(channels), "kernel": 3, "stride": \#(stride), "bias": false}, {"kind": "batch_normalization"}"#
  }
  private static func basic(_ channels: Int, _ stride: Int = 1) -> String {
    #"{"kind": "residual", "layers": [\#(normed(channels, stride)), {"kind": "relu"}, \#(normed(channels))]}, {"kind": "relu"}"#
  }
  private static func bottleneck(_ input: Int, _ output: Int, _ kernel: Int, _ stride: Int) -> String {
    let inside = 2 * input
    return #"""
      {"kind": "convolution", "channels": \#(inside), "kernel": 1, "bias": false}, {"kind": "batch_normalization"}, {"kind": "silu"},
      {"kind": "convolution", "channels": \#(inside), "kernel": \#(kernel), "stride": \#(stride), "groups": \#(inside), "bias": false},
      {"kind": "batch_normalization"}, {"kind": "silu"}, {"kind": "squeeze_excitation", "ratio": 8, "activation": "silu"},
      {"kind": "convolution", "channels": \#(output), "kernel": 1, "bias": false}, {"kind": "batch_normalization"}
      """#
  }

  static let cases: [Case] = [
    Case(named: #"{"kind": "linear"}"#, layers: ""),
    Case(
      named: #"{"kind": "mlp", "hidden": [9, 7], "dropout": 0.3}"#,
      layers: #"""
        {"kind": "linear", "features": 9}, {"kind": "relu"}, {"kind": "dropout", "rate": 0.3},
        {"kind": "linear", "features": 7}, {"kind": "relu"}, {"kind": "dropout", "rate": 0.3}
        """#),
    Case(
      named: #"{"kind": "mlp", "hidden": [9, 7], "normalization": "batch", "activation": "tanh"}"#,
      layers: #"""
        {"kind": "linear", "features": 9, "bias": false}, {"kind": "batch_normalization"}, {"kind": "tanh"},
        {"kind": "linear", "features": 7, "bias": false}, {"kind": "batch_normalization"}, {"kind": "tanh"}
        """#),
    Case(
      named: #"{"kind": "cnn", "channels": [8, 16], "hidden": [10], "activation": "gelu"}"#,
      layers: #"""
        {"kind": "convolution", "channels": 8, "kernel": 3}, {"kind": "gelu"}, {"kind": "max_pool", "size": 2},
        {"kind": "convolution", "channels": 16, "kernel": 3}, {"kind": "gelu"}, {"kind": "max_pool", "size": 2},
        {"kind": "linear", "features": 10}, {"kind": "gelu"}
        """#),
    Case(
      named:
        #"{"kind": "cnn", "channels": [8], "hidden": [], "normalization": "layer", "pooling": "average"}"#,
      layers: #"""
        {"kind": "convolution", "channels": 8, "kernel": 3, "bias": false}, {"kind": "layer_normalization"},
        {"kind": "relu"}, {"kind": "average_pool", "size": 2}
        """#),
    Case(
      named: #"{"kind": "resnet", "stem": 8, "stages": [8, 16], "blocks": [2, 1]}"#,
      layers: #"""
        \#(normed(8)), {"kind": "relu"}, \#(basic(8)), \#(basic(8)), \#(basic(16, 2)), {"kind": "global_average_pool"}
        """#),
    Case(
      named: #"{"kind": "vit", "patch": 4, "width": 8, "depth": 2, "heads": 2, "mlp_width": 12}"#,
      layers: #"""
        {"kind": "patch_embedding", "patch": 4, "width": 8, "class_token": true},
        {"kind": "residual", "layers": [\#(block)]}, {"kind": "residual", "layers": [\#(perceptron)]},
        {"kind": "residual", "layers": [\#(block)]}, {"kind": "residual", "layers": [\#(perceptron)]},
        {"kind": "layer_normalization"}, {"kind": "first_token"}
        """#),
    Case(
      named: #"""
        {"kind": "efficientnet", "stem": 6, "head": 10, "stages": [{"expansion": 2, "channels": 6},
          {"expansion": 2, "channels": 8, "stride": 2, "kernel": 5}]}
        """#,
      layers: #"""
        \#(normed(6)), {"kind": "silu"}, {"kind": "residual", "layers": [\#(bottleneck(6, 6, 3, 1))]},
        \#(bottleneck(6, 8, 5, 2)), {"kind": "convolution", "channels": 10, "kernel": 1, "bias": false},
        {"kind": "batch_normalization"}, {"kind": "silu"}, {"kind": "global_average_pool"}
        """#),
  ]

  private func architecture(_ item: Case, _ model: String) throws -> Architecture {
    let text = #"""
      {"dataset": {"name": "prototypes", "height": \#(item.image[0]), "width": \#(item.image[1]),
        "channels": \#(item.image[2]), "classes": 4}, "model": \#(model)}
      """#
    let admission = try Admission(json: JSONValue(parsing: text.utf8))
    let specification = admission.specification
    // What was read is what is written.
    #expect(try MeasurementSpecification(recorded: specification.json) == specification)
    return specification.experiment.model.architecture
  }

  /// All numbers that a network gives on one batch.
  private func numbers<S: Scalar>(_ architecture: Architecture, _ input: SampleShape, _: S.Type) throws -> [S]
  {
    let (count, classes) = (6, 4)
    let network = try Network<S>(architecture, input: input, classes: classes)
    let parameters = Buffer<S>(count: network.parameterCount)
    network.initialize(parameters.pointer, seed: 3, samples: count, replicate: 0)
    var result = parameters.array
    var stream = RandomStream(seed: 4, purpose: .inputs)
    let inputs = Buffer((0..<count * input.count).map { _ in S(stream.normal()) })
    let labels = (0..<count).map { _ in Int32(stream.below(UInt64(classes))) }
    let gradient = Buffer<S>(count: parameters.count)
    let workspace = network.makeWorkspace(capacity: count, secondOrder: S.bytes == 8)
    let options = LossOptions(dropout: RandomStream(seed: 5, purpose: .dropout))
    let summary = workspace.lossAndGradient(
      parameters: parameters.pointer, inputs: inputs.pointer, labels: labels, count: count, loss: options,
      scale: 1, gradient: gradient.pointer)
    result += [S(summary.lossSum)] + gradient.array
    if S.bytes == 8 {
      let direction = Buffer((0..<parameters.count).map { _ in S(stream.normal()) })
      let product = Buffer<S>(count: parameters.count)
      workspace.addHessianVectorProduct(
        parameters: parameters.pointer, direction: direction.pointer, inputs: inputs.pointer, labels: labels,
        count: count, loss: options, scale: 1, product: product.pointer)
      result += product.array
    }
    return result
  }

  @Test(arguments: cases) func theSameBits(item: Case) throws {
    let named = try architecture(item, item.named)
    let list = try architecture(item, #"{"kind": "sequential", "layers": [\#(item.layers)]}"#)
    #expect(named != list)
    let input = SampleShape.image(height: item.image[0], width: item.image[1], channels: item.image[2])
    #expect(try numbers(named, input, Float.self) == numbers(list, input, Float.self))
    #expect(try numbers(named, input, Double.self) == numbers(list, input, Double.self))
    let shapes = { (architecture: Architecture) in
      try Network<Float>(architecture, input: input, classes: 4).tensors.map(\.shape)
    }
    #expect(try shapes(named) == shapes(list))
  }
}
