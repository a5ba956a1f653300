/// One file of a data set as its authors publish it.
public struct PublishedFile: Sendable, Hashable {
  /// The name that the authors gave it, and its name in a mirror.
  public let name: String
  /// Where it is published; empty for a file that only mirrors have.
  public let address: String
  /// SHA-256 of the published file; nil where it varies.
  public let sha256: String?

  init(_ name: String, at folder: String, sha256: String?) {
    self.name = name
    address = folder.isEmpty ? "" : folder + name
    self.sha256 = sha256
  }
}

/// How far a download is.
public struct FetchProgress: Sendable, Hashable {
  /// The data set.
  public let dataset: String
  /// The file.
  public let file: String
  /// Bytes that have arrived, those of an earlier try included.
  public let received: Int
  /// Bytes of the whole file, where the server says.
  public let total: Int?
}
