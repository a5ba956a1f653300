import Compute

/// Generated images that carry meaning: every class has a smooth prototype, a sample is its class's prototype
/// plus `difficulty` times white noise. It has no end.
public struct PrototypeOptions: Sendable, Hashable {
  /// Pixels from top to bottom.
  public var height = 28
  /// Pixels from left to right.
  public var width = 28
  /// Channels of a pixel.
  public var channels = 1
  /// Number of classes.
  public var classes = 10
  /// Deviation of the noise; prototypes have deviation 1.
  public var difficulty = 1.0

  /// The options as they stand.
  public init() {}
}

/// Prototypes are 4 × 4 grids of standard normals for each channel, interpolated with smoothstep weights and
/// brought to mean 0 and deviation 1, keyed by (seed, class); labels by (seed, index), noise by the probe.
struct PrototypeDataset: SampleSource {
  private let options: PrototypeOptions
  let digest: String
  let shape: SampleShape
  var classes: Int { options.classes }
  var moments: ChannelMoments? { nil }

  init(_ options: PrototypeOptions) throws(DatasetError) {
    for (option, value) in [("height", options.height), ("width", options.width)] where !(1...1_024 ~= value)
    {
      throw .invalidOption(option: option, value: "\(value)", allowed: "1 to 1024")
    }
    guard 1...16 ~= options.channels else {
      throw .invalidOption(option: "channels", value: "\(options.channels)", allowed: "1 to 16")
    }
    guard 2...10_000 ~= options.classes else {
      throw .invalidOption(option: "classes", value: "\(options.classes)", allowed: "2 to 10000")
    }
    guard 0...1_000 ~= options.difficulty else {
      throw .invalidOption(option: "difficulty", value: "\(options.difficulty)", allowed: "0 to 1000")
    }
    self.options = options
    shape = .image(height: options.height, width: options.width, channels: options.channels)
    digest = ContentDigest.of(
      rule: "prototypes/1 shape=\(options.height)×\(options.width)×\(options.channels) "
        + "classes=\(options.classes) difficulty=\(options.difficulty)")
  }

  func count(of split: Split) -> Int? { nil }

  func labels(at indices: [Int], split: Split, key: DrawKey, execution: DrawExecution) -> [Int32] {
    indices.map { index in
      var stream = RandomStream(
        seed: key.seed, purpose: .prototypes, samples: 1, index: GaussianDataset.position(index, split))
      return Int32(stream.below(UInt64(classes)))
    }
  }

  func write(
    at indices: [Int], split: Split, key: DrawKey, transform: ChannelTransform, into inputs: Buffer<Float>,
    execution: DrawExecution
  ) throws(DatasetError) {
    let labels = labels(at: indices, split: split, key: key, execution: execution)
    var prototypes: [Int32: [Double]] = [:]
    for label in labels where prototypes[label] == nil {
      try execution.poll()
      prototypes[label] = prototype(Int(label), seed: key.seed)
    }
    let (width, images) = (shape.count, prototypes)
    try execution.forEachRange(of: indices.count, width: width) { rows in
      let values = inputs.mutableElements
      for row in rows {
        guard let prototype = images[labels[row]] else { preconditionFailure("every label has its image") }
        var stream = key.stream(.inputs, index: GaussianDataset.position(indices[row], split))
        for element in 0..<width {
          let raw = prototype[element] + options.difficulty * stream.normal()
          values[row * width + element] = transform(raw, channel: element % options.channels)
        }
      }
    }
  }

  /// The image of one class.
  private func prototype(_ label: Int, seed: UInt64) -> [Double] {
    var stream = RandomStream(seed: seed, purpose: .prototypes, index: label)
    let grids = (0..<options.channels).map { _ in (0..<16).map { _ in stream.normal() } }
    let rows = Self.places(options.height)
    let columns = Self.places(options.width)
    var image: [Double] = []
    for row in rows {
      for column in columns {
        for grid in grids {
          let above =
            grid[row.cell * 4 + column.cell] * (1 - column.weight)
            + grid[row.cell * 4 + column.cell + 1] * column.weight
          let below =
            grid[row.cell * 4 + 4 + column.cell] * (1 - column.weight)
            + grid[row.cell * 4 + 5 + column.cell] * column.weight
          image.append(above * (1 - row.weight) + below * row.weight)
        }
      }
    }
    let mean = image.reduce(0, +) / Double(image.count)
    let variance = image.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(image.count)
    let scale = variance > 0 ? 1 / variance.squareRoot() : 1
    return image.map { ($0 - mean) * scale }
  }

  /// For every pixel the grid cell before it and the smooth weight of the next.
  private static func places(_ size: Int) -> [(cell: Int, weight: Double)] {
    (0..<size).map { pixel in
      let place = size == 1 ? 1.5 : 3 * Double(pixel) / Double(size - 1)
      let cell = min(2, Int(place))
      let rest = place - Double(cell)
      return (cell, rest * rest * (3 - 2 * rest))
    }
  }
}
