import Foundation

/// Prints a line, in place of the library's function, which keeps silent about what it could not write.
func print(_ text: String) { writeOutput(text + "\n") }

/// Writes a text to standard output, all of it: where that can't be, as on a full disk, the program says so and ends with an
/// exit code of its own rather than with a part of an answer.
func writeOutput(_ text: String) {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let written = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    if written >= 0 {
      bytes = bytes.dropFirst(written)
      continue
    }
    switch errno {
    case EINTR: continue
    case EAGAIN:
      // Whoever reads it has made it so that a write doesn't wait.
      var descriptor = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
      _ = poll(&descriptor, 1, -1)
    case let code:
      FileHandle.standardError.write(
        Data("emc: standard output can't be written: \(String(cString: strerror(code)))\n".utf8))
      exit(EX_IOERR)
    }
  }
}
