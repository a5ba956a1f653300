import Networks

/// A case's model, in the golden files' words.
struct GoldenModel: Decodable, Sendable {
  let kind: String
  let hidden: [Int]?
  let activation: Activation?
  let stem: Int?
  let stages: [Int]?
  let blocks: Int?
  let patch: Int?
  let width: Int?
  let depth: Int?
  let heads: Int?
  let mlpWidth: Int?
  let channels: [Int]?
  let pooling: PoolingKind?
  let normalization: Normalization?

  struct UnknownKind: Error, CustomStringConvertible {
    let kind: String
    var description: String { "a model of kind \(kind) in a golden file" }
  }

  /// The same network here.
  func architecture() throws -> Architecture {
    switch kind {
    case "linear":
      return .linear
    case "mlp":
      return .mlp(
        MultilayerPerceptron(
          hidden: hidden ?? [], activation: activation ?? .relu, normalization: normalization ?? .none))
    case "cnn":
      return .cnn(
        ConvolutionalNetwork(
          channels: channels ?? [], hidden: hidden ?? [], activation: activation ?? .relu,
          normalization: normalization ?? .none, pooling: pooling ?? .max))
    case "resnet":
      guard let stem, let stages, let blocks else { throw UnknownKind(kind: kind) }
      return .resnet(
        ResidualNetwork(stem: stem, stages: stages, blocks: blocks, activation: activation ?? .relu))
    case "vit":
      guard let patch, let width, let depth, let heads else { throw UnknownKind(kind: kind) }
      return .vit(
        VisionTransformer(
          patch: patch, width: width, depth: depth, heads: heads, mlpWidth: mlpWidth,
          activation: activation ?? .gelu))
    default:
      throw UnknownKind(kind: kind)
    }
  }
}
