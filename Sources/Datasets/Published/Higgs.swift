import Compute

/// `higgs`: HIGGS (Baldi, Sadowski and Whiteson 2014). The class, then 28 numbers; "the last 500,000 examples are used as a
/// test set", one in 22.
struct HiggsDefinition: PublishedDefinition {
  private static let file = PublishedFile(
    "HIGGS.csv.gz", at: "https://archive.ics.uci.edu/ml/machine-learning-databases/00280/", sha256: nil)

  static let entry = CatalogueEntry(
    published: "higgs", task: "simulated collisions, a Higgs boson or background", shape: .features(28),
    classes: 2, trainCount: 10_500_000, testCount: 500_000, licence: "CC BY 4.0",
    source: "https://archive.ics.uci.edu/dataset/280/higgs", files: [file])

  init(_ values: OptionValues) {}

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    var options = TableOptions.headless
    options.classColumn = .position(0)
    let table = try TableFile(
      try fetcher.fetch(Self.file, of: Self.entry.name), columns: 29, options: options, limits: limits)
    var decoder = TableDecoder(train: table, options: options, limits: limits)
    decoder.classKeys.areIntegers = true
    decoder.lastRowsShare = 22
    try decoder.decode(to: path)
  }
}

extension DatasetReference {
  /// Collisions of particles, 28 features, 2 classes, 10,500,000 + 500,000.
  public static let higgs = DatasetReference(HiggsDefinition([:]))
}
