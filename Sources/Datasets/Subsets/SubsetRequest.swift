/// Everything that determines a subset of a data set.
public struct SubsetRequest: Sendable, Hashable {
  /// How many samples to draw.
  public var samples: Int
  /// What the random choices are keyed by.
  public var key: SubsetKey
  /// The part of the data set to draw from.
  public var split = Split.train
  /// Uniform, or the same number of each class.
  public var sampling = Sampling.uniform
  /// Classes merged before anything else looks at a label.
  public var classes = ClassGrouping.original
  /// What becomes of the labels.
  public var labels: LabelRegime
  /// What becomes of the inputs.
  public var inputs: InputRegime
  /// Whose mean and deviation the inputs are standardised with.
  public var standardization: Standardization
  /// What the inputs are standardised with instead: the moments of another subset, for samples that what was trained
  /// on it is judged by; nil where `standardization` says.
  public var moments: ChannelMoments?
  /// How many samples have their inputs in memory; those of the others are a stream. Nil: all have.
  package var residentSamples: Int?

  /// A uniform draw from the training split.
  public init(
    samples: Int, key: SubsetKey, labels: LabelRegime = .original, inputs: InputRegime = .original,
    standardization: Standardization = .wholeSplit
  ) {
    self.samples = samples
    self.key = key
    self.labels = labels
    self.inputs = inputs
    self.standardization = standardization
  }
}

/// How the samples are chosen; always without replacement.
public enum Sampling: String, Sendable, Hashable, CaseIterable, Codable {
  /// Every sample of the split is equally likely.
  case uniform
  /// Class counts differ by one at most.
  case balanced
}

/// Which classes are told apart.
public enum ClassGrouping: Sendable, Hashable {
  /// The classes of the data set.
  case original
  /// k groups of neighbouring classes: class c of C becomes ⌊c · k / C⌋.
  case merged(into: Int)
  /// One class (label 1) against all others (label 0).
  case oneAgainstRest(Int)
}

/// What becomes of the labels.
public enum LabelRegime: Sendable, Hashable {
  /// The data set's own.
  case original
  /// Uniform over the classes, keyed by (seed, samples, replicate, index of the sample).
  case random
  /// Each label is replaced, with this probability, by one uniform over all classes (Zhang et al. 2017).
  case corrupted(fraction: Double)
  /// The drawn labels in random order, so that class counts stay; with nested subsets the whole split's labels
  /// are permuted instead, so that a sample's label doesn't depend on how many others are drawn.
  case shuffled
}

/// What becomes of the inputs.
public enum InputRegime: String, Sendable, Hashable, CaseIterable {
  /// The data set's own.
  case original
  /// Independent normal values with the mean and deviation of each channel (images) or column (tables).
  case gaussian
  /// One permutation of the pixels for all samples, keyed by the seed alone.
  case shuffledPixels = "shuffled_pixels"
  /// A permutation of the pixels for each sample.
  case randomPixels = "random_pixels"
}

/// Whose mean and deviation the inputs are standardised with. Images: pixels / 255 per channel; tables: per
/// column. Deviations are those of the population; a constant channel is only centred. Generated data stay as
/// they are under `wholeSplit`.
public enum Standardization: String, Sendable, Hashable, CaseIterable {
  /// The whole training split's.
  case wholeSplit = "whole_split"
  /// The drawn subset's.
  case subset
  /// None: pixels / 255, columns as they stand.
  case none
}
