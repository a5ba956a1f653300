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
      let answer = try await onThread { try reader.readToEnd() ?? Data() }
      #expect(try await process.exitCode() == 0)
      #expect(answer.count > 1 << 16)
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: answer) }
    }
  }

  /// What tells of progress can't be written, or has no reader: the measurement is none the worse.
  @Test(arguments: ["2>&-", "2>/dev/full", "2> >(true)"])
  func noMeasurementIsLostForWantOfAReader(_ redirection: String) async throws {
    try await withFolder { folder in
      let pipe = Pipe()
      let process = Process()
      process.executableURL = URL(filePath: "/bin/bash")
      process.arguments = [
        "-c", "exec \(EMCProcess.binary.path) measure --specification - \(redirection)",
      ]
      let input = Pipe()
      (process.standardInput, process.standardOutput) = (input, pipe)
      process.standardError = FileHandle.nullDevice
      process.currentDirectoryURL = folder
      try process.run()
      input.fileHandleForWriting.write(Data(Self.specification.utf8))
      try input.fileHandleForWriting.close()
      let reader = pipe.fileHandleForReading
      let answer = try await onThread { try reader.readToEnd() ?? Data() }
      try await onThread { process.waitUntilExit() }
      #expect(process.terminationStatus == 0)
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: answer) }
    }
  }

  /// Whoever stops a measurement gets what it knows, by whichever signal.
  @Test(arguments: [SIGINT, SIGTERM]) func aSignalEndsAMeasurementWithWhatIsKnown(_ number: Int32)
    async throws
  {
    try await withFolder { folder in
      let pipe = Pipe()
      let process = try EMCProcess(
        ["measure", "--specification", "-"], in: folder,
        input: #"""
          {"dataset": {"name": "gaussian", "dimensions": 400}, "model": {"kind": "mlp", "hidden": [64]},
           "training": {"max_steps": 2000}, "search": {"max_probes": 5000, "relative_width": 0.001}}
          """#, output: pipe)
      _ = try await eventually("a probe") { process.log.contains("probe") ? true : nil }
      kill(process.process.processIdentifier, number)
      let reader = pipe.fileHandleForReading
      let answer = try await onThread { try reader.readToEnd() ?? Data() }
      #expect(try await process.exitCode() == 128 + number)
      let result = try JSONSerialization.jsonObject(with: answer) as? [String: Any]
      #expect(result?["ended_by"] as? String == "interruption" && result?["interrupted"] as? Bool == true)
    }
  }

  /// Pipes, devices and links stay what they are.
  @Test func aPictureGoesIntoWhatIsNoFile() async throws {
    try await withFolder { folder in
      let result = Pipe()
      let measured = try EMCProcess(
        ["measure", "--specification", "-"], in: folder, input: Self.specification, output: result)
      let reader = result.fileHandleForReading
      let json = try await onThread { try reader.readToEnd() ?? Data() }
      #expect(try await measured.exitCode() == 0)
      let (pipe, link, target) = (
        folder.appending(path: "pipe").path, folder.appending(path: "link").path,
        folder.appending(path: "target").path
      )
      #expect(mkfifo(pipe, 0o600) == 0)
      try Data().write(to: URL(filePath: target))
      #expect(symlink(target, link) == 0)
      let plot = try EMCProcess(
        ["plot", "-", "--output", pipe, "--data", link], in: folder,
        input: String(decoding: json, as: UTF8.self))
      let drawn = try await onThread {
        try FileHandle(forReadingFrom: URL(filePath: pipe)).readToEnd() ?? Data()
      }
      #expect(try await plot.exitCode() == 0)
      #expect(String(decoding: drawn, as: UTF8.self).contains("</svg>"))
      #expect(try String(contentsOfFile: target, encoding: .utf8).contains("samples"))
      var status = stat()
      #expect(lstat(link, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
      #expect(lstat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    }
  }

  /// A study that can't be written to its folder is on standard output all the same.
  @Test func aStudyIsNotLostWithItsFolder() async throws {
    try await withFolder { folder in
      let output = folder.appending(path: "study")
      try FileManager.default.createDirectory(
        at: output.appending(path: "results.csv"), withIntermediateDirectories: true)
      let pipe = Pipe()
      let process = try EMCProcess(
        ["study", "--specification", "-", "--output", output.path], in: folder,
        input: #"{"base": \#(Self.specification), "axes": [{"pointer": "/seed", "values": [1, 2]}]}"#,
        output: pipe)
      let reader = pipe.fileHandleForReading
      let answer = try await onThread { try reader.readToEnd() ?? Data() }
      #expect(try await process.exitCode() == 1)
      let study = try JSONSerialization.jsonObject(with: answer) as? [String: Any]
      #expect(study?["comparison"] != nil)
      #expect(process.log.contains("results.csv can't be written"), "\(process.log)")
    }
  }
}

/// Flags are refused all at once, as specifications are.
@Suite struct FlagTests {
  private static let specification =
    #"{"dataset": {"name": "gaussian", "dimensions": 5}, "model": {"kind": "linear"}, "training": {"max_steps": 30}}"#

  @Test(arguments: [
    (
      [
        "simulate", "--threshold", "-1", "--scale", "0", "--trials", "0", "--study", "1,0,-1", "--axis",
        "1,2,nan",
      ],
      ["--threshold is -1", "--scale is 0", "--trials is 0", "--study has 0, -1;", "--axis has nan;"]
    ),
    (
      ["simulate", "--threshold", "100", "--scale", "0.1", "--study", "1,1,1,1", "--axis", "8,16,32,8"],
      ["--axis is 8,16,32,8; allowed: values that ascend"]
    ),
    (
      ["probe", "--samples", "0", "5", "5", "--replicates", "0"],
      ["--samples has 0;", "--samples has 5 more than once", "--replicates is 0"]
    ),
  ])
  func everyFlagIsTold(_ arguments: [String], _ told: [String]) async throws {
    try await withFolder { folder in
      let process = try EMCProcess(
        arguments + ["--specification", "-"], in: folder, input: Self.specification)
      #expect(try await process.exitCode() == 2)
      for text in told { #expect(process.log.contains(text), "\(process.log)") }
    }
  }
}
