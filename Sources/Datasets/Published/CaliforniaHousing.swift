import Compute
import Foundation

/// `california_housing`: California Housing (Pace and Barry 1997) as StatLib's archive has it. 20,640 blocks, eight numbers
/// and the median price, which is cut into classes of as many blocks each (equal prices stay together).
struct CaliforniaHousingDefinition: PublishedDefinition {
  private static let file = PublishedFile(
    "cal_housing.tgz", address: "https://ndownloader.figshare.com/files/5976036",
    sha256: "aaa5c9a6afe2225cc2aed2723682ae403280c4a3695a2ddda4ffb5d8215ea681")

  static let entry = CatalogueEntry(
    published: "california_housing",
    task: "blocks of houses, their median price in classes of as many blocks each", shape: .features(8),
    trainCount: 20_640, testCount: 0, licence: "none stated; cite Pace and Barry 1997",
    source: "https://www.dcc.fc.up.pt/~ltorgo/Regression/cal_housing.html", files: [file])

  static let options = [
    OptionDeclaration.integer("classes", 2...100, default: 10, "Classes that prices are cut into."),
    .testFraction,
  ]

  private let classes: Int
  private let testFraction: Double

  init(_ values: OptionValues) {
    classes = values.integer("classes")
    testFraction = values.number("test_fraction")
  }

  var values: OptionValues { ["classes": .integer(classes), "test_fraction": .number(testFraction)] }
  var facts: DatasetFacts { Self.published(classes: classes, testFraction: testFraction) }
  var key: String { Self.key("california_housing-\(classes)", testFraction: testFraction) }

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    let folder = try fetcher.directory.folder(.blocks)
    let plain = try PlainFile(
      try fetcher.fetch(Self.file, of: Self.entry.name), temporaryIn: folder, limits: limits)
    let archive = try TarArchive(file: plain.file, limits: limits)
    guard let member = archive.members.first(where: { $0.name.hasSuffix("cal_housing.data") }) else {
      throw .malformed(file: plain.file.path, place: .wholeFile, reason: "holds no cal_housing.data")
    }
    // A table is read several times over, by its path.
    let table = "\(path).table.tmp"
    defer { unlink(table) }
    try File(table, .create).write(try plain.file.read(member.range.count, at: member.range.lowerBound))
    var options = TableOptions.headless
    options.testFraction = testFraction
    let file = try TableFile(
      table, name: "cal_housing.data", columns: 9, options: options, limits: limits)
    var decoder = TableDecoder(train: file, options: options, limits: limits)
    decoder.classKeys = ClassKeys(thresholds: try thresholds(file))
    decoder.columnNames = [
      "longitude", "latitude", "housingMedianAge", "totalRooms", "totalBedrooms", "population", "households",
      "medianIncome",
    ]
    try decoder.decode(to: path)
  }

  /// The prices at which classes end: every class but the last has those up to and with its own.
  private func thresholds(_ file: TableFile) throws(DatasetError) -> [Double] {
    let reader = FieldReader()
    var prices: [Double] = []
    try file.forEachRow { (row: inout DelimitedReader, _: Int) throws(DatasetError) in
      guard case .number(let price) = reader(row[8]), price.isFinite else {
        throw .malformed(file: file.name, place: .row(row.row), reason: "a price that is no number")
      }
      prices.append(price)
    }
    prices.sort()
    let ends = (1..<classes).map { prices[max(0, $0 * prices.count / classes - 1)] }
    let distinct = Set(ends).subtracting(prices.last.map { [$0] } ?? []).sorted()
    guard distinct.count == classes - 1 else {
      throw .invalidOption(
        option: "classes", value: "\(classes)",
        allowed: "at most \(distinct.count + 1): more prices are equal")
    }
    return distinct
  }
}

extension DatasetReference {
  /// Blocks of houses in California, 8 features; the price in classes of as many blocks each.
  public static func californiaHousing(classes: Int = 10, testFraction: Double = 0) -> DatasetReference {
    DatasetReference(
      CaliforniaHousingDefinition(["classes": .integer(classes), "test_fraction": .number(testFraction)]))
  }
}
