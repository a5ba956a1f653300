import Foundation

/// An exclusive lock on a file. The kernel releases it when the process dies.
enum FileLock {
  /// Waits for the lock, runs the body and releases the lock.
  static func hold<T>(_ path: String, while body: () throws -> T) throws -> T {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw ClusterError.unusable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
    return try body()
  }
}
