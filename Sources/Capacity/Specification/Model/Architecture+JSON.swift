import Compute
import Networks

extension Architecture {
  /// What each kind is, in a line.
  static let summaries: KeyValuePairs = [
    "linear": "Softmax regression: the inputs' weighted sums, without hidden layers",
    "mlp": "Multilayer perceptron: fully connected hidden layers",
    "cnn": "Convolutions of 3 × 3 with pooling, then fully connected layers",
    "resnet": "Residual network: stages of convolutions with shortcuts and batch norm",
    "vit": "Vision transformer: self-attention over an image's patches",
    "efficientnet": "Inverted bottlenecks of depthwise convolutions with squeeze and excitation",
    "sequential": "A list of layers of one's own",
  ]
  static let kinds = summaries.map(\.key)

  /// - Parameter input: what lists of layers are held against; nil where they have been.
  init(reading reader: ObjectReader, input: SampleShape?) {
    switch reader.kind(of: Self.kinds) {
    case "linear": self = .linear
    case "mlp": self = .mlp(MultilayerPerceptron(reading: reader))
    case "cnn": self = .cnn(ConvolutionalNetwork(reading: reader))
    case "resnet": self = .resnet(ResidualNetwork(reading: reader))
    case "efficientnet": self = .efficientnet(EfficientNetwork(reading: reader))
    case "vit": self = .vit(VisionTransformer(reading: reader))
    case "sequential": self = .sequential(SequentialNetwork(reading: reader, input: input))
    default:
      self = .linear
      reader.acceptRest()
    }
  }

  var json: JSONValue {
    switch self {
    case .linear: .object(["kind": .string("linear")])
    case .mlp(let perceptron): .object(perceptron.members)
    case .cnn(let network): .object(network.members)
    case .resnet(let network): .object(network.members)
    case .efficientnet(let network): .object(network.members)
    case .vit(let transformer): .object(transformer.members)
    case .sequential(let network): .object(network.members)
    }
  }
}

extension MultilayerPerceptron {
  init(reading reader: ObjectReader) {
    self.init(
      hidden: reader.integers("hidden", in: 1...1_000_000, count: 1...256, default: [64]),
      activation: reader.choice("activation", default: .relu) ?? .relu,
      normalization: reader.choice("normalization", default: Normalization.none) ?? .none,
      dropout: reader.number("dropout", .from(0, below: 1), default: 0))
  }

  var members: [String: JSONValue] {
    [
      "kind": .string("mlp"), "hidden": .array(hidden.map(JSONValue.integer)),
      "activation": .string(activation.rawValue), "normalization": .string(normalization.rawValue),
      "dropout": .number(dropout),
    ]
  }
}

extension VisionTransformer {
  init(reading reader: ObjectReader) {
    let width = reader.integer("width", in: 1...65_536, default: 64)
    self.init(
      patch: reader.integer("patch", in: 1...1024, default: 4),
      width: width,
      depth: reader.integer("depth", in: 1...1024, default: 2),
      heads: reader.integer("heads", in: 1...1024, default: 4),
      mlpWidth: reader.integer("mlp_width", in: 1...1_000_000, default: 4 * width),
      activation: reader.choice("activation", default: .gelu) ?? .gelu,
      dropout: reader.number("dropout", .from(0, below: 1), default: 0))
  }

  var members: [String: JSONValue] {
    [
      "kind": .string("vit"), "patch": .integer(patch), "width": .integer(width), "depth": .integer(depth),
      "heads": .integer(heads), "mlp_width": .integer(mlpWidth), "activation": .string(activation.rawValue),
      "dropout": .number(dropout),
    ]
  }
}
