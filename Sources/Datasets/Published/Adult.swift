import Compute

/// `adult`: Adult Income (Kohavi and Becker 1996). 48,842 people, 14 columns, two classes. Missing values are `?`; the test
/// file may start with a comment and its classes end in a dot.
struct AdultDefinition: PublishedDefinition {
  private static let train = PublishedFile(
    "adult.data", at: "https://archive.ics.uci.edu/ml/machine-learning-databases/adult/",
    sha256: "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d")
  private static let test = PublishedFile(
    "adult.test", at: "https://archive.ics.uci.edu/ml/machine-learning-databases/adult/",
    sha256: "a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05")

  static let entry = CatalogueEntry(
    published: "adult", task: "people of the 1994 census, income above 50,000 dollars or not",
    shape: .features(108), classes: 2, trainCount: 32_561, testCount: 16_281, licence: "CC BY 4.0",
    source: "https://archive.ics.uci.edu/dataset/2/adult", files: [train, test])

  init(_ values: OptionValues) {}

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    var options = TableOptions.headless
    options.comment = "|"
    func table(_ file: PublishedFile) throws(DatasetError) -> TableFile {
      try TableFile(try fetcher.fetch(file, of: Self.entry.name), options: options, limits: limits)
    }
    var decoder = TableDecoder(
      train: try table(Self.train), test: try table(Self.test), options: options, limits: limits)
    decoder.classKeys.suffix = UInt8(ascii: ".")
    try decoder.decode(to: path)
  }
}

extension DatasetReference {
  /// Adult Income, 2 classes, 32,561 + 16,281.
  public static let adult = DatasetReference(AdultDefinition([:]))
}
