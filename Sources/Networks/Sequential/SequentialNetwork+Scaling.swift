extension SequentialNetwork {
  /// Every channel and feature count but the inputs' and the logits', times the factor.
  ///
  /// Where attention heads or a convolution's groups divide a network's counts, the counts stay multiples of them; a
  /// convolution with a group for each channel keeps one for each.
  func scaled(width multipliers: Multipliers) throws(ArchitectureError) -> SequentialNetwork {
    let units = Self.divisors(layers)
    var unit = 1
    for divisor in units where unit % divisor != 0 {
      let (product, isTooLarge) = (unit / Self.commonDivisor(unit, divisor)).multipliedReportingOverflow(
        by: divisor)
      guard !isTooLarge else { throw .tooLarge }
      unit = product
    }
    let scaled = SequentialNetwork(
      layers.map { $0.scaled(multipliers, unit: unit) }, outputName: outputName)
    guard scaled != self || multipliers.width == 1 || Self.hasWidth(layers) else {
      throw .invalid(
        field: "scaling/rule", reason: "width has no meaning for layers without channels or features")
    }
    return scaled
  }

  /// Numbers that divide the widths, whatever those are.
  private static func divisors(_ layers: [LayerSpecification]) -> [Int] {
    layers.flatMap { layer -> [Int] in
      switch layer.kind {
      case .attention(let heads): [max(heads, 1)]
      case .convolution(let options): options.groups == options.channels ? [] : [max(options.groups, 1)]
      case .residual(let layers, _): divisors(layers)
      default: []
      }
    }
  }

  private static func hasWidth(_ layers: [LayerSpecification]) -> Bool {
    layers.contains {
      switch $0.kind {
      case .convolution, .linear, .patchEmbedding: true
      case .residual(let layers, _): hasWidth(layers)
      default: false
      }
    }
  }

  private static func commonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : commonDivisor(b, a % b) }
}

extension LayerSpecification {
  fileprivate func scaled(_ multipliers: Multipliers, unit: Int) -> LayerSpecification {
    func wide(_ count: Int) -> Int {
      count % unit == 0 ? multipliers.wide(count / unit) * unit : multipliers.wide(count)
    }
    var scaled = self
    switch kind {
    case .convolution(var options):
      let isDepthwise = options.groups > 1 && options.groups == options.channels
      options.channels = wide(options.channels)
      if isDepthwise { options.groups = options.channels }
      scaled.kind = .convolution(options)
    case .linear(let features, let bias): scaled.kind = .linear(features: wide(features), bias: bias)
    case .patchEmbedding(var options):
      options.width = wide(options.width)
      scaled.kind = .patchEmbedding(options)
    case .residual(let layers, let shortcut):
      scaled.kind = .residual(layers: layers.map { $0.scaled(multipliers, unit: unit) }, shortcut: shortcut)
    default: break
    }
    return scaled
  }
}
