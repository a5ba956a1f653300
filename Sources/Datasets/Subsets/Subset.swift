import Compute

/// A drawn subset, ready for training: nothing in it but a stream refers to the data set any more.
public struct Subset: Sendable {
  /// Inputs, samples × shape.count, images height × width × channels; of the first samples where there is a stream.
  package let inputs: Buffer<Float>
  /// Makes the inputs of the other samples; nil where all are in `inputs`.
  package let stream: (any RowStream)?
  /// Labels 0 ..< classes, one a sample.
  public let labels: [Int32]
  /// The shape of one input.
  public let shape: SampleShape
  /// Number of classes after grouping.
  public let classes: Int
  /// The position of each sample in its split.
  public let indices: [Int]
  /// The moments that the inputs were standardised with; nil where they were left as they are.
  public let moments: ChannelMoments?

  /// Number of samples.
  public var count: Int { labels.count }
}

/// Mean and deviation of every channel of images, or column of a table.
public struct ChannelMoments: Sendable, Hashable, Codable {
  /// Mean of each channel, in units of pixels / 255 for images.
  public var mean: [Double]
  /// Population deviation of each channel, in the same units.
  public var deviation: [Double]

  /// Moments as given.
  public init(mean: [Double], deviation: [Double]) {
    self.mean = mean
    self.deviation = deviation
  }

  /// The factor that standardises a channel: 1 / deviation, and 1 for a constant channel.
  func scale(_ channel: Int) -> Double {
    deviation[channel] > 0 ? 1 / deviation[channel] : 1
  }
}
