import Foundation

/// An exclusive lock on a file. It ends with the object or with the process, however that ends.
package final class FileLock: Sendable {
  /// The locked file, open for reading and writing.
  package let descriptor: Int32

  /// Locks a file, made where it is not there; nil when another has it and `waits` is false.
  package init?(_ path: String, waits: Bool) throws(FileFault) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileFault(path: path) }
    while flock(descriptor, waits ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}

/// What the system says of a file that can't be used.
package struct FileFault: Error, Sendable, Hashable {
  /// The file.
  package let path: String
  /// The system's reason.
  package let reason: String

  /// The last fault of this thread.
  init(path: String) {
    self.path = path
    reason = String(cString: strerror(errno))
  }
}
