import Compute
import Datasets
import Training

extension DataSpecification {
  /// Reads `classes`, `labels`, `inputs`, `subset` and `test`.
  ///
  /// - Parameter facts: what ranges are held against; nil where they have been.
  init(reading reader: ObjectReader, dataset: SpecifiedDataset, facts: DatasetFacts?) {
    self.init(dataset: dataset)
    classes = ClassGrouping(reading: reader.object("classes"), classes: facts?.classes ?? .max)
    labels = LabelRegime(reading: reader.object("labels"))
    let inputs = reader.object("inputs")
    self.inputs = inputs.choice("kind", default: self.inputs) ?? self.inputs
    standardization = inputs.choice("standardization", default: standardization) ?? standardization
    augmentation = Augmentation(reading: inputs.object("augmentation"), shape: facts?.shape)
    if case .features? = facts?.shape, [.shuffledPixels, .randomPixels].contains(self.inputs) {
      inputs.fault("kind", allowed: "original or gaussian", "moves pixels, and this data set has none")
    }
    inputs.finish()
    let subset = reader.object("subset")
    sampling = subset.choice("sampling", default: sampling) ?? sampling
    nested = subset.boolean("nested", default: nested)
    subset.finish()
    let test = reader.object("test")
    let available = facts.map { $0.testSamples ?? $0.trainingSamples } ?? .max
    testSamples = test.integer("samples", in: 0...available, default: 0)
    test.finish()
  }

  /// The members with all their defaults.
  var json: JSONValue {
    .object([
      "dataset": dataset.json,
      "classes": classes.json,
      "labels": labels.json,
      "inputs": .object([
        "kind": .string(inputs.rawValue), "standardization": .string(standardization.rawValue),
        "augmentation": .object([
          "horizontal_flip": .bool(augmentation.horizontalFlip),
          "crop_padding": .integer(augmentation.cropPadding),
        ]),
      ]),
      "subset": .object(["sampling": .string(sampling.rawValue), "nested": .bool(nested)]),
      "test": .object(["samples": .integer(testSamples)]),
    ])
  }
}

extension ClassGrouping {
  init(reading reader: ObjectReader, classes: Int) {
    switch reader.kind(of: ["original", "merged", "one_against_rest"], default: "original") {
    case "merged": self = .merged(into: reader.integer("count", in: 2...max(2, classes)))
    case "one_against_rest": self = .oneAgainstRest(reader.integer("class", in: 0...max(0, classes - 1)))
    default: self = .original
    }
    reader.finish()
  }

  var json: JSONValue {
    switch self {
    case .original: .object(["kind": .string("original")])
    case .merged(let count): .object(["kind": .string("merged"), "count": .integer(count)])
    case .oneAgainstRest(let one): .object(["kind": .string("one_against_rest"), "class": .integer(one)])
    }
  }
}

extension LabelRegime {
  init(reading reader: ObjectReader) {
    switch reader.kind(of: ["original", "random", "corrupted", "shuffled"], default: "original") {
    case "random": self = .random
    case "corrupted": self = .corrupted(fraction: reader.number("fraction", .closed(0, 1)))
    case "shuffled": self = .shuffled
    default: self = .original
    }
    reader.finish()
  }

  var json: JSONValue {
    switch self {
    case .original: .object(["kind": .string("original")])
    case .random: .object(["kind": .string("random")])
    case .corrupted(let fraction): .object(["kind": .string("corrupted"), "fraction": .number(fraction)])
    case .shuffled: .object(["kind": .string("shuffled")])
    }
  }
}

extension Augmentation {
  init(reading reader: ObjectReader, shape: SampleShape?) {
    var largestPadding = 64
    // A shift by the whole side leaves nothing of the image.
    if case .image(let height, let width, _)? = shape { largestPadding = min(64, min(height, width) - 1) }
    self.init(
      horizontalFlip: reader.boolean("horizontal_flip", default: false),
      cropPadding: reader.integer("crop_padding", in: 0...largestPadding, default: 0))
    if case .features? = shape, self != .none {
      reader.faultInObject(allowed: "no augmentation", "changes images, and this data set has none")
    }
    reader.finish()
  }
}
