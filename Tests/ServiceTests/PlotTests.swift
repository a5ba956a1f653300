import Capacity
import Foundation
import FoundationXML
import HTTPServer
import Persistence
import Service
import Testing

private let small = """
  {"name": "a <small> one", "dataset": {"name": "gaussian", "dimensions": 10}, "model": {"kind": "linear"},
   "training": {"max_steps": 400}, "search": {"max_probes": 24}, "seed": 7}
  """

/// Counts the marks of probes in a picture; nil where it isn't well-formed.
private func marks(_ svg: String) -> Int? {
  XMLParser(data: Data(svg.utf8)).parse() ? svg.matches(of: /<title>[\d,]+ samples, replicate/).count : nil
}

private func text(_ response: HTTPResponse) -> String {
  guard case .bytes(let bytes) = response.body else { return "" }
  return String(decoding: bytes, as: UTF8.self)
}

/// A job's picture by its route, and `emc plot`.
@Suite struct PlotTests {
  private func plot(
    _ id: String, of service: TestService, headers: HTTPHeaders = [:]
  ) async throws -> HTTPResponse {
    await service.router.respond(
      to: try HTTPRequest(
        method: .get, target: "/v1/jobs/\(id)/plot.svg", headers: headers, body: HTTPBody([])))
  }

  @Test func aJobThatHasNoProbeYetHasAPicture() async throws {
    try await withService { service in
      let id = try #require(try await service.send(.post, "/v1/jobs", small).1["id"]?.stringValue)
      let response = try await plot(id, of: service)
      #expect(response.status == .ok)
      #expect(marks(text(response)) == 0)
      #expect(text(response).contains("No probe has ended yet"))
      for other in [UUID().uuidString, "x"] {
        #expect(try await plot(other, of: service).status.code == 404)
      }
    }
  }

  @Test func aJobThatHasEndedIsDrawnWithEveryProbe() async throws {
    try await withService(workers: 2) { service in
      let id = try #require(try await service.send(.post, "/v1/jobs", small).1["id"]?.stringValue)
      let job = try await service.finished(id)
      let response = try await plot(id, of: service)
      #expect(response.status == .ok && response.headers[.contentType] == "image/svg+xml")
      #expect(response.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'")
      #expect(marks(text(response)) == job["result"]?["probes"]?.arrayValue?.count)
      #expect(text(response).contains("a &lt;small&gt; one"))
      // What the command draws of the job's JSON.
      #expect(text(response) == (try MeasurementFigure(job).svg))
      let tag = try #require(response.headers[.etag])
      let again = try await plot(id, of: service, headers: ["If-None-Match": HTTPHeaderValue(tag)])
      #expect(again.status == .notModified && text(again).isEmpty)
    }
  }

  /// Two of a job's probes are over, none of the others will ever be: what these tell is drawn.
  @Test func aRunningJobIsDrawnFromItsProbesSoFar() async throws {
    let url = try await TestCluster.shared.makeDatabase()
    let id = try await withService(workers: 1, url: url) { service in
      let long = small.replacing(
        "\"max_probes\": 24", with: "\"max_probes\": 5000, \"relative_width\": 0.001"
      )
      .replacing("\"dimensions\": 10", with: "\"dimensions\": 400")
      let id = try #require(try await service.send(.post, "/v1/jobs", long).1["id"]?.stringValue)
      _ = try await eventually("two probes") {
        let job = try await service.send(.get, "/v1/jobs/\(id)").1
        return (job["progress"]?["probes_finished"]?.integerValue ?? 0) >= 2 ? true : nil
      }
      return id
    }
    // Nothing trains any more.
    try await withService(url: url) { service in
      let probes =
        try await service.send(.get, "/v1/jobs/\(id)/probes?limit=200").1["items"]?.arrayValue ?? []
      let ended = probes.count { $0["outcome"]?.stringValue != nil }
      let response = try await plot(id, of: service)
      #expect(response.status == .ok)
      #expect(ended >= 2 && (ended == 200 || marks(text(response)) == ended))
      #expect(text(response).contains("so far: the job is running"))
      #expect(text(response).contains("class=\"band\""))
    }
  }

