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

  /// Kinds of models that this version doesn't have.
  static let notBuilt: Set<String> = ["cnn", "resnet"]

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
