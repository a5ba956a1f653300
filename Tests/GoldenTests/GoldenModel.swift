import Networks

/// A case's model, in the golden files' words.
struct GoldenModel: Decodable, Sendable {
  let kind: String
  let hidden: [Int]?
  let activation: Activation?

  /// Kinds of models that this version doesn't have.
  static let notBuilt: Set<String> = ["cnn", "resnet", "vit"]

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
    default:
      throw UnknownKind(kind: kind)
    }
  }
}
