import Compute

/// Why a list of layers can't be built on some data: one layer's fault.
package struct LayerFault: Sendable, Hashable {
  /// Where the layer is in the list: its number, and the numbers inside the layers that hold it.
  package let place: [Int]
  /// The option at fault; nil: the layer itself.
  package let option: String?
  /// What would be right, in words.
  package let allowed: String
  /// What is wrong.
  package let reason: String
  /// The field of a named architecture that asked for the layer.
  let field: String?

  /// The JSON pointer of the option from the model on, without a slash before it: `layers/3/kernel`.
  package var path: String {
    let layer = place.map { "layers/\($0)" }.joined(separator: "/")
    return option.map { "\(layer)/\($0)" } ?? layer
  }
}

extension SequentialNetwork {
  /// Everything that is at fault with the layers on inputs of a shape; empty: the network can be built.
  ///
  /// - Parameter unread: places of layers that couldn't be read: nothing is said of those, and any shape may come out.
  package func faults(on input: SampleShape, unread: Set<[Int]> = []) -> [LayerFault] {
    var check = LayerCheck(unread: unread)
    let flow = check.walk(layers, from: LayerFlow(input), at: [])
    if flow.form == .sequence, let last = layers.indices.last {
      check.add(
        [last], layers[last], nil, "mean_over_tokens behind it", "leaves a sequence: logits need one vector")
    }
    return check.faults
  }
}

/// Walks a list of layers with what is known of the shape, and notes every fault.
struct LayerCheck {
  private(set) var faults: [LayerFault] = []
  private let unread: Set<[Int]>

  init(unread: Set<[Int]> = []) { self.unread = unread }

  mutating func add(
    _ place: [Int], _ layer: LayerSpecification, _ option: String?, _ allowed: String, _ reason: String
  ) {
    faults.append(
      LayerFault(place: place, option: option, allowed: allowed, reason: reason, field: layer.field))
  }

  mutating func walk(_ layers: [LayerSpecification], from start: LayerFlow, at place: [Int]) -> LayerFlow {
    var flow = start
    for (number, layer) in layers.enumerated() { flow = output(of: layer, on: flow, at: place + [number]) }
    return flow
  }

  /// What comes out of a layer, and its faults.
  mutating func output(of layer: LayerSpecification, on input: LayerFlow, at place: [Int]) -> LayerFlow {
    if unread.contains(place) { return LayerFlow() }
    switch layer.kind {
    case .convolution(let options): return convolved(options, layer, input, place)
    case .pool(_, let window): return pooled(window, layer, input, place)
    case .linear(let features, _):
      return input.form == .sequence
        ? .sequence(input.sides?.height, features)
        : input.form == nil ? LayerFlow(channels: features) : .vector(features)
    case .meanOverTokens, .firstToken:
      need(.sequence, input, layer, place)
      return .vector(input.channels)
    case .globalAveragePool:
      need(.image, input, layer, place)
      return .vector(input.channels)
    case .batchNormalization, .layerNormalization, .activation: return input
    case .dropout(let rate):
      if !(0..<1).contains(rate) {
        add(place, layer, "rate", "a probability from 0 to below 1", "a probability from 0 to below 1")
      }
      return input
    case .residual(let layers, let shortcut): return summed(layers, shortcut, layer, input, place)
    case .patchEmbedding(let options): return embedded(options, layer, input, place)
    case .attention(let heads):
      need(.sequence, input, layer, place)
      if let width = input.channels, width % max(heads, 1) != 0 {
        add(
          place, layer, "heads", "a divisor of the width \(width)",
          "\(heads) heads don't divide the width \(width)")
      }
      return input.form == .sequence ? input : LayerFlow(channels: input.channels)
    case .squeezeExcitation:
      need(.image, input, layer, place)
      return input
    case .resize(let resolution):
      guard let sides = input.sides else { return input }
      return .image(
        LayerFlow.Sides(
          height: Multipliers.nearest(sides.height, times: resolution),
          width: Multipliers.nearest(sides.width, times: resolution)), input.channels)
    }
  }

  private mutating func need(
    _ form: LayerFlow.Form, _ input: LayerFlow, _ layer: LayerSpecification, _ place: [Int]
  ) {
    guard let found = input.form, found != form else { return }
    let allowed = "\(found.layers), which take \(found.description)"
    // Of a vector no patches are made.
    let canEmbed = form == .sequence && found == .image
    add(
      place, layer, "kind", allowed + (canEmbed ? "; or patch_embedding before it" : ""),
      "needs \(form.description), and gets \(found.description)")
  }

