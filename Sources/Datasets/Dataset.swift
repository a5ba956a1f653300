import Compute

/// A data set whose samples can be drawn: content that never changes, named by its digest.
public protocol Dataset: Sendable {
  /// SHA-256 (hexadecimal) of shape, classes and decoded content, or of the rule for generated data.
  var digest: String { get }
  /// The shape of one input.
  var shape: SampleShape { get }
  /// Number of classes; labels are 0 ..< classes.
  var classes: Int { get }
  /// Samples in a split; nil for generated data, which have no end.
  func count(of split: Split) -> Int?
  /// Draws a subset. The same request always gives the same bits.
  ///
  /// Throws `tooFewSamples` where the split has fewer, `invalidOption` for options that don't fit the data,
  /// `interrupted` where it was called off.
  func subset(_ request: SubsetRequest, execution: DrawExecution) throws(DatasetError) -> Subset
  /// Samples of the largest balanced subset of the training split: the smallest class's count times the classes that
  /// occur; nil for generated data, which have no end.
  func largestBalancedSubset(_ classes: ClassGrouping) throws(DatasetError) -> Int?
}

extension Dataset {
  /// Samples in the training split; nil for generated data, which have no end.
  public var count: Int? { count(of: .train) }

  /// Draws a subset on the caller's thread, to the end.
  public func subset(_ request: SubsetRequest) throws(DatasetError) -> Subset {
    try subset(request, execution: DrawExecution())
  }

  /// Draws `samples` training samples with the key of one probe.
  public func subset(
    samples: Int, key: SubsetKey, labels: LabelRegime = .original, inputs: InputRegime = .original,
    standardization: Standardization = .wholeSplit
  ) throws(DatasetError) -> Subset {
    try subset(
      SubsetRequest(
        samples: samples, key: key, labels: labels, inputs: inputs, standardization: standardization))
  }
}

/// The two parts that data sets are published in.
public enum Split: String, Sendable, Hashable, CaseIterable, Codable {
  case train, test
}

/// What every random choice of a draw is keyed by.
public struct SubsetKey: Sendable, Hashable {
  /// The job's seed.
  public var seed: UInt64
  /// The probe's sample size.
  public var samples: Int
  /// The probe's replicate.
  public var replicate: Int
  /// Nested subsets: the subset of size n is a prefix of that of size n + 1, since samples and replicate drop
  /// out of the keys of drawing and labelling.
  public var nested: Bool

  /// The key of one probe.
  public init(seed: UInt64, samples: Int, replicate: Int, nested: Bool = false) {
    self.seed = seed
    self.samples = samples
    self.replicate = replicate
    self.nested = nested
  }
}
