import Datasets

/// What a specification must know of a data set before a probe opens it.
package struct DatasetFacts: Sendable, Hashable {
  /// The shape of one input.
  package let shape: SampleShape
  /// Number of classes.
  package let classes: Int
  /// Samples in the training split. A mirror may hold fewer of a published one.
  package let trainingSamples: Int
  /// Samples in the test split, at most; nil for generated data.
  package let testSamples: Int?

  /// Shape and classes, which decide on the network.
  package var form: DataForm { DataForm(shape: shape, classes: classes) }

  /// Generated data have no end; a search ends at as many samples as the paper's synthetic ImageNet has.
  static func generated(_ shape: SampleShape, classes: Int) -> DatasetFacts {
    DatasetFacts(shape: shape, classes: classes, trainingSamples: 20_000_000, testSamples: nil)
  }
}

extension DatasetFacts {
  /// What an opened data set of the user's holds.
  init(_ dataset: any Dataset) {
    self.init(
      shape: dataset.shape, classes: dataset.classes, trainingSamples: dataset.count(of: .train) ?? 0,
      testSamples: dataset.count(of: .test))
  }

  /// What the library knows of an added data set without opening it.
  init(_ entry: StoredDataset) {
    self.init(
      shape: entry.sampleShape, classes: entry.classes, trainingSamples: entry.trainCount,
      testSamples: entry.testCount)
  }
}

extension DatasetReference {
  /// What an entry of the catalogue holds: as it was opened, or as the catalogue says where it isn't here yet.
  func facts(of opened: (any Dataset)?) -> DatasetFacts {
    guard let opened, opened.count != nil else { return facts }
    return DatasetFacts(opened)
  }

  /// What the catalogue says of an entry with its options.
  var facts: DatasetFacts {
    switch self {
    case .gaussian(let dimensions, let classes):
      return .generated(.features(dimensions), classes: classes)
    case .prototypes(let options):
      return .generated(
        .image(height: options.height, width: options.width, channels: options.channels),
        classes: options.classes)
    case .teacher(let options):
      return .generated(.features(options.dimensions), classes: options.classes)
    case .cifar100(let labels):
      return published(classes: labels == .fine ? 100 : 20)
    case .covertype(let testFraction), .credit(let testFraction):
      return published(isHeldOut: testFraction > 0)
    case .further(let dataset): return dataset.facts ?? published()
    default:
      return published()
    }
  }

  /// `isHeldOut`: some of the training samples are the test split.
  private func published(classes: Int? = nil, isHeldOut: Bool = false) -> DatasetFacts {
    guard let entry = Catalogue.entry(named: name), let shape = entry.shape, let samples = entry.trainCount,
      let classes = classes ?? entry.classes
    else { preconditionFailure("the catalogue doesn't know what \(name) holds") }
    return DatasetFacts(
      shape: shape, classes: classes, trainingSamples: samples,
      testSamples: isHeldOut ? samples : entry.testCount)
  }
}
