import Foundation
import Synchronization

/// A body on its way to become a data set: written to disk as it comes, never held in memory whole.
public final class Upload: Sendable {
  private let library: DatasetLibrary
  private let path: String
  private let file: File
  private let limit: Int
  private let received = Mutex(0)

  fileprivate init(library: DatasetLibrary, limit: Int) throws(DatasetError) {
    self.library = library
    self.limit = limit
    path = "\(try library.directory.folder(.uploads))/\(UUID().uuidString).tmp"
    file = try File(path, .create)
  }

  deinit { delete() }

  /// Deletes what came, at once: another thread may hold the upload for a moment longer.
  public func delete() { unlink(path) }

  /// Adds the next bytes. Throws `limitExceeded` beyond the limit.
  public func write(_ bytes: [UInt8]) throws(DatasetError) {
    let total = received.withLock { received in
      received += bytes.count
      return received
    }
    guard total <= limit else {
      throw .limitExceeded(file: "the upload", limit: "more than \(limit) bytes were sent")
    }
    try file.write(bytes)
  }

  /// Decodes what came and registers it under a name; the received file goes either way.
  ///
  /// - Parameter file: what messages call the file; the data set's name by default.
  /// - Parameter isDryRun: nothing is registered or kept.
  /// - Throws: as `DatasetLibrary.add`.
  public func finish(
    name: String, format: UploadFormat, shownAs file: String? = nil, isDryRun: Bool = false
  ) throws(DatasetError) -> Addition {
    defer { delete() }
    return try library.add(name: name, format: format, path, shownAs: file ?? name, isDryRun: isDryRun)
  }
}

extension DatasetLibrary {
  /// Begins a data set whose bytes come in parts; at most `limit` of them. Dropping it drops what came.
  public func beginUpload(limit: Int = 16 << 30) throws(DatasetError) -> Upload {
    try Upload(library: self, limit: limit)
  }

  /// Removes what processes that were killed have left of uploads and decoding: temporary files that nobody
  /// has written to since `date`.
  public func removeAbandoned(before date: Date) {
    let manager = FileManager.default
    for folder in [directory.path(.uploads), directory.path(.blocks)] {
      for name in (try? manager.contentsOfDirectory(atPath: folder)) ?? []
      where name.hasSuffix(".tmp") || name.hasPrefix("adding-") {
        var information = stat()
        guard stat("\(folder)/\(name)", &information) == 0,
          Double(information.st_mtim.tv_sec) < date.timeIntervalSince1970
        else { continue }
        unlink("\(folder)/\(name)")
      }
    }
  }
}
