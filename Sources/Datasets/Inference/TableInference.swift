/// How a delimited text file was read.
public struct TableInference: Sendable, Hashable, Codable {
  /// `utf-8`, `utf-16le`, `utf-16be`, `latin-1` or `windows-1252`.
  public var encoding: String
  /// Whether the file begins with a byte order mark.
  public var byteOrderMark: Bool
  /// `gzip`, `xz`, `zstd` or `zip`; nil for a file that isn't packed.
  public var compression: String?
  /// The character between fields.
  public var delimiter: String
  /// The character around fields; nil where no field has any.
  public var quote: String?
  /// The character before decimals.
  public var decimalMark: String
  /// The character between groups of thousands; nil where there is none.
  public var thousands: String?
  /// What begins a line that isn't data; nil where no line does.
  public var comment: String?
  /// Rows before the data; the last of them names the columns.
  public var headerRows: Int
  /// Rows of data, those that were left out included.
  public var rows: Int
  /// The column that holds the class.
  public var classColumn: String
  /// Every column of the file, in its order.
  public var columns: [ColumnInference]
}

/// What a column of a table was taken for.
public struct ColumnInference: Sendable, Hashable, Codable {
  /// As the header names it, or `column_N`.
  public var name: String
  /// `class`, `numeric`, `categorical`, `boolean`, `date` or `ignored`.
  public var type: String
  /// Missing values in the training rows.
  public var missing: Int
  /// Distinct values in the training rows, missing ones aside; nil where there are more than are counted.
  public var distinct: Int?
  /// Inputs that the column becomes.
  public var width: Int
}
