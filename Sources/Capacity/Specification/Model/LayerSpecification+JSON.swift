import Compute
import Networks

/// Reads and writes the layers of a sequential network.
struct LayerReading {
  /// Layers that a list may have, those inside others included.
  static let limit = 1000
  /// Lists inside one another.
  static let depth = 8

  private(set) var count = 0
  /// Places of layers that couldn't be read: what comes out of them isn't known.
  private(set) var unread: Set<[Int]> = []

  static let kinds =
    [
      "convolution", "linear", "mean_over_tokens", "first_token", "max_pool", "average_pool",
      "global_average_pool", "batch_normalization", "layer_normalization", "dropout", "residual",
      "patch_embedding", "attention", "squeeze_excitation",
    ] + Activation.allCases.map(\.rawValue)

  /// Of a list, as far as it doesn't lie in another: which options a layer has depends on its kind.
  private static let schema: [String: JSONValue] = [
    "type": .string("array"), "maxItems": .integer(limit),
    "items": .object([
      "type": .string("object"), "required": .array([.string("kind")]),
      "properties": .object([
        "kind": .object([
          "enum": .array(kinds.map(JSONValue.string)), "description": .string("What the layer does"),
        ])
      ]),
    ]),
  ]

  /// The layers of a reader's member, each with its faults.
  mutating func layers(_ name: String, of reader: ObjectReader, at place: [Int]) -> [LayerSpecification] {
    let range = place.isEmpty ? 0...Self.limit : 1...Self.limit
    let allowed = "an array of \(range.lowerBound) to \(range.upperBound) layers"
    guard let value = reader.value(name, Self.schema) else {
      reader.fault(name, allowed: allowed, FaultCollector.missing)
      return []
    }
    guard let elements = value.arrayValue, range.contains(elements.count) else {
      reader.fault(name, allowed: allowed, "is not such an array")
      return []
    }
    guard place.count < Self.depth else {
      reader.fault(name, allowed: "at most \(Self.depth) lists inside one another", "lies too deep")
      return []
    }
    return elements.enumerated().map { number, element in
      count += 1
      let inner = ObjectReader(
        element, at: reader.pointer(to: name) + "/\(number)", faults: reader.faults)
      return layer(inner, at: place + [number])
    }
  }

  private mutating func layer(_ reader: ObjectReader, at place: [Int]) -> LayerSpecification {
    guard let kind = reader.kind(of: Self.kinds) else {
      unread.insert(place)
      return LayerSpecification(.activation(.identity))
    }
    // Where a residual's shortcut isn't said it isn't asked for.
    defer { reader.finish(besides: kind == "residual" && !reader.has("shortcut") ? ["shortcut"] : []) }
    let layer = LayerSpecification(self.kind(kind, reader, at: place))
    // Options at fault leave the shape unknown; a fault of a layer inside is that one's.
    if LayerSpecification.options.contains(where: { reader.faults.concerns(reader.pointer(to: $0)) }) {
      unread.insert(place)
    }
    return layer
  }

  private mutating func kind(_ kind: String, _ reader: ObjectReader, at place: [Int]) -> LayerKind {
    switch kind {
    case "convolution": return .convolution(ConvolutionOptions(reading: reader))
    case "linear":
      return .linear(
        features: reader.integer("features", in: 1...1_000_000), bias: reader.boolean("bias", default: true))
    case "mean_over_tokens": return .meanOverTokens
    case "first_token": return .firstToken
    case "max_pool": return .pool(.max, WindowOptions(reading: reader))
    case "average_pool": return .pool(.average, WindowOptions(reading: reader))
    case "global_average_pool": return .globalAveragePool
    case "batch_normalization": return .batchNormalization
    case "layer_normalization": return .layerNormalization
    case "dropout": return .dropout(rate: reader.number("rate", .from(0, below: 1)))
    case "residual":
      let inner = layers("layers", of: reader, at: place)
      if inner.isEmpty { unread.insert(place) }
      guard reader.has("shortcut") else { return .residual(layers: inner, shortcut: .automatic) }
      let shortcut = reader.string("shortcut", allowed: "one of identity, projection") {
        $0 == Shortcut.identity.rawValue || $0 == Shortcut.projection.rawValue
      }
      return .residual(layers: inner, shortcut: shortcut.flatMap(Shortcut.init) ?? .automatic)
    case "patch_embedding":
      return .patchEmbedding(
        PatchOptions(
          patch: reader.integer("patch", in: 1...1024), width: reader.integer("width", in: 1...65_536),
          positions: reader.boolean("positions", default: true),
          classToken: reader.boolean("class_token", default: false)))
    case "attention": return .attention(heads: reader.integer("heads", in: 1...1024))
    case "squeeze_excitation":
      return .squeezeExcitation(
        ratio: reader.integer("ratio", in: 1...65_536),
        activation: reader.choice("activation", default: .relu) ?? .relu)
    default: return .activation(Activation(rawValue: kind) ?? .identity)
    }
  }
}

