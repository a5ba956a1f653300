import Foundation

/// Tables of the UCI repository that come with the number of their test rows.
enum FurtherTables {
  /// HIGGS (Baldi, Sadowski and Whiteson 2014): the class, then 28 numbers; "the last 500,000 examples are used as a test
  /// set", one in 22.
  static let higgs = PublishedFile(
    "HIGGS.csv.gz", at: "https://archive.ics.uci.edu/ml/machine-learning-databases/00280/", sha256: nil)
  /// Letter Recognition (Slate 1991): the letter, then 16 integers; "the first 16000 items" train, one in 5 tests.
  static let letter = PublishedFile(
    "letter-recognition.data",
    at: "https://archive.ics.uci.edu/ml/machine-learning-databases/letter-recognition/",
    sha256: nil)

  static func decodeHiggs(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    try decode(
      higgs, of: "higgs", columns: 29, testShare: 22, ClassKeys(areIntegers: true), fetcher, limits, path)
  }

  static func decodeLetter(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    try decode(letter, of: "letter", columns: 17, testShare: 5, ClassKeys(), fetcher, limits, path)
  }

  private static func decode(
    _ file: PublishedFile, of name: String, columns: Int, testShare: Int, _ classKeys: ClassKeys,
    _ fetcher: Fetcher,
    _ limits: DatasetLimits, _ path: String
  ) throws(DatasetError) {
    var options = TableOptions()
    options.delimiter = ","
    options.headerRows = 0
    options.classColumn = .position(0)
    let table = try TableFile(try fetcher.fetch(file, of: name), options: options, limits: limits)
    guard table.columns == columns else {
      throw .malformed(
        file: table.name, place: .row(1), reason: "\(table.columns) fields, expected are \(columns)")
    }
    var decoder = TableDecoder(train: table, options: options, limits: limits)
    decoder.classKeys = classKeys
    decoder.lastRowsShare = testShare
    try decoder.decode(to: path)
  }
}

/// California Housing (Pace and Barry 1997) as StatLib's archive has it: 20,640 blocks, eight numbers and the median
/// price, which is cut into classes of as many blocks each (equal prices stay together).
struct CaliforniaHousing {
  let classes: Int
  let testFraction: Double

  static let file = PublishedFile(
    "cal_housing.tgz", address: "https://ndownloader.figshare.com/files/5976036",
    sha256: "aaa5c9a6afe2225cc2aed2723682ae403280c4a3695a2ddda4ffb5d8215ea681")

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    guard 2...100 ~= classes else {
      throw .invalidOption(option: "classes", value: "\(classes)", allowed: "2 to 100")
    }
    let folder = try fetcher.directory.folder("blocks")
    let plain = try PlainFile(
      try fetcher.fetch(Self.file, of: "california_housing"), temporaryIn: folder, limits: limits)
    let archive = try TarArchive(file: plain.file, limits: limits)
    guard let member = archive.members.first(where: { $0.name.hasSuffix("cal_housing.data") }) else {
      throw .malformed(file: plain.file.path, place: .wholeFile, reason: "holds no cal_housing.data")
    }
    // A table is read several times over, by its path.
    let table = "\(path).table.tmp"
    defer { unlink(table) }
    try File(table, .create).write(try plain.file.read(member.range.count, at: member.range.lowerBound))
    var options = TableOptions()
    options.delimiter = ","
    options.headerRows = 0
    options.testFraction = testFraction
    let file = try TableFile(table, name: "cal_housing.data", options: options, limits: limits)
    guard file.columns == 9 else {
      throw .malformed(file: file.name, place: .row(1), reason: "\(file.columns) fields, expected are 9")
    }
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
