import Foundation
import Glibc

/// A name for this process's workers that a later process on the same data directory takes over, so that it
/// knows its predecessor to be dead and need not wait for its leases.
///
/// The name is a UUID in the file `workers/<k>` of the data directory, for the first k whose file nobody else has
/// locked. The lock ends with the process, however it ends.
public final class WorkerIdentity: Sendable {
  /// What the names of this process's workers begin with: `<host>/<UUID>/`.
  public let name: String
  private let descriptor: Int32

  /// Takes the first free identity of a data directory.
  ///
  /// - Throws: `WorkerIdentityError` when the directory can't be written.
  public init(dataDirectory: URL) throws(WorkerIdentityError) {
    let directory = dataDirectory.appending(path: "workers", directoryHint: .isDirectory)
    do {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    } catch {
      throw WorkerIdentityError(path: directory.path, reason: error.localizedDescription)
    }
    var number = 0
    while true {
      let path = directory.appending(path: "\(number)").path
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else {
        throw WorkerIdentityError(path: path, reason: String(cString: strerror(errno)))
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
        self.descriptor = descriptor
        name = "\(ProcessInfo.processInfo.hostName)/\(Self.identifier(in: descriptor))/"
        return
      }
      close(descriptor)
      number += 1
    }
  }

  deinit { close(descriptor) }

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

/// The data directory can't be written.
public struct WorkerIdentityError: Error, CustomStringConvertible {
  let path: String
  let reason: String

  /// What is wrong and what to do, in a line.
  public var description: String {
    "can't write \(path): \(reason); make it writable or choose another data directory (EMC_DATA_DIRECTORY)"
  }
}
