import Compute

/// What is known of a data set before its samples are read.
package struct DatasetFacts: Sendable, Hashable {
  /// The shape of one input.
  package let shape: SampleShape
  /// Number of classes.
  package let classes: Int
  /// Samples in the training split. A mirror may hold fewer of a published one.
  package let trainingSamples: Int
  /// Samples in the test split, at most; nil for generated data.
  package let testSamples: Int?

  /// Facts.
  package init(shape: SampleShape, classes: Int, trainingSamples: Int, testSamples: Int?) {
    self.shape = shape
    self.classes = classes
    self.trainingSamples = trainingSamples
    self.testSamples = testSamples
  }

  /// Generated data have no end; a search ends at as many samples as the paper's synthetic ImageNet has.
  package static func generated(_ shape: SampleShape, classes: Int) -> DatasetFacts {
    DatasetFacts(shape: shape, classes: classes, trainingSamples: 20_000_000, testSamples: nil)
  }
}

extension DatasetFacts {
  /// What an opened data set of the user's holds.
  package init(_ dataset: any Dataset) {
    self.init(
      shape: dataset.shape, classes: dataset.classes, trainingSamples: dataset.count(of: .train) ?? 0,
      testSamples: dataset.count(of: .test))
  }

  /// What the library knows of an added data set without opening it.
  package init(_ entry: StoredDataset) {
    self.init(
      shape: entry.sampleShape, classes: entry.classes, trainingSamples: entry.trainCount,
      testSamples: entry.testCount)
  }
}
