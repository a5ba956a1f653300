import Compute

/// What there is to know of a published or a generated data set: its entry in listings, its options, what they make of it,
/// and where its samples come from. One type for each, in the data set's own file; `Catalogue.definitions` lists them.
/// Documents, schemas, listings and downloads follow from it.
protocol DatasetDefinition: Sendable {
  /// What listings say of it, its name among that.
  static var entry: CatalogueEntry { get }
  static var options: [OptionDeclaration] { get }

  /// The data set with these values, one for each of its options.
  init(_ values: OptionValues)
  /// One value for each of its options.
  var values: OptionValues { get }
  /// An option whose value there is no data for.
  var conflict: OptionConflict? { get }
  /// Shape, classes and counts with these options.
  var facts: DatasetFacts { get }
  /// Opens it: makes it, or maps what was fetched and decoded, as far as `control` lets it.
  func open(in library: DatasetLibrary, _ control: FetchControl) throws(DatasetError) -> any Dataset
}

extension DatasetDefinition {
  static var options: [OptionDeclaration] { [] }
  var values: OptionValues { [:] }
  var conflict: OptionConflict? { nil }
  var facts: DatasetFacts { Self.published() }

  /// What the entry says, and what options decide beside it.
  ///
  /// - Parameter testFraction: above 0 some of the training samples are the test split.
  static func published(classes: Int? = nil, testFraction: Double = 0) -> DatasetFacts {
    guard let shape = entry.shape, let samples = entry.trainCount, let classes = classes ?? entry.classes
    else { preconditionFailure("the entry of \(entry.name) doesn't say what it holds") }
    return DatasetFacts(
      shape: shape, classes: classes, trainingSamples: samples,
      testSamples: testFraction > 0 ? samples : entry.testCount)
  }
}

/// A data set that is fetched from where it is published and decoded once.
protocol PublishedDefinition: DatasetDefinition {
  /// What its decoded file is called: the name, and the options where they decide on the content. Data directories keep
  /// files by it: one that has been released stays as it is.
  var key: String { get }
  /// Fetches what isn't there and writes the block file.
  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError)
}

extension PublishedDefinition {
  var key: String { Self.entry.name }

  func open(in library: DatasetLibrary, _ control: FetchControl) throws(DatasetError) -> any Dataset {
    try library.stored(key, control) { (fetcher, path) throws(DatasetError) in
      try decode(fetcher: fetcher, limits: library.limits, to: path)
    }
  }
}

extension OptionDeclaration {
  /// `test_fraction`: a share of the rows that is held out as test split.
  static let testFraction = OptionDeclaration.number(
    "test_fraction", .from(0, below: 1), default: 0, "The share of the rows that are the test split.")
}

extension PublishedDefinition {
  /// A key that tells the share of rows that are held out.
  static func key(_ name: String = entry.name, testFraction: Double) -> String {
    testFraction == 0 ? name : "\(name)-test-\(testFraction)"
  }
}
