import Foundation

/// The places in the data directory. Folders are made when they are first written to.
struct DataDirectory: Sendable {
  let root: String

  /// All that is kept there.
  enum Folder: String, CaseIterable {
    /// Decoded data sets.
    case blocks
    /// Published files as they came, in a folder for each data set.
    case downloads
    /// Of what only one process may do at a time.
    case locks
    /// Which data sets were added.
    case stored
    /// What is being received.
    case uploads
  }

  init(_ url: URL) { root = url.path }

  /// Where a folder is, whether or not it is there.
  func path(_ folder: Folder, of dataset: String? = nil) -> String {
    "\(root)/\(folder.rawValue)" + (dataset.map { "/\($0)" } ?? "")
  }

  /// Where a downloaded file is kept.
  func download(_ file: String, of dataset: String) throws(DatasetError) -> String {
    try folder(.downloads, of: dataset) + "/" + file
  }

  /// Where a decoded data set is kept, whether or not it is there.
  func block(_ name: String) -> String { "\(path(.blocks))/\(name).block" }

  /// Makes the folder of the decoded data sets.
  func makeBlocks() throws(DatasetError) { _ = try folder(.blocks) }

  /// A folder of the data directory, made where it isn't there.
  func folder(_ folder: Folder, of dataset: String? = nil) throws(DatasetError) -> String {
    let path = path(folder, of: dataset)
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw .directoryNotWritable(
        path: path, reason: access(path, F_OK) == 0 ? lastSystemError() : error.localizedDescription)
    }
    guard access(path, W_OK) == 0 else { throw .directoryNotWritable(path: path, reason: lastSystemError()) }
    return path
  }

  /// Runs `body` while no other process or thread holds the same name.
  func exclusively<T>(
    _ name: String, shouldStop: () -> Bool = { false }, _ body: () throws(DatasetError) -> T
  ) throws(DatasetError) -> T {
    let lock = try hold(name, shouldStop: shouldStop)
    return try withExtendedLifetime(lock) { () throws(DatasetError) in try body() }
  }

  /// Waits until no other process or thread holds the name, which is held until the file is let go of.
  func hold(_ name: String, shouldStop: () -> Bool = { false }) throws(DatasetError) -> File {
    let lock = try File("\(try folder(.locks))/\(name).lock", .append)
    try lock.lock(shouldStop: shouldStop)
    return lock
  }

  /// The names, without `ending`, of the files in a folder; none where there is no folder.
  func names(in folder: Folder, of dataset: String? = nil, ending: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: path(folder, of: dataset))) ?? []
    return files.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }.sorted()
  }
}
