import Foundation

/// How a base architecture is made larger or smaller.
package struct Scaling: Sendable, Hashable {
  /// What grows.
  package enum Rule: String, Sendable, Hashable, Codable, CaseIterable {
    /// Every channel or unit count but the inputs' and the logits', times the factor.
    case width
    /// The number of layers, blocks a stage or transformer blocks, times the factor.
    case depth
    /// Depth times 1.2^factor, width times 1.1^factor and, for convolutional networks, the image's sides times
    /// 1.15^factor: EfficientNet's α, β and γ (Tan and Le 2019, arXiv 1905.11946, section 3.3).
    case compound
    /// Blocks times the factor and channels as they are, most of the new blocks in the middle stages, as the block
    /// counts of ResNet-RS grow (Bello et al., "Revisiting ResNets", 2021, arXiv 2103.07579).
    case resnetRS = "resnet_rs"
    /// A vision transformer's perceptrons, times the factor.
    case mlp
    /// A vision transformer's width, depth and perceptrons, each times the factor (Zhai et al., "Scaling Vision
    /// Transformers", 2022, arXiv 2106.04560).
    case all
    /// A vision transformer for `factor` times the compute: width by its power 0.22, depth 0.45, perceptrons 0.6
    /// (Alabdulmohsin et al., "Getting ViT in Shape", 2023, arXiv 2305.13035).
    case sovit
  }

  /// What grows.
  package var rule: Rule
  /// By how much: a multiple, or for `compound` the exponent φ, where 0 leaves the network as it is.
  package var factor: Double

  /// A rule and its factor.
  package init(rule: Rule, factor: Double) {
    self.rule = rule
    self.factor = factor
  }
}

extension Architecture {
  /// The architecture at another size; refuses rules that it has no meaning for, and sizes that can't be built.
  package func scaled(_ scaling: Scaling) throws(ArchitectureError) -> Architecture {
    let factor = scaling.factor
    let range: ClosedRange<Double> =
      switch scaling.rule {
      case .compound: -19...19
      case .width, .mlp: 1e-6...1e6
      case .depth, .resnetRS, .all, .sovit: 1e-3...1e3
      }
    guard range.contains(factor) else {
      throw .invalid(
        field: "scaling/factor", reason: "from \(range.lowerBound) to \(range.upperBound)")
    }
    switch scaling.rule {
    case .width: return try scaled(Multipliers(width: factor), scaling.rule)
    case .depth: return try scaled(Multipliers(depth: factor), scaling.rule)
    case .compound:
      return try scaled(
        Multipliers(width: pow(1.1, factor), depth: pow(1.2, factor), resolution: pow(1.15, factor)),
        scaling.rule)
    case .resnetRS:
      guard case .resnet(let network) = self else { throw meaningless(scaling.rule) }
      return .resnet(network.withMiddleBlocks(factor))
    case .mlp, .all, .sovit:
      guard case .vit(let transformer) = self else { throw meaningless(scaling.rule) }
      switch scaling.rule {
      case .mlp: return .vit(transformer.scaled(width: 1, depth: 1, mlp: factor))
      case .all: return .vit(transformer.scaled(width: factor, depth: factor, mlp: factor))
      default:
        return .vit(
          transformer.scaled(width: pow(factor, 0.22), depth: pow(factor, 0.45), mlp: pow(factor, 0.6)))
      }
    }
  }

  private func meaningless(_ rule: Scaling.Rule) -> ArchitectureError {
    .invalid(field: "scaling/rule", reason: "\(rule.rawValue) has no meaning for this kind of network")
  }

  private func scaled(
    _ multipliers: Multipliers, _ rule: Scaling.Rule
  ) throws(ArchitectureError) -> Architecture {
    switch self {
    case .linear: throw meaningless(rule)
    case .sequential(let network):
      guard rule == .width else {
        throw .invalid(
          field: "scaling/rule",
          reason: "\(rule.rawValue) has no meaning for a list of layers, which says its depth itself")
      }
      return .sequential(try network.scaled(width: multipliers))
    case .mlp(let perceptron):
      guard !perceptron.hidden.isEmpty else { throw meaningless(rule) }
      return .mlp(perceptron.scaled(multipliers))
    case .cnn(let network): return .cnn(network.scaled(multipliers))
    case .resnet(let network): return .resnet(network.scaled(multipliers))
    case .efficientnet(let network): return .efficientnet(network.scaled(multipliers))
    case .vit(let transformer):
      guard rule != .compound else { throw meaningless(rule) }
      return .vit(transformer.scaled(width: multipliers.width, depth: multipliers.depth, mlp: 1))
    }
  }
}

/// By how much widths, depths and the sides of images grow.
struct Multipliers {
  var width = 1.0
  var depth = 1.0
  var resolution = 1.0

