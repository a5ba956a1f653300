import Foundation
import Glibc

/// A name for this process's workers that a later process on the same data directory takes over, so that it
/// knows its predecessor to be dead and need not wait for its leases.
///
/// The name is a UUID in the file `workers/<k>` of the data directory, for the first k whose file nobody else has
/// locked.
package final class WorkerIdentity: Sendable {
  /// What the names of this process's workers begin with: `<host>/<UUID>/`.
  package let name: String
  private let lock: FileLock

  /// Takes the first free identity of a data directory.
  package init(dataDirectory: URL) throws(DataDirectoryError) {
    let folder = dataDirectory.appending(path: "workers", directoryHint: .isDirectory)
    var number = 0
    var lock = try FileLock(folder.appending(path: "0"))
    while lock == nil {
      number += 1
      lock = try FileLock(folder.appending(path: "\(number)"))
    }
    guard let lock else { preconditionFailure("the loop ends with a lock") }
    self.lock = lock
    name = "\(ProcessInfo.processInfo.hostName)/\(Self.identifier(in: lock.descriptor))/"
  }

  /// The UUID in a locked file, written now where there is none.
  private static func identifier(in descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 36)
    if pread(descriptor, &bytes, 36, 0) == 36,
      let found = UUID(uuidString: String(decoding: bytes, as: UTF8.self))
    {
      return found.uuidString.lowercased()
    }
    let fresh = UUID().uuidString.lowercased()
    _ = pwrite(descriptor, Array(fresh.utf8), 36, 0)
    return fresh
  }
}
