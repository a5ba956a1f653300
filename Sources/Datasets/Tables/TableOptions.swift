/// How a delimited text file is read as a data set.
public struct TableOptions: Sendable, Hashable {
  /// Which column holds the class; the last one by default.
  public var classColumn = ColumnReference.position(-1)
  /// Types of columns that are not to be inferred.
  public var columnTypes: [ColumnReference: ColumnType] = [:]
  /// Columns that are left out, as those of the type `ignored`.
  public var ignoredColumns: [ColumnReference] = []
  /// Nil: the one of comma, semicolon, tab and vertical bar that splits the first rows alike.
  public var delimiter: Character?
  /// Rows before the data, the last of which names the columns. Nil: as many as hold words where the rows behind them
  /// hold numbers.
  public var headerRows: Int?
  /// The share of rows held out as the test split, each row by a choice keyed by its number alone. The first row of a
  /// class that would be held out whole stays in the training split.
  public var testFraction = 0.0
  /// Nil: by its byte order mark, or UTF-16 where every other byte is zero, or UTF-8.
  public var encoding: TextEncoding?
  /// `.` or `,`. Nil: the comma where every number has one and none reads otherwise, else the point.
  public var decimalMark: Character?
  /// Between groups of three digits. Nil: none, or the comma where every number agrees and one has two or decimals.
  public var thousands: Character?
  /// What begins a line that isn't data. Nil: `#`, above the header alone.
  public var comment: Character?
  /// Words that mean a missing value, beside those that pandas takes and `?`.
  public var missingValues: [String] = []
  /// What becomes of missing numbers.
  public var missing = MissingTreatment.mean
  /// What becomes of missing categories. Nil: what `missing` says where that is to drop the row or to refuse, else a
  /// category of their own.
  public var missingCategories: MissingCategoryTreatment?
  /// Words that are classes although they read as missing.
  public var classValues: [String] = []

  /// The options as they stand.
  public init() {}
}

extension TableOptions {
  /// Commas, and no header.
  static var headless: TableOptions {
    var options = TableOptions()
    options.delimiter = ","
    options.headerRows = 0
    return options
  }

  /// The options as text, the same for equal ones.
  var rule: String {
    let types = columnTypes.map { "\($0.key)=\($0.value.rawValue)" }.sorted()
    let characters = [delimiter, decimalMark, thousands, comment].map { $0.map(String.init) ?? "any" }
    return
      "csv \(classColumn) \(types) \(ignoredColumns) \(characters) \(headerRows.map(String.init) ?? "any") "
      + "\(testFraction) \(encoding?.rawValue ?? "any") \(missingValues) \(missing.rawValue) "
      + "\(missingCategories?.rawValue ?? "any") \(classValues)"
  }
}

/// A column by name or by position.
public enum ColumnReference: Sendable, Hashable {
  /// As the header row names it.
  case name(String)
  /// From 0; negative counts from the last, which is −1.
  case position(Int)
}

/// What a column holds.
public enum ColumnType: String, Sendable, Hashable, CaseIterable, Codable {
  /// One number a row.
  case numeric
  /// One of several values: a column of zeros and ones for each. One that no training row has is all zeros.
  case categorical
  /// True or false: one column of ones and zeros, treated as numbers from then on.
  case boolean
  /// ISO 8601 dates, with or without a time: days since 1970-01-01.
  case date
  /// Left out.
  case ignored
}

/// What becomes of a missing number.
public enum MissingTreatment: String, Sendable, Hashable, CaseIterable, Codable {
  /// The mean of the training rows' present ones.
  case mean
  /// The mean, and a further column that is one where the value was missing.
  case meanWithIndicator = "mean_with_indicator"
  /// The median of the training rows' present ones.
  case median
  /// The row is left out.
  case dropRow = "drop_row"
  /// The file is refused.
  case refuse
}

/// What becomes of a missing category.
public enum MissingCategoryTreatment: String, Sendable, Hashable, CaseIterable, Codable {
  /// A category of its own.
  case category
  /// The training rows' most frequent one, the first in order of several.
  case mostFrequent = "most_frequent"
  /// The row is left out.
  case dropRow = "drop_row"
  /// The file is refused.
  case refuse
}

/// How characters are written as bytes.
public enum TextEncoding: String, Sendable, Hashable, CaseIterable, Codable {
  case utf8 = "utf-8"
  case utf16LittleEndian = "utf-16le"
  case utf16BigEndian = "utf-16be"
  /// ISO 8859-1.
  case latin1 = "latin-1"
  /// Latin-1 with printable characters at 0x80 to 0x9f.
  case windows1252 = "windows-1252"
}
