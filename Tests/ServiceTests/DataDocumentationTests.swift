import Foundation
import Testing

/// The commands of `docs/data.md`, run as they stand there.
@Suite struct DataDocumentationTests {
  /// Commands, and lines of their answer in order.
  private struct Example {
    let commands: String
    let lines: [String]
  }

  private static func examples() throws -> [Example] {
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    let text = try String(contentsOf: root.appending(path: "docs/data.md"), encoding: .utf8)
    let blocks = text.matches(of: /(?s)```(\w+)\n(.*?)```/).map { (String($0.1), String($0.2)) }
    return zip(blocks, blocks.dropFirst() + [("", "")]).compactMap { block, next in
      guard block.0 == "sh" else { return nil }
      return Example(
        commands: block.1,
        lines: next.0 == "sh"
          ? [] : next.1.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
    }
  }

  @Test func everyCommandAnswersAsThePageSays() async throws {
    let examples = try Self.examples()
    #expect(examples.count > 10)
    try await withFolder { folder in
      // The command under its own name, and a data directory of the test's.
      let bin = folder.appending(path: "bin")
      try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        at: bin.appending(path: "emc"), withDestinationURL: EMCProcess.binary)
      for example in examples {
        let answer = folder.appending(path: "answer")
        _ = FileManager.default.createFile(atPath: answer.path, contents: nil)
        let output = try FileHandle(forWritingTo: answer)
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", example.commands]
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging([
          "EMC_DATA_DIRECTORY": folder.appending(path: "data").path,
          "PATH": bin.path + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8",
        ]) { $1 }
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        _ = try await eventually("the end of \(example.commands)") { process.isRunning ? nil : true }
        var rest = try String(contentsOf: answer, encoding: .utf8)[...]
        for line in example.lines {
          guard let found = rest.range(of: line) else {
            Issue.record("\(example.commands)lacks '\(line)':\n\(rest)")
            break
          }
          rest = rest[found.upperBound...]
        }
      }
    }
  }
}
