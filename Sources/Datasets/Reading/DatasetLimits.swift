/// What a file may ask for before it is refused: bounds that no honest data set meets and every bomb does.
public struct DatasetLimits: Sendable, Hashable {
  /// Bytes after decompression and decoding, of one file and of one data set.
  public var decodedBytes = 256 << 30
  /// Columns of a table, before and after one-hot encoding.
  public var columns = 65_536
  /// Bytes of one row of a table.
  public var rowBytes = 16 << 20
  /// Distinct categories of one column.
  public var categories = 4_096
  /// Classes of a data set.
  public var classes = 100_000
  /// Elements of one row of an array: those of an image of 4096 × 4096 pixels, the largest that images are brought to,
  /// with four channels.
  public var sampleElements = 1 << 26
  /// Pixels of one image.
  public var imagePixels = 1 << 27
  /// Bytes of one compressed image.
  public var imageBytes = 256 << 20
  /// Members of an archive.
  public var archiveMembers = 20_000_000

  /// The limits as they stand.
  public init() {}
}
