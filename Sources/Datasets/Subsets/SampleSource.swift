import Compute

/// What the subset pipeline needs of a data set: labels and raw inputs by index.
///
/// Stored data ignore the key; generated data are a function of it.
protocol SampleSource: Dataset {
  /// Moments of the whole training split; nil for generated data, which are used as they are.
  var moments: ChannelMoments? { get }

  /// The data set's own labels of the samples at `indices`.
  func labels(
    at indices: [Int], split: Split, key: DrawKey, execution: DrawExecution
  ) throws(DatasetError) -> [Int32]

  /// Writes (raw − mean) · scale, with a mean and scale for each channel, sample after sample. Raw values are
  /// pixels / 255 for images of bytes and values as they stand otherwise.
  func write(
    at indices: [Int], split: Split, key: DrawKey, transform: ChannelTransform, into inputs: Buffer<Float>,
    execution: DrawExecution) throws(DatasetError)

  /// The raw values of one sample where they are kept in double precision; nil where single precision holds them.
  func doubles(at index: Int, split: Split) -> [Double]?

  /// Lets go of resident pages that only the last draw needed.
  func release()
}

extension SampleSource {
  /// Draws through the one pipeline that all data sets share.
  public func subset(
    _ request: SubsetRequest, execution: DrawExecution
  ) throws(DatasetError) -> Subset {
    try SubsetPipeline(source: self, request: request, execution: execution).run()
  }

  /// The smallest class's count times the classes that occur, from all labels of the training split.
  public func largestBalancedSubset(_ classes: ClassGrouping) throws(DatasetError) -> Int? {
    guard let count else { return nil }
    var request = SubsetRequest(samples: 1, key: SubsetKey(seed: 0, samples: 1, replicate: 0))
    request.classes = classes
    let labelling = Labelling(source: self, request: request, execution: DrawExecution())
    try labelling.validate()
    let present = try labelling.members(upTo: count).map(\.count).filter { $0 > 0 }
    return (present.min() ?? 0) * present.count
  }

  func doubles(at index: Int, split: Split) -> [Double]? { nil }

  func release() {}
}

/// The key of drawing and labelling: samples and replicate are 0 where subsets are nested.
struct DrawKey: Sendable, Hashable {
  let seed: UInt64
  let samples: Int
  let replicate: Int
  let nested: Bool

  init(_ key: SubsetKey) {
    seed = key.seed
    samples = key.nested ? 0 : key.samples
    replicate = key.nested ? 0 : key.replicate
    nested = key.nested
  }

  func stream(_ purpose: RandomPurpose, index: Int = 0) -> RandomStream {
    RandomStream(seed: seed, purpose: purpose, samples: samples, replicate: replicate, index: index)
  }
}

/// (x − mean) · scale for every channel.
struct ChannelTransform: Sendable {
  let mean: [Double]
  let scale: [Double]

  static func identity(channels: Int) -> ChannelTransform {
    ChannelTransform(
      mean: Array(repeating: 0, count: channels), scale: Array(repeating: 1, count: channels))
  }

  private init(mean: [Double], scale: [Double]) {
    self.mean = mean
    self.scale = scale
  }

  /// (x − mean) / deviation.
  init(standardizing moments: ChannelMoments) {
    self.init(mean: moments.mean, scale: moments.mean.indices.map(moments.scale))
  }

  func callAsFunction(_ value: Double, channel: Int) -> Float {
    Float((value - mean[channel]) * scale[channel])
  }
}
