extension SequentialNetwork {
  /// Every channel and feature count but the inputs' and the logits', times the factor.
  ///
  /// Where attention heads or a convolution's groups divide a count, it stays a multiple of them; a convolution with a
  /// group for each channel keeps one for each. Counts that hang together keep their ratio.
  func scaled(width multipliers: Multipliers) throws(ArchitectureError) -> SequentialNetwork {
    var widths = LayerWidths()
    _ = widths.walk(layers, from: nil)
    guard !widths.isEmpty || multipliers.width == 1 else {
      throw .invalid(
        field: "scaling/rule", reason: "width has no meaning for layers without channels or features")
    }
    var scaled = try widths.scaled(multipliers)[...]
    return SequentialNetwork(layers.map { $0.taking(&scaled) }, outputName: outputName)
  }
}

/// The channel and feature counts that the layers of a list set, in their order, and which of them hang together: those
/// that a residual adds, and those on both sides of a convolution with a group for each channel.
private struct LayerWidths {
  private var counts: [Int] = []
  /// For each count an earlier one that it hangs together with, or itself.
  private var parents: [Int] = []
  /// What has to divide which count.
  private var divisors: [(count: Int, divisor: Int)] = []

  var isEmpty: Bool { counts.isEmpty }

  /// Goes through a list of layers, from the number of the count that comes in to that of the one that comes out; nil
  /// is the network's input, which doesn't scale.
  mutating func walk(_ layers: [LayerSpecification], from input: Int?) -> Int? {
    var width = input
    for layer in layers {
      switch layer.kind {
      case .convolution(let options):
        let output = add(options.channels)
        if !options.hasGroupForEachChannel {
          divide(width, by: options.groups)
          divide(output, by: options.groups)
        } else if let width, counts[width] % options.channels == 0 {
          join(width, output)
        }
        width = output
      case .linear(let features, _): width = add(features)
      case .patchEmbedding(let options): width = add(options.width)
      case .attention(let heads): divide(width, by: heads)
      case .residual(let layers, let shortcut):
        let output = walk(layers, from: width)
        if shortcut != .projection, let width, let output, counts[width] == counts[output] {
          join(width, output)
        }
        width = output
      default: break
      }
    }
    return width
  }

  /// All counts at another width, in their order.
  func scaled(_ multipliers: Multipliers) throws(ArchitectureError) -> [Int] {
    var scaled = counts
    let needs = Dictionary(grouping: divisors) { root($0.count) }
    let together = Dictionary(grouping: counts.indices) { root($0) }
    for (first, members) in together {
      let base = members.reduce(0) { Self.commonDivisor($0, counts[$1]) }
      guard base > 0 else { continue }
      // What divides a multiple of the base need not divide the base.
      var unit = 1
      for (count, divisor) in needs[first] ?? [] {
        let needed = divisor / Self.commonDivisor(divisor, counts[count] / base)
        unit = try Self.product(unit / Self.commonDivisor(unit, needed), needed)
      }
      // A divisor that doesn't divide is a fault of the network, whatever its width.
      let wide =
        base % unit == 0
        ? try Self.product(multipliers.wide(base / unit), unit) : multipliers.wide(base)
      for member in members { scaled[member] = try Self.product(counts[member] / base, wide) }
    }
    return scaled
  }

  private mutating func add(_ count: Int) -> Int {
    counts.append(count)
    parents.append(parents.count)
    return parents.count - 1
  }

  private mutating func divide(_ count: Int?, by divisor: Int) {
    if let count, divisor > 1 { divisors.append((count, divisor)) }
  }

  private mutating func join(_ a: Int, _ b: Int) {
    let (a, b) = (root(a), root(b))
    parents[max(a, b)] = min(a, b)
  }

  private func root(_ count: Int) -> Int {
    var root = count
    while parents[root] != root { root = parents[root] }
    return root
  }

  private static func product(_ a: Int, _ b: Int) throws(ArchitectureError) -> Int {
    let (product, isTooLarge) = a.multipliedReportingOverflow(by: b)
    guard !isTooLarge else { throw .tooLarge }
    return product
  }

  private static func commonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : commonDivisor(b, a % b) }
}

extension ConvolutionOptions {
  /// Whether it is depthwise, so that its groups are as many as its channels at every width.
  fileprivate var hasGroupForEachChannel: Bool { groups > 1 && groups == channels }
}

extension LayerSpecification {
  /// The layer with the first of these counts, which it takes away, or as many of them as its own layers set.
  fileprivate func taking(_ counts: inout ArraySlice<Int>) -> LayerSpecification {
    var scaled = self
    switch kind {
    case .convolution(var options):
      let isDepthwise = options.hasGroupForEachChannel
      options.channels = counts.removeFirst()
      if isDepthwise { options.groups = options.channels }
      scaled.kind = .convolution(options)
    case .linear(_, let bias): scaled.kind = .linear(features: counts.removeFirst(), bias: bias)
    case .patchEmbedding(var options):
      options.width = counts.removeFirst()
      scaled.kind = .patchEmbedding(options)
    case .residual(let layers, let shortcut):
      scaled.kind = .residual(layers: layers.map { $0.taking(&counts) }, shortcut: shortcut)
    default: break
    }
    return scaled
  }
}
