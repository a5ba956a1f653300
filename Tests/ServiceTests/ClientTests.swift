import Capacity
import Foundation
import Testing

/// `emc jobs` and the Python example against the built service, as users run them.
@Suite(.serialized) struct ClientTests {
  struct Run {
    let code: Int32
    let output: String
    let errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// A command to its end, with what it printed.
  private func run(
    _ arguments: [String], url: String, in folder: URL, input: String = ""
  ) async throws -> Run {
    try await Self.run(
      EMCProcess.binary, arguments, environment: ["EMC_URL": url], in: folder, input: input)
  }

  static func run(
    _ binary: URL, _ arguments: [String], environment: [String: String], in folder: URL, input: String = ""
  ) async throws -> Run {
    let process = Process()
    let names = ["out", "err", "in"].map { folder.appending(path: "\(UUID().uuidString).\($0)") }
    for (index, file) in names.enumerated() { try Data((index == 2 ? input : "").utf8).write(to: file) }
    process.executableURL = binary
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = try FileHandle(forWritingTo: names[0])
    process.standardError = try FileHandle(forWritingTo: names[1])
    process.standardInput = try FileHandle(forReadingFrom: names[2])
    try process.run()
    _ = try await eventually("the end of \(arguments)", within: .seconds(180)) {
      process.isRunning ? nil : true
    }
    return Run(
      code: process.terminationStatus, output: try String(contentsOf: names[0], encoding: .utf8),
      errors: try String(contentsOf: names[1], encoding: .utf8))
  }

  private func withServer(workers: Int = 1, _ body: (String, URL) async throws -> Void) async throws {
    try await withFolder { folder in
      let serve = try EMCProcess(
        [
          "serve", "--listen", "127.0.0.1:0", "--workers", String(workers), "--data-directory",
          folder.appending(path: "data").path,
        ], in: folder)
      defer { if serve.process.isRunning { serve.process.terminate() } }
      try await body("http://\(try await serve.address())", folder)
      serve.process.terminate()
      _ = try await serve.exitCode()
    }
  }

  private static func document(seed: Int, dimensions: Int = 8) -> String {
    #"{"name": "client \#(seed)", "dataset": {"name": "gaussian", "dimensions": \#(dimensions)}, "labels": {"kind": "random"}, "#
      + #""model": {"kind": "linear"}, "training": {"max_steps": 500}, "#
      + #""search": {"initial_samples": 8, "relative_width": 0.6, "max_probes": 20}, "seed": \#(seed)}"#
  }

  @Test func aJobIsSubmittedFollowedAndRead() async throws {
    try await withServer { url, folder in
      let submitted = try await run(
        ["jobs", "submit", "-"], url: url, in: folder, input: Self.document(seed: 1))
      #expect(submitted.code == 0, "\(submitted.errors)")
      let id = try #require(submitted.lines.first)
      #expect(UUID(uuidString: id) != nil && submitted.lines.count == 1)

      let watched = try await run(["jobs", "watch", id], url: url, in: folder)
      #expect(watched.code == 0 && watched.output.contains("Half of all runs fit"), "\(watched.errors)")
      #expect(watched.errors.contains("succeeded") && watched.errors.contains("[████████████████████]"))

      let waited = try await run(["jobs", "wait", "\(url)/v1/jobs/\(id)"], url: url, in: folder)
      let job = try JSONValue(parsing: waited.output.utf8)
      #expect(waited.code == 0 && job["id"] == .string(id) && job["state"] == .string("succeeded"))
      let shown = try await run(["jobs", "show", id], url: url, in: folder)
      #expect(try JSONValue(parsing: shown.output.utf8)["result"] == job["result"])
      let emc = try #require(job["result"]?["emc"]?.integerValue)
      let summary = try await run(["jobs", "show", id, "--summary"], url: url, in: folder)
      #expect(summary.lines[0].contains("EMC \(emc) ["))

      let list = try await run(["jobs", "list", "--state", "succeeded"], url: url, in: folder)
      #expect(list.lines.count == 2 && list.lines[1].contains(id) && list.lines[1].contains("client 1"))
      let none = try await run(["jobs", "list", "--state", "failed", "--json"], url: url, in: folder)
      #expect(none.code == 0 && none.output.isEmpty)
    }
  }

