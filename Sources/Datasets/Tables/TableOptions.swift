/// How a delimited text file is read as a data set.
public struct TableOptions: Sendable, Hashable {
  /// Which column holds the class; the last one by default.
  public var classColumn = ColumnReference.position(-1)
  /// Types of columns that are not to be inferred.
  public var columnTypes: [ColumnReference: ColumnType] = [:]
  /// Nil: the one of comma, semicolon and tab that the first line has most of.
  public var delimiter: Character?
  /// Rows before the data, the last of which names the columns. Nil: one where no field of the first row is a
  /// number and a field of the second is, else none.
  public var headerRows: Int?
  /// The share of rows held out as the test split, each row by a choice keyed by its number alone.
  public var testFraction = 0.0

  /// The options as they stand.
  public init() {}
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
  /// One number a row. Missing values become the mean of the training rows' present ones.
  case numeric
  /// One of several values: a column of zeros and ones for each. A missing value is a category of its own,
  /// one that no training row has is all zeros.
  case categorical
  /// Left out.
  case ignored
}
