/// The tables of the UCI repository, as their authors publish them.
enum UCITables {
  /// Adult Income (Kohavi and Becker 1996): 48,842 people, 14 columns, two classes. Missing values are `?`; the
  /// test file may start with a comment and its classes end in a dot.
  enum Adult {
    static let train = PublishedFile(
      "adult.data", at: "https://archive.ics.uci.edu/ml/machine-learning-databases/adult/",
      sha256: "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d")
    static let test = PublishedFile(
      "adult.test", at: "https://archive.ics.uci.edu/ml/machine-learning-databases/adult/",
      sha256: "a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05")

    static func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
      var options = TableOptions()
      options.delimiter = ","
      options.headerRows = 0
      options.comment = "|"
      func table(_ file: PublishedFile) throws(DatasetError) -> TableFile {
        try TableFile(try fetcher.fetch(file, of: "adult"), options: options, limits: limits)
      }
      var decoder = TableDecoder(
        train: try table(train), test: try table(test), options: options, limits: limits)
      decoder.classKeys.suffix = UInt8(ascii: ".")
      try decoder.decode(to: path)
    }
  }

  /// Forest Cover Type (Blackard 1998): 581,012 cells of land, 10 numbers and 44 zeros or ones, classes 1 to 7.
  enum Covertype {
    static let file = PublishedFile(
      "covtype.data.gz", at: "https://archive.ics.uci.edu/ml/machine-learning-databases/covtype/",
      sha256: "614360d0257557dd1792834a85a1cdebfadc3c4f30b011d56afee7ffb5b15771")

    static func decode(
      testFraction: Double, fetcher: Fetcher, limits: DatasetLimits, to path: String
    ) throws(DatasetError) {
      var options = TableOptions()
      options.delimiter = ","
      options.headerRows = 0
      options.testFraction = testFraction
      let table = try TableFile(try fetcher.fetch(file, of: "covertype"), options: options, limits: limits)
      guard table.columns == 55 else {
        throw .malformed(file: table.name, place: .row(1), reason: "\(table.columns) fields, expected are 55")
      }
      try TableDecoder(train: table, options: options, limits: limits).decode(to: path)
    }
  }

  /// Default of Credit Card Clients (Yeh 2016): 30,000 people, 23 columns behind an identifier, two classes. The
  /// repository's CSV has one header row, an export of its spreadsheet two.
  enum Credit {
    /// The repository's CSV, then the names under which exports of the spreadsheet go.
    static let files = [
      PublishedFile("data.csv", at: "https://archive.ics.uci.edu/static/public/350/", sha256: nil),
      PublishedFile("default of credit card clients.csv", at: "", sha256: nil),
      PublishedFile("default_of_credit_card_clients.csv", at: "", sha256: nil),
      PublishedFile("UCI_Credit_Card.csv", at: "", sha256: nil),
    ]

    static func decode(
      testFraction: Double, fetcher: Fetcher, limits: DatasetLimits, to path: String
    ) throws(DatasetError) {
      var options = TableOptions()
      // The first column numbers the clients.
      options.ignoredColumns = [.position(0)]
      options.testFraction = testFraction
      let table = try TableFile(
        try fetcher.fetch(firstOf: files, of: "credit"), options: options, limits: limits)
      guard table.columns == 25 else {
        throw .malformed(file: table.name, place: .row(1), reason: "\(table.columns) fields, expected are 25")
      }
      try TableDecoder(train: table, options: options, limits: limits).decode(to: path)
    }
  }
}
