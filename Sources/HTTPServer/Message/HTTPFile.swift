import Dispatch
import Glibc

/// A part of an open file, as the content of a response. The file is read while it is sent; replacing it under
/// its name changes nothing.
package struct HTTPFile: Sendable {
  private final class Descriptor: Sendable {
    let number: Int32
    init(_ number: Int32) { self.number = number }
    deinit { close(number) }
  }

  private let descriptor: Descriptor
  /// Offsets in the file.
  package let range: Range<Int>

  private static let pieceBytes = 262_144

  /// Nil where there is no such regular file, or it can't be read.
  package init?(path: String) {
    let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { return nil }
    descriptor = Descriptor(number)
    var status = stat()
    guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    range = 0..<Int(status.st_size)
  }

  private init(_ descriptor: Descriptor, _ range: Range<Int>) {
    self.descriptor = descriptor
    self.range = range
  }

  func part(_ part: Range<Int>) -> HTTPFile {
    HTTPFile(descriptor, (range.lowerBound + part.lowerBound)..<(range.lowerBound + part.upperBound))
  }

  /// The next piece from an offset on; empty where the file has become shorter than it was. Off the threads
  /// that serve requests: a disk may take its time.
  func piece(from offset: Int) async -> [UInt8] {
    let count = min(Self.pieceBytes, range.upperBound - offset)
    return await offCooperativePool { [descriptor] in
      [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        filled = max(0, pread(descriptor.number, buffer.baseAddress, count, off_t(offset)))
      }
    }
  }
}