  /// What a race has chosen is drawn before the measurement has ended as well.
  @Test func aRunningTunedJobIsDrawnWithItsWinner() async throws {
    let url = try await TestCluster.shared.makeDatabase()
    let (id, winner) = try await withService(workers: 2, url: url) { service in
      let text = #"""
        {"dataset": {"name": "gaussian", "dimensions": 30}, "labels": {"kind": "random"}, "model": {"kind": "linear"},
         "training": {"max_steps": 300},
         "search": {"initial_samples": 8, "max_probes": 5000, "relative_width": 0.001,
           "tune": {"/training/optimizer/learning_rate": [1e-7, 0.1]}}}
        """#
      let id = try #require(try await service.send(.post, "/v1/jobs", text).1["id"]?.stringValue)
      let tuning = try await eventually("a race that is over, and two probes") {
        let progress = try await service.send(.get, "/v1/jobs/\(id)").1["progress"]
        let isOver = progress?["tuning"]?["finished"] == .bool(true)
        let probes =
          try await service.send(.get, "/v1/jobs/\(id)/probes?limit=200").1["items"]?.arrayValue ?? []
        return isOver && probes.count { $0["outcome"]?.stringValue != nil } >= 12 ? progress?["tuning"] : nil
      }
      return (id, tuning["leader"]?["/training/optimizer/learning_rate"])
    }
    #expect(winner == .number(0.1))
    try await withService(url: url) { service in
      let response = try await plot(id, of: service)
      #expect(response.status == .ok)
      #expect(text(response).contains("so far: the job is running"))
      #expect(!text(response).contains("was not over"))
      #expect(text(response).contains("won a race"))
    }
  }

  @Test func theCommandReadsFilesAndStandardInputAndSaysWhatIsNoResult() async throws {
    try await withFolder { folder in
      func run(_ arguments: [String], input: String = "") async throws -> (
        code: Int32, output: String, log: String
      ) {
        let pipe = Pipe()
        let command = try EMCProcess(arguments, in: folder, input: input, output: pipe)
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        return (try await command.exitCode(), String(decoding: output, as: UTF8.self), command.log)
      }
      let specification = folder.appending(path: "specification.json")
      try Data(small.utf8).write(to: specification)
      let result = try await run(["measure", "--specification", specification.path])
      #expect(result.code == 0)
      let file = folder.appending(path: "result.json")
      try Data(result.output.utf8).write(to: file)
      let expected = try MeasurementFigure(JSONValue(parsing: result.output.utf8)).svg
      let printed = try await run(["plot", file.path])
      #expect(printed.code == 0 && printed.output == expected)
      #expect(try await run(["plot", "-"], input: result.output).output == expected)
      let picture = folder.appending(path: "picture.svg")
      let table = folder.appending(path: "picture.csv")
      let written = try await run(["plot", file.path, "--output", picture.path, "--data", table.path])
      #expect(written.code == 0 && written.output.isEmpty)
      #expect(try String(contentsOf: picture, encoding: .utf8) == expected)
      #expect(try String(contentsOf: table, encoding: .utf8).hasPrefix("kind,samples,replicate,outcome,"))

      let refusals: [(arguments: [String], input: String, code: Int32, says: String)] = [
        (["plot", "-"], "{}", 2, "/emc is required; allowed: what emc measure prints"),
        (["plot", "-"], "{", 2, "standard input is no JSON"),
        (["plot", specification.path], "", 2, "is no result"),
        (["plot", folder.path + "/missing.json"], "", 2, "can't be read"),
        (["plot", file.path, "--output", folder.path + "/none/x.svg"], "", 1, "--output"),
        (["plot"], "", 2, "result"),
        (
          [
            "plot", file.path, "--output", picture.path, "--data",
            folder.path + "/./" + picture.lastPathComponent,
          ],
          "", 2, "allowed: two files"
        ),
      ]
      for refusal in refusals {
        let answer = try await run(refusal.arguments, input: refusal.input)
        #expect(answer.code == refusal.code && answer.log.contains(refusal.says), "\(refusal): \(answer)")
        #expect(answer.output.isEmpty)
      }
    }
  }
}
