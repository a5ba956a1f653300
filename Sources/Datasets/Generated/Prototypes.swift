import Compute
import Synchronization

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
  private let kept = KeptPrototypes()
  let digest: String
  let shape: SampleShape
  var classes: Int { options.classes }
  var moments: ChannelMoments? { nil }

  init(_ options: PrototypeOptions) {
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
    var prototypes: [Int32: Prototype] = [:]
    for label in labels where prototypes[label] == nil {
      try execution.poll()
      prototypes[label] = kept.prototype(label, seed: key.seed) { prototype(Int(label), seed: key.seed) }
    }
    let (width, all, channels) = (shape.count, prototypes, options.channels)
    let (places, difficulty) = (PixelPlaces(options), options.difficulty)
    try execution.forEachRange(of: indices.count, width: width) { rows in
      let values = inputs.mutableElements
      for row in rows {
        guard let prototype = all[labels[row]] else { preconditionFailure("every label has its image") }
        var stream = key.stream(.inputs, index: GaussianDataset.position(indices[row], split))
        var element = row * width
        for y in places.rows {
          for x in places.columns {
            for channel in 0..<channels {
              let raw = prototype.standardized(y, x, channel) + difficulty * stream.normal()
              values[element] = transform(raw, channel: channel)
              element += 1
            }
          }
        }
      }
    }
  }

  /// The image of one class.
  private func prototype(_ label: Int, seed: UInt64) -> Prototype {
    var stream = RandomStream(seed: seed, purpose: .prototypes, index: label)
    let places = PixelPlaces(options)
    var prototype = Prototype(grids: (0..<16 * options.channels).map { _ in stream.normal() })
    func sum(_ term: (Double) -> Double) -> Double {
      var sum = 0.0
      for y in places.rows {
        for x in places.columns {
          for channel in 0..<options.channels { sum += term(prototype.value(y, x, channel)) }
        }
      }
      return sum
    }
    let mean = sum { $0 } / Double(shape.count)
    let variance = sum { ($0 - mean) * ($0 - mean) } / Double(shape.count)
    prototype.mean = mean
    prototype.scale = variance > 0 ? 1 / variance.squareRoot() : 1
    return prototype
  }
}

/// `prototypes`
struct PrototypeDefinition: DatasetDefinition {
  static let entry = CatalogueEntry(generated: "prototypes", task: "smooth class images plus noise")

  private static let defaults = PrototypeOptions()
  static let options = [
    OptionDeclaration.integer("height", 1...1_024, default: defaults.height, "Pixels from top to bottom."),
    .integer("width", 1...1_024, default: defaults.width, "Pixels from left to right."),
    .integer("channels", 1...16, default: defaults.channels, "Channels of a pixel."),
    .integer("classes", 2...1_000, default: defaults.classes, "Number of classes."),
    .number(
      "difficulty", .closed(0, 1_000), default: defaults.difficulty,
      "The deviation of the noise; that of the classes' images is 1."),
  ]

  private let options: PrototypeOptions

  init(_ options: PrototypeOptions) { self.options = options }

  init(_ values: OptionValues) {
    var options = PrototypeOptions()
    options.height = values.integer("height")
    options.width = values.integer("width")
    options.channels = values.integer("channels")
    options.classes = values.integer("classes")
    options.difficulty = values.number("difficulty")
    self.options = options
  }

  var values: OptionValues {
    [
      "height": .integer(options.height), "width": .integer(options.width),
      "channels": .integer(options.channels), "classes": .integer(options.classes),
      "difficulty": .number(options.difficulty),
    ]
  }

  var facts: DatasetFacts {
    .generated(
      .image(height: options.height, width: options.width, channels: options.channels),
      classes: options.classes)
  }

  func open(in library: DatasetLibrary, _ control: FetchControl) -> any Dataset { PrototypeDataset(options) }
}

extension DatasetReference {
  /// Smooth class images plus noise; generated, any size.
  public static func prototypes(_ options: PrototypeOptions) -> DatasetReference {
    DatasetReference(PrototypeDefinition(options))
  }
}

/// A smooth image by the numbers that it is interpolated from: it takes less memory than its pixels, of which there may
/// be many classes'.
private struct Prototype: Sendable {
  /// 4 × 4 values for each channel.
  let grids: [Double]
  var mean = 0.0
  var scale = 1.0

  func value(_ y: PixelPlace, _ x: PixelPlace, _ channel: Int) -> Double {
    let place = channel * 16 + y.cell * 4 + x.cell
    let above = grids[place] * (1 - x.weight) + grids[place + 1] * x.weight
    let below = grids[place + 4] * (1 - x.weight) + grids[place + 5] * x.weight
    return above * (1 - y.weight) + below * y.weight
  }

  func standardized(_ y: PixelPlace, _ x: PixelPlace, _ channel: Int) -> Double {
    (value(y, x, channel) - mean) * scale
  }
}

/// The grid cell before a pixel and the smooth weight of the next.
private struct PixelPlace: Sendable {
  let cell: Int
  let weight: Double
}

/// Those of all rows and columns.
private struct PixelPlaces: Sendable {
  let rows: [PixelPlace]
  let columns: [PixelPlace]

  init(_ options: PrototypeOptions) {
    rows = Self.places(options.height)
    columns = Self.places(options.width)
  }

  private static func places(_ size: Int) -> [PixelPlace] {
    (0..<size).map { pixel in
      let place = size == 1 ? 1.5 : 3 * Double(pixel) / Double(size - 1)
      let cell = min(2, Int(place))
      let rest = place - Double(cell)
      return PixelPlace(cell: cell, weight: rest * rest * (3 - 2 * rest))
    }
  }
}

/// Prototypes that are likely to be asked for again: a stream writes few samples at a time.
private final class KeptPrototypes: Sendable {
  private struct Key: Hashable {
    let seed: UInt64
    let label: Int32
  }

  private let prototypes = Mutex<[Key: Prototype]>([:])

  func prototype(_ label: Int32, seed: UInt64, make: () -> Prototype) -> Prototype {
    let key = Key(seed: seed, label: label)
    if let prototype = prototypes.withLock({ $0[key] }) { return prototype }
    let prototype = make()
    prototypes.withLock { prototypes in
      // Every class of one seed has room; those of other seeds are the likeliest not to be needed again.
      if prototypes.count >= 20_000 { prototypes = prototypes.filter { $0.key.seed == seed } }
      prototypes[key] = prototype
    }
    return prototype
  }
}
