import Foundation

/// A body on its way to become a data set: written to disk as it comes, never held in memory whole.
public final class Upload {
  private let library: DatasetLibrary
  private let name: String
  private let path: String
  private let file: File
  private let limit: Int
  private var received = 0

  fileprivate init(library: DatasetLibrary, name: String, limit: Int) throws(DatasetError) {
    self.library = library
    self.name = name
    self.limit = limit
    path = "\(try library.directory.folder("uploads"))/\(UUID().uuidString).tmp"
    file = try File(path, .create)
  }

  deinit { unlink(path) }

  /// Adds the next bytes. Throws `limitExceeded` beyond the limit.
  public func write(_ bytes: [UInt8]) throws(DatasetError) {
    received += bytes.count
    guard received <= limit else {
      throw .limitExceeded(file: name, limit: "more than \(limit) bytes were sent")
    }
    try file.write(bytes)
  }

  /// Decodes what came and registers it; the received file goes either way.
  public func finish(format: UploadFormat) throws(DatasetError) -> StoredDataset {
    try library.add(name: name, format: format, path, shownAs: name)
  }
}

extension DatasetLibrary {
  /// Begins a data set whose bytes come in parts; at most `limit` of them. Dropping it drops what came.
  ///
  /// Throws `invalidName` and `nameTaken` before anything is written.
  public func beginUpload(name: String, limit: Int = 16 << 30) throws(DatasetError) -> Upload {
    try checkFree(name)
    return try Upload(library: self, name: name, limit: limit)
  }
}
