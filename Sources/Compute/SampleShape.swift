/// The shape of one sample: as a data set has it, and as it is between two layers of a network. Images lie in memory as
/// (height, width, channels).
///
/// Public since `Datasets`, which is a product, has it in its interface.
public enum SampleShape: Sendable, Hashable {
  /// A plain vector: a table's columns.
  case features(Int)
  /// An image, or anything with places and channels: a sequence of t tokens is an image of height t and width 1.
  case image(height: Int, width: Int, channels: Int)

  /// Values in one sample.
  public var count: Int {
    switch self {
    case .features(let count): count
    case .image(let height, let width, let channels): height * width * channels
    }
  }

  /// Places that share channels: 1 for a vector.
  package var places: Int {
    switch self {
    case .features: 1
    case .image(let height, let width, _): height * width
    }
  }

  /// Values at a place: an image's channels, a vector's all. Data are standardised by them, a table's by columns.
  public var channels: Int {
    switch self {
    case .features(let count): count
    case .image(_, _, let channels): channels
    }
  }

  /// Sizes from the outside in: one for a vector; height, width and channels for an image.
  package var sizes: [Int] {
    switch self {
    case .features(let count): [count]
    case .image(let height, let width, let channels): [height, width, channels]
    }
  }

  /// The shape of what `sizes` wrote; nil for other numbers.
  package init?(sizes: [Int]) {
    guard sizes.allSatisfy({ $0 > 0 }) else { return nil }
    switch sizes.count {
    case 1: self = .features(sizes[0])
    case 3: self = .image(height: sizes[0], width: sizes[1], channels: sizes[2])
    default: return nil
    }
  }
}

extension SampleShape: CustomStringConvertible {
  /// `28×28×1` or `54 features`.
  public var description: String {
    switch self {
    case .features(let count): "\(count) features"
    case .image(let height, let width, let channels): "\(height)×\(width)×\(channels)"
    }
  }
}
