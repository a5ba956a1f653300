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
