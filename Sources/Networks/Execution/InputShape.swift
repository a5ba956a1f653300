/// The shape of one sample or of one activation; images lie in memory as (height, width, channels).
package enum InputShape: Sendable, Hashable {
  /// A plain vector.
  case features(Int)
  /// An image, or anything with places and channels: a sequence of t tokens is an image of height t and width 1.
  case image(height: Int, width: Int, channels: Int)

  /// Elements a sample.
  package var count: Int {
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

  /// Elements at a place.
  package var channels: Int {
    switch self {
    case .features(let count): count
    case .image(_, _, let channels): channels
    }
  }
}
