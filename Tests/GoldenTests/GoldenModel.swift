import Networks

/// A case's model, in the golden files' words.
struct GoldenModel: Decodable, Sendable {
  let kind: String
  let hidden: [Int]?
  let activation: Activation?
  let stem: Int?
  let stemStride: Int?
  let stages: Stages?
  let head: Int?
  let blocks: Blocks?
  let patch: Int?
  let width: Int?
  let depth: Int?
  let heads: Int?
  let mlpWidth: Int?
  let channels: [Int]?
  let pooling: PoolingKind?
  let normalization: Normalization?

  /// Channels of every stage, or for `efficientnet` what its blocks are.
  enum Stages: Decodable {
    case channels([Int])
    case bottlenecks([Bottlenecks])

    struct Bottlenecks: Decodable {
      let expansion, channels, repeats, stride, kernel: Int
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let channels = try? container.decode([Int].self) {
        self = .channels(channels)
      } else {
        self = .bottlenecks(try container.decode([Bottlenecks].self))
      }
    }
  }

  /// One number for every stage, or one for all.
  enum Blocks: Decodable {
    case each([Int])
    case all(Int)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let counts = try? container.decode([Int].self) {
        self = .each(counts)
      } else {
        self = .all(try container.decode(Int.self))
      }
    }

    func counts(stages: Int) -> [Int] {
      switch self {
      case .each(let counts): counts
      case .all(let count): [Int](repeating: count, count: stages)
      }
    }
  }

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
      guard let stem, case .channels(let stages)? = stages, let blocks else {
        throw UnknownKind(kind: kind)
      }
      return .resnet(
        ResidualNetwork(
          stem: stem, stages: stages, blocks: blocks.counts(stages: stages.count),
          activation: activation ?? .relu))
    case "vit":
      guard let patch, let width, let depth, let heads else { throw UnknownKind(kind: kind) }
      return .vit(
        VisionTransformer(
          patch: patch, width: width, depth: depth, heads: heads, mlpWidth: mlpWidth,
          activation: activation ?? .gelu))
    case "efficientnet":
      guard let stem, case .bottlenecks(let stages)? = stages, let head else {
        throw UnknownKind(kind: kind)
      }
      return .efficientnet(
        EfficientNetwork(
          stem: stem, stemStride: stemStride ?? 1,
          stages: stages.map {
            .init(
              expansion: $0.expansion, channels: $0.channels, repeats: $0.repeats, stride: $0.stride,
              kernel: $0.kernel)
          }, head: head, activation: activation ?? .silu))
    default:
      throw UnknownKind(kind: kind)
    }
  }
}
