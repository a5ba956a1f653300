import Compute

/// Generated data whose labels are learnable: standard normal inputs, labelled by a random network of one
/// hidden layer. It has no end.
public struct TeacherOptions: Sendable, Hashable {
  /// Values in one input.
  public var dimensions = 100
  /// Number of classes.
  public var classes = 2
  /// Units in the teacher's hidden layer.
  public var hidden = 32

  /// The options as they stand.
  public init() {}
}

/// label = argmax of W₂ s(W₁ x), s(a) = a / (1 + |a|), with standard normal weights over √fan_in, keyed by
/// (seed, row). Being odd without biases, it labels no class more often than its opposite.
struct TeacherDataset: SampleSource {
  private let options: TeacherOptions
  let digest: String
  let shape: SampleShape
  var classes: Int { options.classes }
  var moments: ChannelMoments? { nil }

  init(_ options: TeacherOptions) {
    self.options = options
    shape = .features(options.dimensions)
    digest = ContentDigest.of(
      rule: "teacher/1 dimensions=\(options.dimensions) classes=\(options.classes) hidden=\(options.hidden)")
  }

  func count(of split: Split) -> Int? { nil }

  func labels(
    at indices: [Int], split: Split, key: DrawKey, execution: DrawExecution
  ) throws(DatasetError) -> [Int32] {
    let first = try weights(
      rows: options.hidden, columns: options.dimensions, firstRow: 0, seed: key.seed, execution)
    let second = try weights(
      rows: options.classes, columns: options.hidden, firstRow: options.hidden, seed: key.seed, execution)
    var input = [Double](repeating: 0, count: options.dimensions)
    var labels: [Int32] = []
    labels.reserveCapacity(indices.count)
    for index in indices {
      try execution.poll()
      var stream = inputs(index, split, key)
      for column in input.indices { input[column] = Double(Float(stream.normal())) }
      let hidden = Self.product(first, input).map { $0 / (1 + abs($0)) }
      let outputs = Self.product(second, hidden)
      labels.append(Int32(outputs.indices.max { outputs[$0] < outputs[$1] }!))
    }
    return labels
  }

  func write(
    at indices: [Int], split: Split, key: DrawKey, transform: ChannelTransform, into inputs: Buffer<Float>,
    execution: DrawExecution
  ) throws(DatasetError) {
    let dimensions = options.dimensions
    try execution.forEachRange(of: indices.count, width: dimensions) { rows in
      let values = inputs.mutableElements
      for row in rows {
        var stream = self.inputs(indices[row], split, key)
        for column in 0..<dimensions {
          values[row * dimensions + column] = transform(Double(Float(stream.normal())), channel: column)
        }
      }
    }
  }

  private func inputs(_ index: Int, _ split: Split, _ key: DrawKey) -> RandomStream {
    key.stream(.inputs, index: GaussianDataset.position(index, split))
  }

  private func weights(
    rows: Int, columns: Int, firstRow: Int, seed: UInt64, _ execution: DrawExecution
  ) throws(DatasetError) -> [[Double]] {
    let scale = 1 / Double(columns).squareRoot()
    var weights: [[Double]] = []
    for row in 0..<rows {
      try execution.poll()
      var stream = RandomStream(seed: seed, purpose: .teacher, samples: 1, index: firstRow + row)
      weights.append((0..<columns).map { _ in stream.normal() * scale })
    }
    return weights
  }

  private static func product(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
    matrix.map { row in
      var sum = 0.0
      for column in row.indices { sum += row[column] * vector[column] }
      return sum
    }
  }
}

/// `teacher`
struct TeacherDefinition: DatasetDefinition {
  static let entry = CatalogueEntry(generated: "teacher", task: "normal inputs labelled by a random network")

  private static let defaults = TeacherOptions()
  static let options = [
    OptionDeclaration.integer(
      "dimensions", 1...100_000, default: defaults.dimensions, "Values in one input."),
    .integer("classes", 2...1_000, default: defaults.classes, "Number of classes."),
    .integer("hidden", 1...4_096, default: defaults.hidden, "Units in the teacher's hidden layer."),
  ]

  private let options: TeacherOptions

  init(_ options: TeacherOptions) { self.options = options }

  init(_ values: OptionValues) {
    var options = TeacherOptions()
    options.dimensions = values.integer("dimensions")
    options.classes = values.integer("classes")
    options.hidden = values.integer("hidden")
    self.options = options
  }

  var values: OptionValues {
    [
      "dimensions": .integer(options.dimensions), "classes": .integer(options.classes),
      "hidden": .integer(options.hidden),
    ]
  }

  var facts: DatasetFacts { .generated(.features(options.dimensions), classes: options.classes) }

  func open(in library: DatasetLibrary, _ control: FetchControl) -> any Dataset { TeacherDataset(options) }
}

extension DatasetReference {
  /// Normal inputs labelled by a random network; generated, any size.
  public static func teacher(_ options: TeacherOptions) -> DatasetReference {
    DatasetReference(TeacherDefinition(options))
  }
}
