import Capacity
import Datasets
import Foundation
import FoundationNetworking
import Testing

private let specification = """
  {"dataset": {"name": "gaussian", "dimensions": 60}, "model": {"kind": "mlp", "hidden": [4]},
   "training": {"max_steps": 20000}, "search": {"initial_samples": 32, "replicates": 7}, "seed": 3}
  """

/// The answer; asked for again while the service says to come back, as it does where a disk is slow.
private func request(_ method: String, _ url: String, _ body: String? = nil) async throws -> JSONValue {
  var request = URLRequest(url: try #require(URL(string: url)))
  request.httpMethod = method
  request.httpBody = body.map { Data($0.utf8) }
  return try await eventually("an answer of \(url)") { [request] in
    let (data, response) = try await URLSession.shared.data(for: request)
    return (response as? HTTPURLResponse)?.statusCode == 503 ? nil : try JSONValue(parsing: data)
  }
}

/// The built command, its exit codes and its signals.
@Suite(.serialized) struct ProcessTests {
  @Test func aKilledServiceEndsWithTheResultItWouldHaveHad() async throws {
    let parsed = try MeasurementSpecification(json: JSONValue(parsing: specification.utf8))
    let local = try LocalMeasurement(
      specification: parsed, library: DatasetLibrary(directory: FileManager.default.temporaryDirectory),
      workers: 2
    ).run()
    let expected = local.result.json(withProbes: local.probes)
    try await withFolder { folder in
      let serve = ["serve", "--listen", "127.0.0.1:0", "--workers", "2", "--data-directory", folder.path]
      let first = try EMCProcess(serve, in: folder)
      let address = try await first.address()
      let id = try #require(
        try await request("POST", "http://\(address)/v1/jobs", specification)["id"]?.stringValue)
      _ = try await eventually("three probes") {
        let job = try await request("GET", "http://\(address)/v1/jobs/\(id)")
        #expect(job["state"] != .string("succeeded"), "the job ended before it could be killed")
        return (job["progress"]?["probes_finished"]?.integerValue ?? 0) >= 3 ? true : nil
      }
      kill(first.process.processIdentifier, SIGKILL)
      _ = try await first.exitCode()

      let second = try EMCProcess(serve, in: folder)
      let again = try await second.address()
      let job = try await eventually("the job's end") {
        let job = try await request("GET", "http://\(again)/v1/jobs/\(id)")
        return job["state"] == .string("succeeded") || job["state"] == .string("failed") ? job : nil
      }
      #expect(comparable(job["result"])?.text() == comparable(expected)?.text())

      // Where it takes too long to end, it ends with 1.
      second.process.terminate()
      #expect(try await second.exitCode() == 0)
    }
  }

  /// With more workers than cores, many end at nearly the same time.
  @Test func progressDoesNotGoBackwards() async throws {
    let specification = """
      {"dataset": {"name": "gaussian", "dimensions": 8}, "labels": {"kind": "random"}, "model": {"kind": "linear"},
       "training": {"max_steps": 300}, "search": {"initial_samples": 8, "relative_width": 0.2, "max_probes": 200},
       "seed": 3}
      """
    try await withFolder { folder in
      let pipe = Pipe()
      let process = try EMCProcess(
        ["measure", "--specification", "-", "--workers", "16", "--data-directory", folder.path], in: folder,
        input: specification, output: pipe)
      let text = try await onThread { try pipe.fileHandleForReading.readToEnd() ?? Data() }
      #expect(try await process.exitCode() == 0)
      let lines = process.log.matches(of: /([0-9]+) probes  (EMC .*\])  ([0-9]+ samples, replicate [0-9]+):/)
      let counts = lines.compactMap { Int($0.1) }
      #expect(counts == counts.sorted())
      // Each probe has its line, and of as many probes nothing else is told.
      let probes = try JSONValue(parsing: text)["probes"]?.arrayValue
      #expect(Set(lines.map(\.3)).count == lines.count && lines.count == probes?.count)
      #expect(counts.last == lines.count)
      #expect(Set(lines.map { "\($0.1) \($0.2)" }).count == Set(counts).count)
    }
  }

  /// A mirror that takes connections and says nothing.
  @Test func aServiceThatIsToldToEndDoesWhileADownloadHangs() async throws {
    let listening = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listening) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        _ = bind(listening, pointer, length)
        _ = listen(listening, 16)
        _ = getsockname(listening, pointer, &length)
      }
    }
    let port = UInt16(bigEndian: address.sin_port)
    try await withFolder { folder in
      let service = try EMCProcess(
        [
          "serve", "--listen", "127.0.0.1:0", "--workers", "1", "--data-directory", folder.path,
          "--dataset-mirror", "http://127.0.0.1:\(port)",
        ], in: folder)
      let api = try await service.address()
      let body = #"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}}"#
      #expect(try await request("POST", "http://\(api)/v1/jobs", body)["id"] != nil)
      _ = try await eventually("a download") {
        var descriptor = pollfd(fd: listening, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) > 0 ? true : nil
      }
      service.process.terminate()
      #expect(try await service.exitCode() == 0)
    }
  }

  /// Nothing that needs the database ends any more: the process goes all the same.
  @Test func aServiceThatIsToldToEndDoesWhileItsDatabaseIsFrozen() async throws {
    try await withFolder { folder in
      let service = try EMCProcess(
        ["serve", "--listen", "127.0.0.1:0", "--workers", "2", "--data-directory", folder.path], in: folder)
      let api = try await service.address()
      let long = specification.replacing("6000", with: "6000000")
      let id = try #require(try await request("POST", "http://\(api)/v1/jobs", long)["id"]?.stringValue)
      _ = try await eventually("a probe under way") {
        try await request("GET", "http://\(api)/v1/jobs/\(id)")["state"] == .string("running") ? true : nil
      }
      let file = folder.appending(path: "postgresql/data/postmaster.pid")
      let text = try String(contentsOf: file, encoding: .utf8)
      let postmaster = try #require(text.split(separator: "\n").first.flatMap { pid_t($0) })
      let frozen = [postmaster] + children(of: postmaster)
      for process in frozen { kill(process, SIGSTOP) }
      defer {
        // Immediate shutdown: its children follow.
        kill(postmaster, SIGQUIT)
        for process in frozen { kill(process, SIGCONT) }
      }
      service.process.terminate()
      _ = try await service.exitCode()
    }
  }

  private func children(of parent: pid_t) -> [pid_t] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.filter { process in
      let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
      return status.contains("\nPPid:\t\(parent)\n")
    }
  }

  @Test(arguments: [
    (["measure", "--specification", "-"], #"{"dataset": {"name": "mnist"}}"#, Int32(2), "/model"),
    (["measure", "--specification", "-", "--memory-limit", "much"], "{}", 2, "--memory-limit"),
    (["measure", "--specification", "-"], "{", 2, "not valid JSON"),
    (["measure", "--specification", "/nowhere.json"], "", 2, "/nowhere.json"),
    (["measure"], "", 2, "--specification"),
    (["measure", "--specification", "-", "--workers", "0"], "", 2, "--workers"),
    (["serve", "--listen", "nowhere"], "", 2, "--listen"),
    (["worker"], "", 2, "DATABASE_URL"),
    (["migrate", "--database-url", "postgresql://127.0.0.1:1/none"], "", 1, "DATABASE_URL"),
    (["fly"], "", 2, "fly"),
    (
      ["measure", "--specification", "-", "--dataset-mirror", "file:///nowhere"],
      #"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}}"#, 1, "/nowhere/mnist"
    ),
  ])
  func wrongUsageAndFailuresHaveTheirExitCodes(
    _ arguments: [String], _ input: String, _ code: Int32, _ says: String
  ) async throws {
    try await withFolder { folder in
      var arguments = arguments
      if ["measure", "serve", "worker"].contains(arguments[0]) {
        arguments += ["--data-directory", folder.path]
      }
      let command = try EMCProcess(arguments, in: folder, input: input)
      #expect(try await command.exitCode() == code)
      #expect(command.log.contains(says))
    }
  }
}

