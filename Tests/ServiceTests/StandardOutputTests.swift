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
      let descriptor = pipe.fileHandleForWriting.fileDescriptor
      #expect(fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0)
      let process = try EMCProcess(
        ["measure", "--specification", "-"], in: folder, input: Self.specification,
        output: pipe.fileHandleForWriting)
      try pipe.fileHandleForWriting.close()
      // Until it has measured all of it and writes, or has written what fits.
      _ = try await eventually("the last probe") { process.log.contains("80 probes") ? true : nil }
      try await Task.sleep(for: .milliseconds(300))
      let reader = pipe.fileHandleForReading
      let answer = try await Task.detached { try reader.readToEnd() ?? Data() }.value
      #expect(try await process.exitCode() == 0)
      #expect(answer.count > 1 << 16)
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: answer) }
    }
  }
}
