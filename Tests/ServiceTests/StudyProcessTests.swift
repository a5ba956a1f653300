import Capacity
import Datasets
import Foundation
import FoundationNetworking
import Testing

private let study = #"""
  {"name": "killed", "base": {"dataset": {"name": "gaussian", "dimensions": 40},
    "model": {"kind": "mlp", "hidden": [4]}, "training": {"max_steps": 3000},
    "search": {"initial_samples": 32, "max_probes": 16}, "seed": 3},
   "axes": [{"pointer": "/model/activation", "values": ["relu", "tanh"]}]}
  """#

private func request(_ method: String, _ url: String, _ body: String? = nil) async throws -> JSONValue {
  var request = URLRequest(url: try #require(URL(string: url)))
  request.httpMethod = method
  request.httpBody = body.map { Data($0.utf8) }
  return try JSONValue(parsing: try await URLSession.shared.data(for: request).0)
}

/// Studies by the built command, killed in the middle.
@Suite(.serialized) struct StudyProcessTests {
  /// What the study finds where nobody kills it.
  private static func expected() throws -> String? {
    let admission = try StudyAdmission(json: JSONValue(parsing: Array(study.utf8)))
    let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)
    let json = LocalStudy(admission, library: library, workers: 2).run().json()
    return StudyTests.withoutJobs(json["comparison"])?.text()
  }

  @Test func aKilledServiceEndsWithTheComparisonItWouldHaveHad() async throws {
    let expected = try Self.expected()
    try await withFolder { folder in
      let serve = ["serve", "--listen", "127.0.0.1:0", "--workers", "2", "--data-directory", folder.path]
      let first = try EMCProcess(serve, in: folder)
      let address = try await first.address()
      // A database that has just begun may need longer than a request waits, and then nothing was stored.
      let id = try await eventually("a study that is taken") {
        let answer = try await request("POST", "http://\(address)/v1/studies", study)
        if answer["id"] == nil { #expect(answer["status"] == .integer(503), "\(answer)") }
        return answer["id"]?.stringValue
      }
      _ = try await eventually("three probes") {
        let study = try await request("GET", "http://\(address)/v1/studies/\(id)")
        #expect(study["state"] != .string("succeeded"), "the study ended before it could be killed")
        return (study["cost"]?["probes"]?["asked"]?.integerValue ?? 0) >= 3 ? true : nil
      }
      kill(first.process.processIdentifier, SIGKILL)
      _ = try await first.exitCode()
      let second = try EMCProcess(serve, in: folder)
      let again = try await second.address()
      _ = try await eventually("the study's end", within: .seconds(180)) {
        try await request("GET", "http://\(again)/v1/studies/\(id)")["state"] == .string("succeeded")
          ? true : nil
      }
      let comparison = try await request("GET", "http://\(again)/v1/studies/\(id)/comparison")
      #expect(StudyTests.withoutJobs(comparison)?.text() == expected)
      second.process.terminate()
      #expect(try await second.exitCode() == 0)
    }
  }

  /// A study of which a cell fails has failed, and is written all the same.
  @Test func aStudyWithAFailedCellEndsWithAFailure() async throws {
    try await withFolder { folder in
      let text = #"""
        {"base": {"model": {"kind": "linear"}, "training": {"max_steps": 20}, "search": {"max_probes": 2}},
         "axes": [{"pointer": "/dataset", "values": [{"name": "gaussian", "dimensions": 4}, {"name": "mnist"}],
                   "labels": ["gaussian", "mnist"]}]}
        """#
      let output = folder.appending(path: "out")
      let process = try EMCProcess(
        [
          "study", "--specification", "-", "--output", output.path, "--dataset-mirror", "file:///nowhere",
          "--data-directory", folder.path,
        ],
        in: folder,
        input: text)
      #expect(try await process.exitCode() == 1)
      let report = try String(contentsOf: output.appending(path: "report.md"), encoding: .utf8)
      #expect(report.contains("**Failed**\n\n- mnist: "), "\(report)")
    }
  }

  /// What would be set twice, or nowhere, is refused before anything is trained.
  @Test(arguments: [
    (["--seed", "9"], "--seed stands beside an axis over /seed"),
    (["--output", ""], "--output: no folder is named"),
  ])
  func contradictoryFlagsAreRefused(_ flags: [String], _ message: String) async throws {
    try await withFolder { folder in
      let text = #"""
        {"base": {"dataset": {"name": "gaussian", "dimensions": 4}, "model": {"kind": "linear"}},
         "axes": [{"pointer": "/seed", "values": [1, 2]}]}
        """#
      let process = try EMCProcess(["study", "--specification", "-"] + flags, in: folder, input: text)
      #expect(try await process.exitCode() == 2)
      #expect(process.log.contains(message), "\(process.log)")
    }
  }

  @Test func aKilledCommandGoesOnWhereItWas() async throws {
    let expected = try Self.expected()
    try await withFolder { folder in
      let file = folder.appending(path: "study.json")
      try Data(study.utf8).write(to: file)
      let output = folder.appending(path: "out")
      let log = output.appending(path: "probes.ndjson")
      let arguments = [
        "study", "--specification", file.path, "--output", output.path, "--workers", "2", "--data-directory",
        folder.path,
      ]
      let first = try EMCProcess(arguments, in: folder)
      _ = try await eventually("three probes") {
        let text = (try? Data(contentsOf: log)) ?? Data()
        return text.count { $0 == 0x0A } >= 3 ? true : nil
      }
      kill(first.process.processIdentifier, SIGKILL)
      _ = try await first.exitCode()
      // A figure of another study that was written there, and a file of somebody's own.
      let (stale, own) = (
        output.appending(path: "test_accuracy_over_log_emc.svg"), output.appending(path: "own.svg")
      )
      for file in [stale, own] { try Data("<svg/>".utf8).write(to: file) }
      let pipe = Pipe()
      let second = try EMCProcess(arguments, in: folder, output: pipe)
      let json = try JSONValue(parsing: try pipe.fileHandleForReading.readToEnd() ?? Data())
      #expect(try await second.exitCode() == 0)
      #expect(StudyTests.withoutJobs(json["comparison"])?.text() == expected)
      #expect((json["cost"]?["probes"]?["known"]?.integerValue ?? 0) >= 3)
      let written = try JSONValue(parsing: Data(contentsOf: output.appending(path: "study.json")))
      #expect(written == json)
      let table = try String(contentsOf: output.appending(path: "results.csv"), encoding: .utf8)
      #expect(table.split(separator: "\r\n").count == 3)
      let report = try String(contentsOf: output.appending(path: "report.md"), encoding: .utf8)
      #expect(report.hasPrefix("# killed") && report.contains("## Verdict"))
      #expect(report.contains("![comparison](comparison.svg)"))
      #expect(
        !FileManager.default.fileExists(atPath: stale.path)
          && FileManager.default.fileExists(atPath: own.path))
    }
  }

  @Test(arguments: [
    (["study"], "--preset"), (["study", "--preset", "flying"], "/preset"),
    (["study", "--preset", "activations", "--scale", "huge"], "/scale"),
    (["study", "--specification", "-", "--scale", "quick"], "--scale"),
    (["study", "--specification", "-"], "/axes"),
  ])
  func wrongUsageIsRefusedWithWhatWouldBeRight(_ arguments: [String], _ says: String) async throws {
    try await withFolder { folder in
      let command = try EMCProcess(arguments + ["--data-directory", folder.path], in: folder, input: "{}")
      #expect(try await command.exitCode() == 2)
      #expect(command.log.contains(says))
    }
  }
}
