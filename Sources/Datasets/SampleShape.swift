/// The shape of one input: columns of a table, or an image in memory order height × width × channels.
public enum SampleShape: Sendable, Hashable {
  case features(Int)
  case image(height: Int, width: Int, channels: Int)

  /// Values in one sample.
  public var count: Int {
    switch self {
    case .features(let count): count
    case .image(let height, let width, let channels): height * width * channels
    }
  }

  /// How many groups of values are standardised together: an image's channels, a table's columns.
  public var channels: Int {
    switch self {
    case .features(let count): count
    case .image(_, _, let channels): channels
    }
  }

  /// Positions that a permutation of pixels moves; a pixel keeps its channels together.
  public var positions: Int { count / max(1, channelsPerPosition) }

  /// Values that move together when pixels are permuted.
  public var channelsPerPosition: Int {
    switch self {
    case .features: 1
    case .image(_, _, let channels): channels
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
