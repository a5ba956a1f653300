import Compute
import Networks

/// Random changes to the images that a step is taken on, drawn anew for every sample in every epoch. Checks of fit and
/// everything that a result reports are made on the images as they are.
package struct Augmentation: Sendable, Hashable, Codable {
  /// Mirror left to right with probability 1/2.
  package var horizontalFlip: Bool
  /// Pad by this many zero pixels on each side, then crop the original size at a random place. Zero is the mean of
  /// standardised inputs.
  package var cropPadding: Int

  /// Which changes are made.
  package init(horizontalFlip: Bool = false, cropPadding: Int = 0) {
    self.horizontalFlip = horizontalFlip
    self.cropPadding = cropPadding
  }

  /// No change.
  package static let none = Augmentation()
}

/// The augmentation of one probe: the changes of each are keyed by (seed, samples, replicate, epoch, sample), so that
/// neither batches nor shards matter to them.
package struct SampleAugmentation: Sendable {
  let augmentation: Augmentation
  let shape: SampleShape
  private let samples: Int
  private let base: RandomStream

  /// Nil where nothing is changed.
  package init?(_ augmentation: Augmentation, shape: SampleShape, key: ProbeKey) {
    guard augmentation != .none, case .image = shape else { return nil }
    self.augmentation = augmentation
    self.shape = shape
    samples = key.samples
    base = RandomStream(
      seed: key.seed, purpose: .augmentation, samples: key.samples, replicate: key.replicate)
  }

  /// Writes the samples `order[0 ..< count]` of `inputs` to the rows of `result`, each as it looks in `epoch`. Where
  /// `isGathered`, `inputs` holds these samples alone, in their order.
  package func gather<S: Scalar>(
    _ count: Int, _ inputs: UnsafePointer<S>, _ order: UnsafePointer<Int32>, epoch: Int,
    isGathered: Bool = false, into result: UnsafeMutablePointer<S>
  ) {
    for row in 0..<count {
      let sample = Int(order[row])
      var stream = RandomStream(base, index: epoch * samples + sample)
      write(inputs + (isGathered ? row : sample) * shape.count, &stream, into: result + row * shape.count)
    }
  }

  /// y[r, c] = x[r + down, ±c + right], 0 outside.
  private func write<S: Scalar>(
    _ x: UnsafePointer<S>, _ stream: inout RandomStream, into y: UnsafeMutablePointer<S>
  ) {
    guard case .image(let height, let width, let channels) = shape else { return }
    let mirrored = stream.below(2) == 1 && augmentation.horizontalFlip
    let places = UInt64(2 * augmentation.cropPadding + 1)
    let down = Int(stream.below(places)) - augmentation.cropPadding
    let right = Int(stream.below(places)) - augmentation.cropPadding
    S.fill(shape.count, 0, y)
    for row in max(0, -down)..<min(height, height - down) {
      let source = x + (row + down) * width * channels
      let target = y + row * width * channels
      let columns = max(0, -right)..<min(width, width - right)
      guard mirrored else {
        (target + columns.lowerBound * channels).update(
          from: source + (columns.lowerBound + right) * channels, count: columns.count * channels)
        continue
      }
      for column in columns {
        (target + column * channels).update(
          from: source + (width - 1 - column - right) * channels, count: channels)
      }
    }
  }
}
