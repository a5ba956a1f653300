import Networks

extension ConvolutionalNetwork {
  init(reading reader: ObjectReader) {
    self.init(
      channels: reader.integers("channels", in: 1...65_536, count: 1...16, default: [16, 32]),
      hidden: reader.integers("hidden", in: 1...1_000_000, count: 0...256, default: [64]),
      activation: reader.choice("activation", default: .relu) ?? .relu,
      normalization: reader.choice("normalization", default: Normalization.none) ?? .none,
      pooling: reader.choice("pooling", default: .max) ?? .max,
      dropout: reader.number("dropout", .from(0, below: 1), default: 0),
      resolution: reader.resolution())
  }

  var members: [String: JSONValue] {
    [
      "kind": .string("cnn"), "channels": .array(channels.map(JSONValue.integer)),
      "hidden": .array(hidden.map(JSONValue.integer)), "activation": .string(activation.rawValue),
      "normalization": .string(normalization.rawValue), "pooling": .string(pooling.rawValue),
      "dropout": .number(dropout), "resolution": .number(resolution),
    ]
  }
}

extension ResidualNetwork {
  /// `blocks` is one number for every stage, or one for all.
  init(reading reader: ObjectReader) {
    let stages = reader.integers("stages", in: 1...65_536, count: 1...16, default: [16, 32, 64])
    let blocks =
      reader.hasArray("blocks")
      ? reader.integers("blocks", in: 1...1000, count: 1...16)
      : [Int](repeating: reader.integer("blocks", in: 1...1000, default: 1), count: stages.count)
    if blocks.count != stages.count {
      reader.fault(
        "blocks", allowed: "an integer, or an array of \(stages.count), one for each stage",
        "has \(blocks.count) for \(stages.count) stages")
    }
    self.init(
      stem: reader.integer("stem", in: 1...65_536, default: 16), stages: stages,
      // A list of the wrong length is a fault already.
      blocks: blocks.count == stages.count ? blocks : [Int](repeating: 1, count: stages.count),
      activation: reader.choice("activation", default: .relu) ?? .relu, resolution: reader.resolution())
  }

  var members: [String: JSONValue] {
    [
      "kind": .string("resnet"), "stem": .integer(stem), "stages": .array(stages.map(JSONValue.integer)),
      "blocks": .array(blocks.map(JSONValue.integer)), "activation": .string(activation.rawValue),
      "resolution": .number(resolution),
    ]
  }
}

extension EfficientNetwork {
  /// What a specification without sizes gets: a small network for small images.
  static let preset = EfficientNetwork(
    stem: 16,
    stages: [
      Stage(expansion: 1, channels: 16, repeats: 1), Stage(expansion: 4, channels: 24, repeats: 2, stride: 2),
      Stage(expansion: 4, channels: 40, repeats: 2, stride: 2, kernel: 5),
    ], head: 128)

  init(reading reader: ObjectReader) {
    self.init(
      stem: reader.integer("stem", in: 1...65_536, default: Self.preset.stem),
      stemStride: reader.integer("stem_stride", in: 1...2, default: Self.preset.stemStride),
      stages: Self.stages(reading: reader),
      head: reader.integer("head", in: 1...65_536, default: Self.preset.head),
      activation: reader.choice("activation", default: .silu) ?? .silu,
      dropout: reader.number("dropout", .from(0, below: 1), default: 0),
      resolution: reader.resolution())
  }

  private static func stages(reading reader: ObjectReader) -> [Stage] {
    reader.objects("stages", count: 1...32, default: preset.stages, json: { .object($0.members) }) { inner in
      let stage = Stage(
        expansion: inner.integer("expansion", in: 1...64, default: 4),
        channels: inner.integer("channels", in: 1...65_536),
        repeats: inner.integer("repeats", in: 1...1000, default: 1),
        stride: inner.integer("stride", in: 1...2, default: 1),
        kernel: inner.integer("kernel", in: 1...15, default: 3))
      if stage.kernel % 2 == 0 {
        inner.fault("kernel", allowed: "an odd integer", "has no middle")
      }
      return stage
    }
  }

  var members: [String: JSONValue] {
    [
      "kind": .string("efficientnet"), "stem": .integer(stem), "stem_stride": .integer(stemStride),
      "stages": .array(stages.map { .object($0.members) }), "head": .integer(head),
      "activation": .string(activation.rawValue), "dropout": .number(dropout),
      "resolution": .number(resolution),
    ]
  }
}

extension EfficientNetwork.Stage {
  var members: [String: JSONValue] {
    [
      "expansion": .integer(expansion), "channels": .integer(channels), "repeats": .integer(repeats),
      "stride": .integer(stride), "kernel": .integer(kernel),
    ]
  }
}

extension ObjectReader {
  /// By what an image's sides are multiplied.
  fileprivate func resolution() -> Double { number("resolution", .closed(1.0 / 16, 16), default: 1) }
}
