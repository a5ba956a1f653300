import Compute

/// `covertype`: Forest Cover Type (Blackard 1998). 581,012 cells of land, 10 numbers and 44 zeros or ones, classes 1 to 7.
struct CovertypeDefinition: PublishedDefinition {
  private static let file = PublishedFile(
    "covtype.data.gz", at: "https://archive.ics.uci.edu/ml/machine-learning-databases/covtype/",
    sha256: "614360d0257557dd1792834a85a1cdebfadc3c4f30b011d56afee7ffb5b15771")

  static let entry = CatalogueEntry(
    published: "covertype", task: "cells of forest, seven kinds of cover", shape: .features(54), classes: 7,
    trainCount: 581_012, testCount: 0, licence: "CC BY 4.0",
    source: "https://archive.ics.uci.edu/dataset/31/covertype", files: [file])

  static let options = [OptionDeclaration.testFraction]

  private let testFraction: Double

  init(_ values: OptionValues) { testFraction = values.number("test_fraction") }

  var values: OptionValues { ["test_fraction": .number(testFraction)] }
  var facts: DatasetFacts { Self.published(testFraction: testFraction) }
  var key: String { Self.key(testFraction: testFraction) }

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    var options = TableOptions.headless
    options.testFraction = testFraction
    let table = try TableFile(
      try fetcher.fetch(Self.file, of: Self.entry.name), columns: 55, options: options, limits: limits)
    try TableDecoder(train: table, options: options, limits: limits).decode(to: path)
  }
}

extension DatasetReference {
  /// Forest Cover Type, 54 features, 7 classes; a share of the rows may be held out as test split.
  public static func covertype(testFraction: Double = 0) -> DatasetReference {
    DatasetReference(CovertypeDefinition(["test_fraction": .number(testFraction)]))
  }
}
