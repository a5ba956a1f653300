import Foundation
import Glibc

/// An exclusive lock on a file of the data directory. It ends with the process, however that ends.
final class FileLock: Sendable {
  let descriptor: Int32

  /// Locks a file, made where it is not there; nil when another process holds it.
  ///
  /// - Throws: `DataDirectoryError` when the file can't be written.
  init?(_ url: URL) throws(DataDirectoryError) {
    let folder = url.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw .notWritable(path: folder.path, reason: error.localizedDescription)
    }
    let descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .notWritable(path: url.path, reason: String(cString: strerror(errno)))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}

/// Why a data directory can't be used.
package enum DataDirectoryError: Error, CustomStringConvertible {
  /// A file or folder in it can't be written.
  case notWritable(path: String, reason: String)
  /// Another `emc serve` keeps its private database there.
  case inUse(path: String)

  /// What is wrong and what to do, in a line.
  package var description: String {
    switch self {
    case .notWritable(let path, let reason):
      "can't write \(path): \(reason); make it writable or choose another data directory (EMC_DATA_DIRECTORY)"
    case .inUse(let path):
      "another emc serve keeps its database in \(path): stop it, choose another data directory, or give both one "
        + "database (DATABASE_URL)"
    }
  }
}