  /// The nearest whole number, at least 1.
  static func nearest(_ value: Int, times factor: Double) -> Int {
    let product = (Double(value) * factor).rounded()
    return Int(min(max(product, 1), 1e9))
  }

  func wide(_ value: Int) -> Int { Self.nearest(value, times: width) }
  func deep(_ value: Int) -> Int { Self.nearest(value, times: depth) }

  /// A list at another length: each element as often as before, up to rounding, in the same order.
  func deep<T>(_ list: [T]) -> [T] {
    guard !list.isEmpty else { return [] }
    let count = deep(list.count)
    return (0..<count).map { list[$0 * list.count / count] }
  }
}

extension MultilayerPerceptron {
  func scaled(_ multipliers: Multipliers) -> MultilayerPerceptron {
    var scaled = self
    scaled.hidden = multipliers.deep(hidden).map(multipliers.wide)
    return scaled
  }
}

extension ConvolutionalNetwork {
  /// Every convolution is pooled, so that an image bounds the depth.
  func scaled(_ multipliers: Multipliers) -> ConvolutionalNetwork {
    var scaled = self
    scaled.channels = multipliers.deep(channels).map(multipliers.wide)
    scaled.hidden = multipliers.deep(hidden).map(multipliers.wide)
    scaled.resolution *= multipliers.resolution
    return scaled
  }
}

extension ResidualNetwork {
  func scaled(_ multipliers: Multipliers) -> ResidualNetwork {
    var scaled = self
    scaled.stem = multipliers.wide(stem)
    scaled.stages = stages.map(multipliers.wide)
    scaled.blocks = blocks.map(multipliers.deep)
    scaled.resolution *= multipliers.resolution
    return scaled
  }

  /// All blocks times the factor. From ResNet-RS-50 (3, 4, 6, 3) to ResNet-RS-420 (4, 44, 87, 4) the outer stages grow
  /// by the power ln(4/3)/ln(139/16) of the whole; the middle ones share the rest as they did.
  func withMiddleBlocks(_ factor: Double) -> ResidualNetwork {
    guard blocks.count > 2 else { return scaled(Multipliers(depth: factor)) }
    var scaled = self
    let last = blocks.count - 1
    let outerPower = log(4.0 / 3) / log(139.0 / 16)
    scaled.blocks[0] = Multipliers.nearest(blocks[0], times: pow(factor, outerPower))
    scaled.blocks[last] = Multipliers.nearest(blocks[last], times: pow(factor, outerPower))
    let middle = blocks[1..<last].reduce(0, +)
    let total = Double(blocks.reduce(0, +)) * factor
    let rest = max(total - Double(scaled.blocks[0] + scaled.blocks[last]), 1)
    for stage in 1..<last {
      scaled.blocks[stage] = Multipliers.nearest(blocks[stage], times: rest / Double(max(middle, 1)))
    }
    return scaled
  }
}

extension EfficientNetwork {
  /// Where all channels are multiples of 8 they stay so, as in the paper's family: the nearest multiple, but never
  /// more than a tenth below.
  func scaled(_ multipliers: Multipliers) -> EfficientNetwork {
    let counts = [stem, head] + stages.map(\.channels)
    let keepsEights = counts.allSatisfy { $0 % 8 == 0 }
    func wide(_ channels: Int) -> Int {
      guard keepsEights else { return multipliers.wide(channels) }
      let exact = min(Double(channels) * multipliers.width, 1e9)
      let nearest = max(8, Int(exact + 4) / 8 * 8)
      return Double(nearest) < 0.9 * exact ? nearest + 8 : nearest
    }
    var scaled = self
    scaled.stem = wide(stem)
    scaled.head = wide(head)
    scaled.resolution *= multipliers.resolution
    for number in stages.indices {
      scaled.stages[number].channels = wide(stages[number].channels)
      // The paper rounds repeats up.
      let repeats = (Double(stages[number].repeats) * multipliers.depth - 1e-9).rounded(.up)
      scaled.stages[number].repeats = Int(min(max(repeats, 1), 1e9))
    }
    return scaled
  }
}

extension VisionTransformer {
  /// The width stays a multiple of the heads, whose number doesn't change.
  func scaled(width widthFactor: Double, depth depthFactor: Double, mlp mlpFactor: Double)
    -> VisionTransformer
  {
    var scaled = self
    scaled.width = Multipliers.nearest(width / max(heads, 1), times: widthFactor) * max(heads, 1)
    scaled.depth = Multipliers.nearest(depth, times: depthFactor)
    scaled.mlpWidth = Multipliers.nearest(mlpWidth, times: mlpFactor)
    return scaled
  }
}
