/// One file of a data set as its authors publish it.
public struct PublishedFile: Sendable, Hashable {
  /// The name that the authors gave it, and its name in a mirror.
  public let name: String
  /// Where it is published; empty for a file that only mirrors have.
  public let address: String
  /// SHA-256 of the published file; nil where it varies.
  public let sha256: String?
  /// MD5 of the published file, where that is all that is published of it; nil where it isn't known.
  public let md5: String?

  init(_ name: String, at folder: String, sha256: String?, md5: String? = nil) {
    self.init(name, address: folder.isEmpty ? "" : folder + name, sha256: sha256, md5: md5)
  }

  /// A file whose address doesn't end in its name.
  init(_ name: String, address: String, sha256: String?, md5: String? = nil) {
    self.name = name
    self.address = address
    self.sha256 = sha256
    self.md5 = md5
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
