import Foundation
import Glibc
import Persistence

/// A name for this process's workers that a later process on the same data directory takes over, so that it
/// knows its predecessor to be dead and need not wait for its leases.
///
/// The name is a UUID in the file `workers/<k>` of the data directory, for the first k whose file nobody else
/// has locked.
package final class WorkerIdentity: Sendable {
  /// What the names of this process's workers begin with: `<host>/<UUID>/`.
  package let name: String
  /// Where outcomes of this process are kept that could not be recorded yet.
  let outbox: URL
  private let lock: FileLock
  /// The folders of a data directory that identities keep their files in.
  static let folders = [locksFolder, outboxFolder]
  private static let locksFolder = "workers"
  private static let outboxFolder = "outbox"

  /// Takes the first free identity of a data directory.
  package init(dataDirectory: URL) throws(DataDirectoryError) {
    var number = 0
    var lock = try FileLock(in: dataDirectory, "\(Self.locksFolder)/0")
    while lock == nil {
      number += 1
      lock = try FileLock(in: dataDirectory, "\(Self.locksFolder)/\(number)")
    }
    guard let lock else { preconditionFailure("the loop ends with a lock") }
    self.lock = lock
    let identifier = Self.identifier(in: lock.descriptor)
    name = "\(ProcessInfo.processInfo.hostName)/\(identifier)/"
    outbox = dataDirectory.appending(path: "\(Self.outboxFolder)/\(identifier)", directoryHint: .isDirectory)
  }

  /// The UUID in a locked file, written now where there is none.
  private static func identifier(in descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 36)
    if pread(descriptor, &bytes, 36, 0) == 36,
      let found = UUID(uuidString: String(decoding: bytes, as: UTF8.self))
    {
      return found.shown
    }
    let fresh = UUID().shown
    _ = pwrite(descriptor, Array(fresh.utf8), 36, 0)
    return fresh
  }
}

extension FileLock {
  /// The file of a data directory that the one process holds which keeps its private database there.
  static let ofServer = "serve.lock"

  /// Locks a file of a data directory, made where it is not there; nil when another process holds it.
  convenience init?(in dataDirectory: URL, _ name: String) throws(DataDirectoryError) {
    let file = dataDirectory.appending(path: name)
    let folder = file.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw .notWritable(path: folder.path, reason: error.localizedDescription)
    }
    do throws(FileFault) {
      try self.init(file.path, waits: false)
    } catch {
      throw .notWritable(path: error.path, reason: error.reason)
    }
  }
}
