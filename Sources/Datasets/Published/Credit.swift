import Compute

/// `credit`: Default of Credit Card Clients (Yeh 2016). 30,000 people, 23 columns behind an identifier, two classes. The
/// repository's CSV has one header row, an export of its spreadsheet two.
struct CreditDefinition: PublishedDefinition {
  /// The repository's CSV, then the names under which exports of the spreadsheet go.
  private static let files = [
    PublishedFile("data.csv", at: "https://archive.ics.uci.edu/static/public/350/", sha256: nil),
    PublishedFile("default of credit card clients.csv", at: "", sha256: nil),
    PublishedFile("default_of_credit_card_clients.csv", at: "", sha256: nil),
    PublishedFile("UCI_Credit_Card.csv", at: "", sha256: nil),
  ]

  static let entry = CatalogueEntry(
    published: "credit", task: "clients of a bank, default of the next payment or not", shape: .features(23),
    classes: 2, trainCount: 30_000, testCount: 0, licence: "CC BY 4.0",
    source: "https://archive.ics.uci.edu/dataset/350/default+of+credit+card+clients", files: [files[0]])

  static let options = [OptionDeclaration.testFraction]

  private let testFraction: Double

  init(_ values: OptionValues) { testFraction = values.number("test_fraction") }

  var values: OptionValues { ["test_fraction": .number(testFraction)] }
  var facts: DatasetFacts { Self.published(testFraction: testFraction) }
  var key: String { Self.key(testFraction: testFraction) }

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    var options = TableOptions()
    // The first column numbers the clients.
    options.ignoredColumns = [.position(0)]
    options.testFraction = testFraction
    let table = try TableFile(
      try fetcher.fetch(firstOf: Self.files, of: Self.entry.name), columns: 25, options: options,
      limits: limits)
    try TableDecoder(train: table, options: options, limits: limits).decode(to: path)
  }
}

extension DatasetReference {
  /// Default of Credit Card Clients, 2 classes, 30,000; a share of the rows may be held out as test split.
  public static func credit(testFraction: Double = 0) -> DatasetReference {
    DatasetReference(CreditDefinition(["test_fraction": .number(testFraction)]))
  }
}
