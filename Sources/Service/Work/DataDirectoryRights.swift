import Datasets
import Foundation
import Glibc
import Persistence

/// Who may read the data directory: its owner alone.
///
/// Files are 0600 and folders 0700. Where a private cluster's server runs as another user than this process,
/// which is root then, the folders on the way to it let others pass through (0711), and no more.
enum DataDirectoryRights {
  /// Makes the data directory with the right modes, mends those of what is in it, and lets this process make
  /// nothing that others may read.
  ///
  /// - Parameter holdsCluster: whether a private cluster is kept in it.
  static func secure(_ directory: URL, holdsCluster: Bool) throws(DataDirectoryError) {
    umask(0o077)
    let mode: mode_t = holdsCluster && geteuid() == 0 ? 0o711 : 0o700
    try make(directory.standardizedFileURL.path, mode: mode)
    restrict(directory.path, to: mode)
    for name in parts { tighten(directory.appending(path: name).path) }
  }

  /// What this program keeps there, the cluster apart, which has modes of its own.
  private static let parts =
    DatasetLibrary.folders + WorkerIdentity.folders + [ArtifactStore.folderName, FileLock.ofServer]

  /// Makes a folder and those above it that are not there.
  private static func make(_ path: String, mode: mode_t) throws(DataDirectoryError) {
    guard access(path, F_OK) != 0 else { return }
    let parent = (path as NSString).deletingLastPathComponent
    if parent != path { try make(parent, mode: mode) }
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw .notWritable(path: path, reason: String(cString: strerror(errno)))
    }
    // Not subject to the mask.
    chmod(path, mode)
  }

  private static func tighten(_ path: String) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { return }
    switch facts.st_mode & S_IFMT {
    case S_IFREG: restrict(path, to: 0o600)
    case S_IFDIR:
      restrict(path, to: 0o700)
      for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
        tighten("\(path)/\(name)")
      }
    default: break
    }
  }

  /// Takes away what a mode doesn't allow, and gives what it does. What isn't this user's stays as it is.
  private static func restrict(_ path: String, to mode: mode_t) {
    var facts = stat()
    guard stat(path, &facts) == 0, facts.st_uid == geteuid(), facts.st_mode & 0o7777 != mode else { return }
    chmod(path, mode)
  }
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