  private mutating func convolved(
    _ options: ConvolutionOptions, _ layer: LayerSpecification, _ input: LayerFlow, _ place: [Int]
  ) -> LayerFlow {
    need(.image, input, layer, place)
    guard input.form ?? .image == .image else { return .image(nil, options.channels) }
    if options.channels % options.groups != 0 {
      add(
        place, layer, "groups", "a divisor of the \(options.channels) channels that come out",
        "\(options.groups) groups don't divide the \(options.channels) channels that come out")
    } else if let channels = input.channels, channels % options.groups != 0 {
      add(
        place, layer, "groups", "a divisor of the \(channels) channels that come in",
        "\(options.groups) groups don't divide the \(channels) channels that come in")
    }
    guard let sides = input.sides else { return .image(nil, options.channels) }
    let output = sides.windows(size: options.kernel, stride: options.stride, border: options.border)
    if output == nil {
      let side = min(sides.height, sides.width) + 2 * options.border
      add(
        place, layer, "kernel", "at most \(side), or more padding",
        "a window of \(options.kernel) × \(options.kernel) doesn't fit images of \(sides.height) × \(sides.width)"
          + (options.border > 0 ? " with a border of \(options.border)" : "")
          + (layer.field == nil ? "" : ": they are too small for this depth"))
    }
    return .image(output, options.channels)
  }

  private mutating func pooled(
    _ window: WindowOptions, _ layer: LayerSpecification, _ input: LayerFlow, _ place: [Int]
  ) -> LayerFlow {
    need(.image, input, layer, place)
    guard input.form ?? .image == .image else { return .image(nil, input.channels) }
    if window.padding > window.size / 2 {
      add(
        place, layer, "padding", "at most \(window.size / 2), half the size",
        "leaves windows without a place of the image")
      return .image(nil, input.channels)
    }
    guard let sides = input.sides else { return .image(nil, input.channels) }
    let output = sides.windows(size: window.size, stride: window.stride, border: window.padding)
    if output == nil {
      add(
        place, layer, "size", "at most \(min(sides.height, sides.width) + 2 * window.padding)",
        "a window of \(window.size) × \(window.size) doesn't fit images of \(sides.height) × \(sides.width)"
          + (layer.field == nil ? "" : ": they are too small for this depth"))
    }
    return .image(output, input.channels)
  }

  private mutating func embedded(
    _ options: PatchOptions, _ layer: LayerSpecification, _ input: LayerFlow, _ place: [Int]
  ) -> LayerFlow {
    need(.image, input, layer, place)
    guard input.form ?? .image == .image, let sides = input.sides else {
      return .sequence(nil, options.width)
    }
    guard sides.height % options.patch == 0, sides.width % options.patch == 0 else {
      add(
        place, layer, "patch", "a divisor of both sides",
        "patches of \(options.patch) × \(options.patch) don't divide the image of \(sides.height) × \(sides.width)"
      )
      return .sequence(nil, options.width)
    }
    let patches = sides.height / options.patch * (sides.width / options.patch)
    return .sequence(patches + (options.classToken ? 1 : 0), options.width)
  }

  private mutating func summed(
    _ layers: [LayerSpecification], _ shortcut: Shortcut, _ layer: LayerSpecification, _ input: LayerFlow,
    _ place: [Int]
  ) -> LayerFlow {
    if layers.isEmpty { add(place, layer, "layers", "at least one layer", "is empty") }
    let before = faults.count
    let output = walk(layers, from: input, at: place)
    guard faults.count == before, let from = input.shape, let to = output.shape, let form = input.form
    else { return output }
    let isSame = from == to && form == output.form
    if isSame { return output }
    if shortcut == .identity {
      add(
        place, layer, "shortcut", "projection, or layers that keep the shape",
        "the layers make \(output.description) of \(input.description), to which the input can't be added")
    } else if form != output.form || layers.projectionStride(from: input, to: output) == nil {
      add(
        place, layer, "layers", "layers that keep the shape, or reduce an image by a stride",
        "no projection makes \(output.description) of \(input.description)")
    }
    return output
  }
}

extension [LayerSpecification] {
  /// The stride of the 1 × 1 convolution that takes an image to the size that these layers leave: their own strides
  /// together, or another that does; 1 for tokens and vectors; nil where none does.
  func projectionStride(from input: LayerFlow, to output: LayerFlow) -> Int? {
    guard let from = input.sides, let to = output.sides, input.form == .image else {
      return input.sides == output.sides ? 1 : nil
    }
    let own = strideProduct
    let fits = { (stride: Int) in from.windows(size: 1, stride: stride, border: 0) == to }
    if own > 0, fits(own) { return own }
    return (1...Swift.max(from.height, from.width)).first(where: fits)
  }

  private var strideProduct: Int {
    reduce(1) { product, layer in
      let own: Int =
        switch layer.kind {
        case .convolution(let options): options.stride
        case .pool(_, let window): window.stride
        case .residual(let layers, _): layers.strideProduct
        default: 1
        }
      return product.multipliedReportingOverflow(by: own).partialValue
    }
  }

  /// Whether one of these layers is a batch norm.
  var hasBatchNormalization: Bool {
    contains {
      switch $0.kind {
      case .batchNormalization: true
      case .residual(let layers, _): layers.hasBatchNormalization
      default: false
      }
    }
  }
}