extension ConvolutionOptions {
  init(reading reader: ObjectReader) {
    self.init(
      channels: reader.integer("channels", in: 1...65_536), kernel: reader.integer("kernel", in: 1...1024),
      stride: reader.integer("stride", in: 1...1024, default: 1), padding: Self.padding(reading: reader),
      groups: reader.integer("groups", in: 1...65_536, default: 1),
      bias: reader.boolean("bias", default: true))
  }

  private static func padding(reading reader: ObjectReader) -> Padding {
    guard let value = reader.value("padding") else { return .same }
    if value.stringValue == "same" { return .same }
    if value.stringValue == "valid" { return .valid }
    guard let places = value.integerValue, (0...1024).contains(places) else {
      reader.fault(
        "padding", allowed: "same, valid or an integer from 0 to 1024",
        value.integerValue == nil ? "is none of these" : FaultCollector.outOfRange)
      return .same
    }
    return .places(places)
  }

  var members: [String: JSONValue] {
    let padding: JSONValue =
      switch padding {
      case .same: .string("same")
      case .valid: .string("valid")
      case .places(let count): .integer(count)
      }
    return [
      "kind": .string("convolution"), "channels": .integer(channels), "kernel": .integer(kernel),
      "stride": .integer(stride), "padding": padding, "groups": .integer(groups), "bias": .bool(bias),
    ]
  }
}

extension WindowOptions {
  init(reading reader: ObjectReader) {
    let size = reader.integer("size", in: 1...1024)
    self.init(
      size: size, stride: reader.integer("stride", in: 1...1024, default: size),
      padding: reader.integer("padding", in: 0...512, default: 0))
  }
}

extension LayerSpecification {
  /// The options that decide on a layer's shape, or on whether it can be built.
  fileprivate static let options = [
    "channels", "kernel", "stride", "padding", "groups", "features", "size", "rate", "patch", "width",
    "class_token",
    "heads", "ratio", "shortcut",
  ]

  /// The layer with all its defaults.
  var json: JSONValue {
    switch kind {
    case .convolution(let options): .object(options.members)
    case .linear(let features, let bias):
      .object(["kind": .string("linear"), "features": .integer(features), "bias": .bool(bias)])
    case .meanOverTokens: .object(["kind": .string("mean_over_tokens")])
    case .firstToken: .object(["kind": .string("first_token")])
    case .pool(let kind, let window):
      .object([
        "kind": .string(kind == .max ? "max_pool" : "average_pool"), "size": .integer(window.size),
        "stride": .integer(window.stride), "padding": .integer(window.padding),
      ])
    case .globalAveragePool: .object(["kind": .string("global_average_pool")])
    case .batchNormalization: .object(["kind": .string("batch_normalization")])
    case .layerNormalization: .object(["kind": .string("layer_normalization")])
    case .activation(let activation): .object(["kind": .string(activation.rawValue)])
    case .dropout(let rate): .object(["kind": .string("dropout"), "rate": .number(rate)])
    case .residual(let layers, let shortcut):
      // Without a shortcut's name shapes decide.
      .object(
        ["kind": .string("residual"), "layers": .array(layers.map(\.json))].merging(
          shortcut == .automatic ? [:] : ["shortcut": .string(shortcut.rawValue)]
        ) { $1 })
    case .patchEmbedding(let options):
      .object([
        "kind": .string("patch_embedding"), "patch": .integer(options.patch),
        "width": .integer(options.width),
        "positions": .bool(options.positions), "class_token": .bool(options.classToken),
      ])
    case .attention(let heads): .object(["kind": .string("attention"), "heads": .integer(heads)])
    case .squeezeExcitation(let ratio, let activation):
      .object([
        "kind": .string("squeeze_excitation"), "ratio": .integer(ratio),
        "activation": .string(activation.rawValue),
      ])
    case .resize: preconditionFailure("a list that was written down resizes nothing")
    }
  }
}

extension SequentialNetwork {
  /// Reads the list, and where the inputs' shape is known notes what doesn't fit it or one another.
  init(reading reader: ObjectReader, input: SampleShape?) {
    var reading = LayerReading()
    self.init(reading.layers("layers", of: reader, at: []))
    if reading.count > LayerReading.limit {
      reader.fault(
        "layers", allowed: "at most \(LayerReading.limit) layers in all", "has \(reading.count) layers in all"
      )
      return
    }
    guard let input else { return }
    for fault in faults(on: input, unread: reading.unread) {
      let place = JSONPointer(tokens: fault.path.split(separator: "/").map(String.init))
      reader.faults.add(
        reader.pointer + place.description, JSONValue.object(members).value(at: place),
        allowed: fault.allowed, fault.reason)
    }
  }

  var members: [String: JSONValue] {
    ["kind": .string("sequential"), "layers": .array(layers.map(\.json))]
  }
}
