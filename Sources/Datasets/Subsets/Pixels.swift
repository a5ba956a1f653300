import Compute

/// Changes to the pixels of one image in place.
enum Pixels {
  /// Pixel p of the result is pixel permutation[p] of the input.
  static func permute(_ inputs: Buffer<Float>, row: Int, shape: SampleShape, by permutation: [Int]) {
    let values = UnsafeMutableBufferPointer(
      rebasing: inputs.mutableElements[row * shape.count..<(row + 1) * shape.count])
    let original = Array(values)
    let channels = shape.channelsPerPosition
    for (position, source) in permutation.enumerated() {
      for channel in 0..<channels {
        values[position * channels + channel] = original[source * channels + channel]
      }
    }
  }
}

extension SampleShape {
  /// Positions that a permutation of pixels moves: an image's pixels, each with its channels; a table's columns.
  var positions: Int { count / max(1, channelsPerPosition) }

  /// Values that move together when pixels are permuted.
  fileprivate var channelsPerPosition: Int {
    switch self {
    case .features: 1
    case .image(_, _, let channels): channels
    }
  }
}
