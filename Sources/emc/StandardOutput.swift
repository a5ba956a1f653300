import Foundation

/// Prints a line, in place of the library's function, which keeps silent about what it could not write.
func print(_ text: String) { writeOutput(text + "\n") }

/// Writes a text to standard output, all of it: where that can't be, as on a full disk, the program says so and ends with an
/// exit code of its own rather than with a part of an answer.
func writeOutput(_ text: String) {
  if let reason = write(text, to: STDOUT_FILENO) {
    writeError("emc: standard output can't be written: \(reason)\n")
    exit(EX_IOERR)
  }
}

/// Writes a text to standard error, as far as it can be written: for want of a reader no measurement is lost.
func writeError(_ text: String) { _ = write(text, to: STDERR_FILENO) }

/// Opens what of the three standard descriptors is closed, so that no file of ours takes its place. What can't be written, or
/// read, still can't.
func reserveStandardDescriptors() {
  for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
  where fcntl(descriptor, F_GETFD) == -1 {
    // The lowest that is free, which is this one.
    _ = open("/dev/null", mode)
  }
}

/// Writes all of a text; why that can't be, or nil.
private func write(_ text: String, to file: Int32) -> String? {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let written = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    if written >= 0 {
      bytes = bytes.dropFirst(written)
      continue
    }
    switch errno {
    case EINTR: continue
    case EAGAIN:
      // Whoever reads it has made it so that a write doesn't wait.
      var descriptor = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
      _ = poll(&descriptor, 1, -1)
    case let code: return String(cString: strerror(code))
    }
  }
  return nil
}
