import Datasets

/// What a specification must know of a data set before any of it is fetched.
struct DatasetFacts {
  let shape: SampleShape
  let classes: Int
  /// Samples in the published training split; a mirror may hold fewer.
  let trainingSamples: Int

  /// Generated data have no end; what a probe can hold does.
  static func generated(_ shape: SampleShape, classes: Int) -> DatasetFacts {
    DatasetFacts(shape: shape, classes: classes, trainingSamples: min(10_000_000, (1 << 31) / shape.count))
  }
}

extension DatasetReference {
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
    default:
      return published()
    }
  }

  private func published(classes: Int? = nil) -> DatasetFacts {
    guard let entry = Catalogue.entry(named: name), let shape = entry.shape, let samples = entry.trainCount,
      let classes = classes ?? entry.classes
    else { preconditionFailure("specifications don't name \(name)") }
    return DatasetFacts(shape: shape, classes: classes, trainingSamples: samples)
  }
}
