import Compute

/// Standard normal inputs with uniform random labels: the data of Cover's theorem. It has no end.
///
/// Inputs are keyed by (seed, samples, replicate, index). Its own labels belong to the data set, keyed by
/// (seed, index).
struct GaussianDataset: SampleSource {
  let digest: String
  let shape: SampleShape
  let classes: Int
  var moments: ChannelMoments? { nil }

  init(dimensions: Int, classes: Int) {
    shape = .features(dimensions)
    self.classes = classes
    digest = ContentDigest.of(rule: "gaussian/1 dimensions=\(dimensions) classes=\(classes)")
  }

  func count(of split: Split) -> Int? { nil }

  func labels(at indices: [Int], split: Split, key: DrawKey, execution: DrawExecution) -> [Int32] {
    indices.map { index in
      var stream = RandomStream(seed: key.seed, purpose: .teacher, index: Self.position(index, split))
      return Int32(stream.below(UInt64(classes)))
    }
  }

  func write(
    at indices: [Int], split: Split, key: DrawKey, transform: ChannelTransform, into inputs: Buffer<Float>,
    execution: DrawExecution
  ) throws(DatasetError) {
    let dimensions = shape.count
    try execution.forEachRange(of: indices.count, width: dimensions) { rows in
      let values = inputs.mutableElements
      for row in rows {
        var stream = key.stream(.inputs, index: Self.position(indices[row], split))
        for column in 0..<dimensions {
          values[row * dimensions + column] = transform(stream.normal(), channel: column)
        }
      }
    }
  }

  /// Test samples lie where no training sample can: an index never reaches 2⁴⁰.
  static func position(_ index: Int, _ split: Split) -> Int {
    split == .train ? index : index + 1 << 40
  }
}

/// `gaussian`
struct GaussianDefinition: DatasetDefinition {
  static let entry = CatalogueEntry(generated: "gaussian", task: "standard normal inputs, random labels")

  static let options = [
    OptionDeclaration.integer("dimensions", 1...1_000_000, "Values in one input."),
    .integer("classes", 2...100_000, default: 2, "Number of classes."),
  ]

  private let dimensions: Int
  private let classes: Int

  init(_ values: OptionValues) {
    dimensions = values.integer("dimensions")
    classes = values.integer("classes")
  }

  var values: OptionValues { ["dimensions": .integer(dimensions), "classes": .integer(classes)] }
  var facts: DatasetFacts { .generated(.features(dimensions), classes: classes) }

  func open(in library: DatasetLibrary, _ control: FetchControl) -> any Dataset {
    GaussianDataset(dimensions: dimensions, classes: classes)
  }
}

extension DatasetReference {
  /// Standard normal inputs, random labels; generated, any size.
  public static func gaussian(dimensions: Int, classes: Int) -> DatasetReference {
    DatasetReference(
      GaussianDefinition(["dimensions": .integer(dimensions), "classes": .integer(classes)]))
  }
}
