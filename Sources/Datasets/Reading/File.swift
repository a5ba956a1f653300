import Foundation
import Synchronization

/// An open file, through the system's calls.
final class File: Sendable {
  /// What messages call it.
  let path: String
  private let descriptor: Int32

  enum Mode {
    case read
    /// Makes the file, or empties it.
    case create
    /// Makes the file where it isn't there and writes behind its end.
    case append
  }

  init(_ path: String, _ mode: Mode, shownAs name: String? = nil) throws(DatasetError) {
    self.path = name ?? path
    let flags =
      switch mode {
      case .read: O_RDONLY
      case .create: O_RDWR | O_CREAT | O_TRUNC
      case .append: O_RDWR | O_CREAT | O_APPEND
      }
    descriptor = open(path, flags | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw mode == .read
        ? .unreadable(path: path, reason: lastSystemError())
        : .directoryNotWritable(path: path, reason: lastSystemError())
    }
    if mode == .read, !isRegular {
      close(descriptor)
      throw .unreadable(path: path, reason: "not a file")
    }
  }

  deinit { close(descriptor) }

  private var isRegular: Bool {
    var information = stat()
    return fstat(descriptor, &information) == 0 && information.st_mode & S_IFMT == S_IFREG
  }

  /// Length in bytes.
  var size: Int {
    var information = stat()
    return fstat(descriptor, &information) == 0 ? Int(information.st_size) : 0
  }

  /// Up to `count` bytes at `offset`; fewer only at the end of the file.
  func read(_ count: Int, at offset: Int) throws(DatasetError) -> [UInt8] {
    var failure: String?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while initialized < count {
        let got = pread(
          descriptor, buffer.baseAddress! + initialized, count - initialized, off_t(offset + initialized))
        if got < 0 && errno == EINTR { continue }
        if got < 0 { failure = lastSystemError() }
        guard got > 0 else { return }
        initialized += got
      }
    }
    if let failure { throw .unreadable(path: path, reason: failure) }
    return bytes
  }

  /// Writes all bytes where the file stands.
  func write(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    var done = 0
    while done < bytes.count {
      let wrote = Foundation.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if wrote < 0 && errno == EINTR { continue }
      guard wrote > 0 else { throw .directoryNotWritable(path: path, reason: lastSystemError()) }
      done += wrote
    }
  }

  /// Writes all bytes where the file stands.
  func write(_ bytes: [UInt8]) throws(DatasetError) {
    let result = bytes.withUnsafeBytes { buffer in
      Result { () throws(DatasetError) in try write(buffer) }
    }
    try result.get()
  }

  /// Writes all bytes at `offset`, wherever the file stands.
  func write(_ bytes: [UInt8], at offset: Int) throws(DatasetError) {
    let wrote = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
    guard wrote == bytes.count else { throw .directoryNotWritable(path: path, reason: lastSystemError()) }
  }

  /// Forces what was written to the disk.
  func synchronize() throws(DatasetError) {
    guard fsync(descriptor) == 0 else { throw .directoryNotWritable(path: path, reason: lastSystemError()) }
  }

  /// Waits until this process alone holds the file; let go by closing it. Throws `interrupted` where `shouldStop` says
  /// so meanwhile.
  func lock(shouldStop: () -> Bool) throws(DatasetError) {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else {
        throw .directoryNotWritable(path: path, reason: lastSystemError())
      }
      if shouldStop() { throw .interrupted }
      usleep(20_000)
    }
  }

  /// Maps the whole file for reading.
  func map() throws(DatasetError) -> MappedBytes {
    let size = size
    guard size > 0 else { throw .truncated(file: path, offset: 0, expected: "content") }
    guard let address = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0), address != MAP_FAILED else {
      throw .unreadable(path: path, reason: lastSystemError())
    }
    return MappedBytes(UnsafeRawBufferPointer(start: address, count: size))
  }
}

/// A file's bytes in memory, page by page as they are touched.
final class MappedBytes: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer

  fileprivate init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    // A draw jumps about: reading ahead would fetch pages that nobody wants.
    madvise(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count, Int32(MADV_RANDOM))
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count) }

  /// Takes the pages out of this process's resident memory; the system keeps them while it has room.
  func release() {
    madvise(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count, Int32(MADV_DONTNEED))
  }
}

/// The text of the last failed system call's reason.
func lastSystemError() -> String { String(cString: strerror(errno)) }