  @Test func exitCodesTellWhatHappened() async throws {
    try await withServer(workers: 0) { url, folder in
      let refused = try await run(
        ["jobs", "submit", "-"], url: url, in: folder,
        input: #"{"dataset": {"name": "gaussian"}, "model": {"kind": "mpl"}}"#)
      #expect(
        refused.code == 2 && refused.errors.contains("/model/kind")
          && refused.errors.contains("/dataset/dimensions"))
      #expect(try await run(["jobs", "submit", "-"], url: url, in: folder, input: "{").code == 2)
      #expect(try await run(["jobs", "show", "x"], url: url, in: folder).code == 2)
      let unknown = try await run(["jobs", "show", UUID().uuidString], url: url, in: folder)
      #expect(unknown.code == 1 && unknown.errors.contains("no job"))

      let submitted = try await run(
        ["jobs", "submit", "-"], url: url, in: folder, input: Self.document(seed: 2))
      let id = try #require(submitted.lines.first)
      // Nobody trains here, so nothing ends by itself.
      let late = try await run(["jobs", "wait", id, "--timeout", "0.2"], url: url, in: folder)
      #expect(late.code == 124 && late.output.isEmpty)
      #expect(try await run(["jobs", "cancel", id], url: url, in: folder).output == "\(id) cancelled\n")
      #expect(try await run(["jobs", "wait", id, "--quiet"], url: url, in: folder).code == 3)
      #expect(try await run(["jobs", "cancel", id], url: url, in: folder).code == 1)

      let nobody = try await run(["jobs", "list"], url: "http://127.0.0.1:9", in: folder)
      #expect(nobody.code == 4 && nobody.errors.contains("127.0.0.1:9"))
      #expect(try await run(["jobs", "list"], url: "nonsense", in: folder).code == 2)
    }
  }

  @Test func shellsComplete() async throws {
    try await withFolder { folder in
      for shell in ["bash", "zsh", "fish"] {
        let script = try await run(["--generate-completion-script", shell], url: "", in: folder)
        #expect(
          script.code == 0 && script.output.contains("jobs") && script.output.contains("watch"), "\(shell)")
      }
    }
  }

  /// A Python that has both packages; nil where there is none.
  private static let python: URL? = {
    let named = ProcessInfo.processInfo.environment["EMC_TEST_PYTHON"].map { [$0] } ?? []
    return (named + ["/usr/bin/python3", "/usr/local/bin/python3"]).lazy.map { URL(filePath: $0) }.first {
      python in
      guard FileManager.default.isExecutableFile(atPath: python.path) else { return false }
      let process = Process()
      process.executableURL = python
      process.arguments = ["-c", "import requests, pandas"]
      process.standardError = FileHandle.nullDevice
      return (try? process.run()) != nil
        && {
          process.waitUntilExit(); return process.terminationStatus == 0
        }()
    }
  }()

  @Test(.enabled(if: python != nil, "needs a Python with requests and pandas; EMC_TEST_PYTHON names one"))
  func thePythonExampleRuns() async throws {
    let python = try #require(Self.python)
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    try await withServer { url, folder in
      let result = try await Self.run(
        python, [root.appending(path: "examples/client.py").path], environment: ["EMC_URL": url], in: folder)
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.lines[0].contains("parameter_count") && result.lines[0].contains("interval.lower"))
      // 2 inputs for each of width 2, 4, 8: (10 + 1) w + (w + 1) 2 parameters.
      for (line, count) in zip(result.lines.dropFirst(), [28, 54, 106]) {
        #expect(line.split(separator: " ").map(String.init).contains(String(count)), "\(line)")
      }
      // pandas reads the service's own address.
      #expect(result.lines.last?.hasPrefix("3 results with ") == true, "\(result.lines.last ?? "")")
    }
  }
}
