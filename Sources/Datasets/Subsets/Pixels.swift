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

  /// Mirrors and shifts one image. Pixels that come from outside are 0, the mean of standardised inputs.
  static func augment(
    _ inputs: Buffer<Float>, row: Int, shape: SampleShape, by augmentation: Augmentation,
    stream: inout RandomStream
  ) {
    guard case .image(let height, let width, let channels) = shape else { return }
    let mirrored = stream.below(2) == 1 && augmentation.horizontalFlip
    let places = UInt64(2 * augmentation.cropPadding + 1)
    let down = Int(stream.below(places)) - augmentation.cropPadding
    let right = Int(stream.below(places)) - augmentation.cropPadding
    let values = UnsafeMutableBufferPointer(
      rebasing: inputs.mutableElements[row * shape.count..<(row + 1) * shape.count])
    let original = Array(values)
    for y in 0..<height {
      for x in 0..<width {
        let fromY = y + down
        let shifted = x + right
        let fromX = mirrored ? width - 1 - shifted : shifted
        let inside = 0..<height ~= fromY && 0..<width ~= fromX
        for channel in 0..<channels {
          values[(y * width + x) * channels + channel] =
            inside ? original[(fromY * width + fromX) * channels + channel] : 0
        }
      }
    }
  }
}
