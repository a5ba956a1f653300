import Compute

/// `letter`: Letter Recognition (Slate 1991). The letter, then 16 integers; "the first 16000 items" train, one in 5 tests.
struct LetterDefinition: PublishedDefinition {
  private static let file = PublishedFile(
    "letter-recognition.data",
    at: "https://archive.ics.uci.edu/ml/machine-learning-databases/letter-recognition/", sha256: nil)

  static let entry = CatalogueEntry(
    published: "letter", task: "distorted capital letters, 16 measures of each", shape: .features(16),
    classes: 26, trainCount: 16_000, testCount: 4_000, licence: "CC BY 4.0",
    source: "https://archive.ics.uci.edu/dataset/59/letter+recognition", files: [file])

  init(_ values: OptionValues) {}

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    var options = TableOptions.headless
    options.classColumn = .position(0)
    let table = try TableFile(
      try fetcher.fetch(Self.file, of: Self.entry.name), columns: 17, options: options, limits: limits)
    var decoder = TableDecoder(train: table, options: options, limits: limits)
    decoder.lastRowsShare = 5
    try decoder.decode(to: path)
  }
}

extension DatasetReference {
  /// Letters described by 16 integers, 26 classes, 16,000 + 4,000.
  public static let letter = DatasetReference(LetterDefinition([:]))
}
