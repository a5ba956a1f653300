import Capacity
import Foundation
import FoundationNetworking
import Testing

/// The commands: who reaches a service from outside, and how tokens are made.
@Suite(.serialized) struct TokenProcessTests {
  /// What a request is answered with. A busy machine's database may not have answered in time: it is asked again.
  private func status(_ url: String, token: String? = nil) async throws -> Int {
    var request = URLRequest(url: try #require(URL(string: url)))
    if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
    let end = ContinuousClock.now + .seconds(30)
    while true {
      let response = try await URLSession.shared.data(for: request).1
      let status = try #require(response as? HTTPURLResponse).statusCode
      guard status == 503, ContinuousClock.now < end else { return status }
      try await Task.sleep(for: .milliseconds(200))
    }
  }

  /// Runs a command to its end; what it wrote to standard output.
  private func output(_ arguments: [String], in folder: URL, code: Int32 = 0) async throws -> String {
    let pipe = Pipe()
    let process = try EMCProcess(arguments, in: folder, output: pipe)
    let bytes = try await onThread { try pipe.fileHandleForReading.readToEnd() ?? Data() }
    #expect(try await process.exitCode() == code, "\(process.log)")
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func port(_ process: EMCProcess) async throws -> String {
    try await eventually("a service that listens; it said: \(process.log)") {
      process.log.firstMatch(of: /address=[0-9.]+:(\d+)/).map { String($0.1) }
    }
  }

  @Test func nobodyListensBeyondLoopbackWithoutTokens() async throws {
    let url = try await TestCluster.shared.makeDatabase()
    try await withFolder { folder in
      let serve = [
        "serve", "--listen", "0.0.0.0:0", "--workers", "0", "--data-directory", folder.path, "--database-url",
        url,
      ]
      let refused = try EMCProcess(serve, in: folder)
      #expect(try await refused.exitCode() == 2)
      #expect(refused.log.contains("--allow-anonymous") && refused.log.contains("emc tokens create"))
      let contradicting = try EMCProcess(serve + ["--allow-anonymous", "--require-tokens"], in: folder)
      #expect(try await contradicting.exitCode() == 2)

      let open = try EMCProcess(serve + ["--allow-anonymous"], in: folder)
      #expect(try await status("http://127.0.0.1:\(port(open))/v1/jobs") == 200)
      open.process.terminate()
      #expect(try await open.exitCode() == 0)

      let token = try await output(
        ["tokens", "create", "--name", "mine", "--database-url", url], in: folder)
      let guarded = try EMCProcess(serve, in: folder)
      let address = "http://127.0.0.1:\(try await port(guarded))"
      #expect(try await status("\(address)/v1/jobs") == 401)
      #expect(try await status("\(address)/v1/jobs", token: token) == 200)
      #expect(try await status("\(address)/livez") == 200)
      guarded.process.terminate()
      #expect(try await guarded.exitCode() == 0)
      #expect(!guarded.log.contains(token))
    }
  }

  /// What the container does at its first start, and only then.
  @Test func theFirstStartMakesAToken() async throws {
    let url = try await TestCluster.shared.makeDatabase()
    try await withFolder { folder in
      let file = folder.appending(path: "first-token")
      let serve = [
        "serve", "--listen", "0.0.0.0:0", "--workers", "0", "--data-directory", folder.path, "--database-url",
        url,
        "--first-token-file", file.path,
      ]
      for start in 1...2 {
        let service = try EMCProcess(serve, in: folder)
        let address = "http://127.0.0.1:\(try await port(service))"
        let token = try String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .newlines)
        #expect(service.log.contains("cat \(file.path)") == (start == 1))
        #expect(!service.log.contains(token))
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try await status("\(address)/v1/tokens") == 401)
        #expect(try await status("\(address)/v1/tokens", token: token) == 200)
        service.process.terminate()
        #expect(try await service.exitCode() == 0)
      }
    }
  }

  @Test func tokensAreMadeListedAndRevoked() async throws {
    let url = try await TestCluster.shared.makeDatabase()
    try await withFolder { folder in
      let place = ["--database-url", url]
      let service = try EMCProcess(
        [
          "serve", "--listen", "127.0.0.1:0", "--workers", "0", "--data-directory", folder.path,
          "--require-tokens",
        ] + place, in: folder)
      let address = "http://\(try await service.address())"
      #expect(try await status("\(address)/v1/jobs") == 401)
      let token = try await output(
        [
          "tokens", "create", "--name", "nightly", "--scope", "submit", "--expires", "30d", "--rate", "600",
          "--queue-quota", "9",
        ] + place, in: folder)
      #expect(token.wholeMatch(of: /emc_[A-Za-z0-9_-]{43}/) != nil)
      #expect(try await status("\(address)/v1/jobs", token: token) == 200)
      let listed = try JSONValue(parsing: try await output(["tokens", "list"] + place, in: folder).utf8)
      let item = try #require(listed["items"]?.arrayValue?.first)
      #expect(item["name"] == .string("nightly") && item["scopes"] == .array([.string("submit")]))
      #expect(item["rate"] == .integer(600) && item["queue_quota"] == .integer(9))
      let expiry = try Date(
        try #require(item["expires_at"]?.stringValue?.replacing(".000", with: "")), strategy: .iso8601)
      #expect(abs(expiry.timeIntervalSinceNow - 30 * 86_400) < 600)
      let id = try #require(item["id"]?.stringValue)
      _ = try await output(["tokens", "revoke", id] + place, in: folder)
      _ = try await eventually("the token's end") {
        try await status("\(address)/v1/jobs", token: token) == 401 ? true : nil
      }
      _ = try await output(["tokens", "revoke", id] + place, in: folder, code: 2)
      _ = try await output(
        ["tokens", "create", "--name", "x", "--scope", "write", "--expires", "soon"] + place, in: folder,
        code: 2)
      service.process.terminate()
      #expect(try await service.exitCode() == 0)
    }
  }

  @Test(arguments: [
    ("--expires", "0d"), ("--expires", "abc"), ("--expires", "-1h"), ("--expires", "36501d"),
    ("--expires", "9223372036854775807d"), ("--expires", "2001-01-31T00:00:00Z"), ("--scope", "write"),
    ("--rate", "0"), ("--name", ""),
  ])
  func whatNoTokenHasIsRefusedWithWhatWouldBeRight(_ flag: String, _ value: String) async throws {
    let (given, allowed) =
      switch flag {
      case "--expires":
        (
          "\"\(value)\"",
          "a time to come, such as 2099-01-31T00:00:00Z, or how long from now, up to 36500d: 45m, 12h, 90d"
        )
      case "--scope": ("\"write\"", "read, submit, admin, each once")
      case "--rate": ("0", "an integer from 1 to 1000000")
      default: ("\"\"", "a string of 1 to 200 characters without control characters")
      }
    try await withFolder { folder in
      let create = ["tokens", "create", "--data-directory", folder.path]
      let options = flag == "--name" ? ["--name", value] : ["--name", "x", "\(flag)=\(value)"]
      let process = try EMCProcess(create + options, in: folder)
      #expect(try await process.exitCode() == 2)
      #expect(process.log == "emc: \(flag) is \(given); allowed: \(allowed)\n")
    }
  }
}
