import Foundation
import Testing

/// An answer is written whole, or the command says that it wasn't.
@Suite struct StandardOutputTests {
  private static let specification =
    #"{"dataset": {"name": "gaussian", "dimensions": 5}, "model": {"kind": "linear"}, "training": {"max_steps": 300}, "search": {"strategy": "grid", "sizes": [4, 8, 12, 40], "replicates": 20}}"#

  @Test func aFullDiskIsNoSuccess() async throws {
    try await withFolder { folder in
      let full = try FileHandle(forWritingTo: URL(filePath: "/dev/full"))
      let process = try EMCProcess(
        ["describe", "--specification", "-"], in: folder, input: Self.specification, output: full)
      #expect(try await process.exitCode() == EX_IOERR)
      #expect(process.log.contains("standard output can't be written"))
    }
  }

  /// A pipe whose other end has made it so that writes don't wait, and reads late: it holds less than the answer.
  @Test func aReaderThatIsLateGetsAllOfIt() async throws {
    try await withFolder { folder in
      let pipe = Pipe()
      let writing = pipe.fileHandleForWriting
      let flags = fcntl(writing.fileDescriptor, F_GETFL)
      #expect(fcntl(writing.fileDescriptor, F_SETFL, flags | O_NONBLOCK) == 0)
      let process = try EMCProcess(
        ["measure", "--specification", "-"], in: folder, input: Self.specification, output: writing)
      _ = try await eventually("a full pipe") {
        var descriptor = pollfd(fd: writing.fileDescriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&descriptor, 1, 0) == 0 ? true : nil
      }
      try writing.close()
      let reader = pipe.fileHandleForReading
      let answer = try await Task.detached { try reader.readToEnd() ?? Data() }.value
      #expect(try await process.exitCode() == 0)
      #expect(answer.count > 1 << 16)
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: answer) }
    }
  }
}
