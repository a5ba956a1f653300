import Networks

/// A case's model, in the golden files' words.
struct GoldenModel: Decodable, Sendable {
  let kind: String
  let hidden: [Int]?
  let activation: Activation?
  let patch: Int?
  let width: Int?
  let depth: Int?
  let heads: Int?
  let mlpWidth: Int?
  let channels: [Int]?
  let pooling: PoolingKind?

  let normalization: String?

  /// Whether this version has such models.
  var isBuilt: Bool { kind != "resnet" && (normalization ?? "none") == "none" }

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
      return .mlp(MultilayerPerceptron(hidden: hidden ?? [], activation: activation ?? .relu))
    case "cnn":
      return .cnn(
        ConvolutionalNetwork(
          channels: channels ?? [], hidden: hidden ?? [], activation: activation ?? .relu,
          pooling: pooling ?? .max))
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
