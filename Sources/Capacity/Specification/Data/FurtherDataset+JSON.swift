import Datasets

extension FurtherDataset {
  /// A published data set with its options; nil for another name.
  init?(_ name: String, reading reader: ObjectReader) {
    switch name {
    case "svhn": self = .svhn
    case "emnist": self = .emnist(reader.choice("split", default: .balanced) ?? .balanced)
    case "stl10": self = .stl10
    case "tiny_imagenet": self = .tinyImageNet
    case "higgs": self = .higgs
    case "letter": self = .letter
    case "california_housing":
      self = .californiaHousing(
        classes: reader.integer("classes", in: 2...100, default: 10),
        testFraction: reader.number("test_fraction", .from(0, below: 1), default: 0))
    case "medmnist":
      let part: MedMNIST.Part? = reader.choice("part")
      let size = reader.integer("size", in: 28...224, default: 28)
      if !MedMNIST.sizes.contains(size) {
        reader.fault("size", allowed: "one of 28, 64, 128, 224", "is not published")
      }
      self = .medmnist(MedMNIST(part ?? .pathmnist, size: size))
    default: return nil
    }
  }

  /// The options as a specification has them, with all their defaults.
  var members: [String: JSONValue] {
    switch self {
    case .svhn, .stl10, .tinyImageNet, .higgs, .letter: [:]
    case .emnist(let split): ["split": .string(split.rawValue)]
    case .californiaHousing(let classes, let testFraction):
      ["classes": .integer(classes), "test_fraction": .number(testFraction)]
    case .medmnist(let images): ["part": .string(images.part.rawValue), "size": .integer(images.size)]
    }
  }

  /// What options decide of a data set; nil where the catalogue says all.
  var facts: DatasetFacts? {
    switch self {
    case .svhn, .stl10, .tinyImageNet, .higgs, .letter: nil
    case .emnist(let split):
      DatasetFacts(
        shape: .image(height: 28, width: 28, channels: 1), classes: split.counts.classes,
        trainingSamples: split.counts.train, testSamples: split.counts.test)
    case .californiaHousing(let classes, let testFraction):
      DatasetFacts(
        shape: .features(8), classes: classes, trainingSamples: 20_640,
        testSamples: testFraction > 0 ? 20_640 : 0)
    case .medmnist(let images):
      DatasetFacts(
        shape: images.shape, classes: images.counts.classes, trainingSamples: images.counts.train,
        testSamples: images.counts.test)
    }
  }
}