/// `emc measure` called off and gone on with.
@Suite struct ResumeTests {
  @Test func aMeasurementGoesOnFromWhatItPrintedWhenItWasCalledOff() async throws {
    try await withFolder { folder in
      let file = folder.appending(path: "specification.json")
      try Data(specification.utf8).write(to: file)
      func measure(_ options: [String]) async throws -> (code: Int32, result: JSONValue) {
        let pipe = Pipe()
        let process = try EMCProcess(
          ["measure", "--specification", file.path, "--data-directory", folder.path] + options, in: folder,
          output: pipe)
        let text = try pipe.fileHandleForReading.readToEnd() ?? Data()
        return (try await process.exitCode(), try JSONValue(parsing: text))
      }
      let whole = try await measure([])
      #expect(whole.code == 0)
      // What was known after some probes, as Ctrl-C prints it.
      let probes = try #require(whole.result["probes"]?.arrayValue)
      let known = whole.result.merging(.object(["probes": .array(Array(probes.prefix(5)))]))
      let part = folder.appending(path: "part.json")
      try Data(known.text().utf8).write(to: part)
      let resumed = try await measure(["--resume", part.path])
      #expect(comparable(resumed.result) == comparable(whole.result))
      let other = folder.appending(path: "other.json")
      try Data(specification.replacing("\"seed\": ", with: "\"seed\": 9").utf8).write(to: other)
      let refused = try EMCProcess(
        ["measure", "--specification", other.path, "--resume", part.path, "--data-directory", folder.path],
        in: folder)
      #expect(try await refused.exitCode() == 2)
    }
  }
}
