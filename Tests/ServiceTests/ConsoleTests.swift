import Capacity
import Foundation
import HTTPServer
import Service
import Synchronization
import Testing

/// What somebody may have sent: colours, the window's title, a second line, DEL, an 8-bit control sequence, reversed letters.
private let hostile =
  "esc \u{1B}[31mRED\u{1B}]0;title\u{7} \n second\u{7F} \u{9B}31m \u{202E}line\u{2066}\u{2028}"
private let shown =
  #"esc \u{1b}[31mRED\u{1b}]0;title\u{7} \u{a} second\u{7f} \u{9b}31m \u{202e}line\u{2066}\u{2028}"#

/// Whether nothing but line feeds moves, colours or reverses text.
private func isHarmless(_ text: String) -> Bool {
  text.unicodeScalars.allSatisfy { scalar in
    switch scalar.properties.generalCategory {
    case .control: scalar == "\n"
    case .lineSeparator, .paragraphSeparator: false
    default: !(0x202A...0x202E ~= scalar.value || 0x2066...0x2069 ~= scalar.value)
    }
  }
}

/// Answers as a service whose jobs have such a text wherever there is one.
private final class HostileService: Sendable {
  static let id = "0f8fad5b-d9cb-469f-a165-70867728950e"
  /// It is refused.
  static let other = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
  static let job = JSONValue.object([
    "id": .string(id), "state": .string("failed"), "name": .string(hostile), "waiting_for": .string(hostile),
    "labels": .object([hostile: .string(hostile)]), "specification": .object([:]),
    "error": .object(["detail": .string(hostile)]),
    "result": .object(["summary": .string(hostile), "emc": .integer(5)]),
  ])
  static let table = "id,name\r\n\(id),\"\(hostile)\"\r\n"

  private let server: HTTPServer
  private let requests: Requests
  let url: String

  /// The tokens of the requests so far.
  var tokens: [String?] { requests.tokens.withLock { $0 } }

  private final class Requests: Sendable { let tokens = Mutex<[String?]>([]) }

  init() throws {
    let requests = Requests()
    var router = Router(logger: quiet)
    func on(
      _ method: HTTPMethod, _ path: String, _ answer: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse
    ) {
      router.on(method, path) { request in
        requests.tokens.withLock { $0.append(request.headers[.authorization]) }
        return try answer(request)
      }
    }
    on(.get, "/v1/jobs") { _ in Self.json(.object(["items": .array([Self.job]), "next": .null])) }
    on(.post, "/v1/jobs") { _ in Self.json(Self.job, .created) }
    on(.post, "/v1/jobs/{id}/cancel") { _ in Self.json(.object(["state": .string(hostile)])) }
    on(.get, "/v1/jobs/{id}/probes") { _ in
      HTTPResponse(headers: ["Content-Type": "text/csv"], body: .bytes(Array(Self.table.utf8)))
    }
    on(.get, "/v1/jobs/{id}") { request in
      if request.pathParameters["id"] == Self.id { return Self.json(Self.job) }
      let fault = ["pointer", "detail", "allowed", "value"].map { ($0, JSONValue.string(hostile)) }
      return Self.json(
        .object([
          "title": .string(hostile), "detail": .string(hostile),
          "errors": .array([.object(Dictionary(uniqueKeysWithValues: fault))]),
        ]), .badRequest)
    }
    server = try HTTPServer(onLoopback: router)
    url = "http://\(try server.bind())"
    self.requests = requests
  }

  private static func json(_ value: JSONValue, _ status: HTTPStatus = .ok) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["Content-Type": "application/json"], body: .bytes(Array(value.text().utf8)))
  }

  /// Serves while `body` runs.
  func serving<T: Sendable>(_ body: () async throws -> T) async throws -> T {
    try await server.serving(body)
  }
}

/// What `emc jobs` prints of what others have written, and what it refuses before it asks anybody.
@Suite(.serialized) struct ConsoleTests {
  private typealias Command = (_ arguments: [String], _ environment: [String: String]) async throws ->
    ClientTests.Run

  private func withService(_ body: (HostileService, Command) async throws -> Void) async throws {
    let service = try HostileService()
    try await withFolder { folder in
      try await service.serving {
        try await body(service) { arguments, environment in
          try await ClientTests.run(
            EMCProcess.binary, ["jobs"] + arguments,
            environment: ["EMC_URL": service.url].merging(environment) { $1 }, in: folder, input: "{}")
        }
      }
    }
  }

  @Test func whatOthersWroteDoesNotDriveTheTerminal() async throws {
    try await withService { _, run in
      for (arguments, code, says) in [
        (["list"], Int32(0), shown), (["show", HostileService.id, "--summary"], 0, shown),
        (["watch", HostileService.id], 1, shown), (["submit", "-"], 0, HostileService.id),
        (["submit", "-", "--wait"], 1, #"\u009b31m"#), (["wait", HostileService.id], 1, #"\u009b31m"#),
        (["cancel", HostileService.id], 0, shown), (["show", HostileService.other], 2, shown),
      ] {
        let result = try await run(arguments, [:])
        #expect(result.code == code && (result.output + result.errors).contains(says), "\(arguments)")
        #expect(isHarmless(result.output) && isHarmless(result.errors), "\(arguments)")
      }
      let list = try await run(["list"], [:])
      #expect(list.lines.count == 2 && list.lines[1].hasSuffix(shown))
      let refused = try await run(["show", HostileService.other], [:])
      #expect(refused.errors.split(separator: "\n").count == 2)
    }
  }

  /// JSON says the same as the service, in ASCII where a terminal would obey.
  @Test func jsonIsTheServicesOwn() async throws {
    try await withService { _, run in
      let job = HostileService.job
      for arguments in [["show", HostileService.id], ["list", "--json"], ["wait", HostileService.id]] {
        let result = try await run(arguments, [:])
        #expect(isHarmless(result.output))
        let printed = try JSONValue(parsing: result.output.utf8)
        #expect(printed == job, "\(arguments)")
      }
      let lines = try await run(["list", "--json"], [:]).lines
      #expect(lines.count == 1)
    }
  }

  /// A pseudo-terminal, and the end that a process writes to.
  private static func terminal() throws -> (reading: FileHandle, writing: FileHandle) {
    let reading = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var (number, isLocked) = (Int32(0), Int32(0))
    // TIOCSPTLCK and TIOCGPTN.
    try #require(reading >= 0 && ioctl(reading, 0x4004_5431, &isLocked) == 0)
    try #require(ioctl(reading, 0x8004_5430, &number) == 0)
    let writing = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    try #require(writing >= 0)
    return (
      FileHandle(fileDescriptor: reading, closeOnDealloc: true),
      FileHandle(fileDescriptor: writing, closeOnDealloc: true)
    )
  }

  /// Rows are bytes for programs; only a terminal gets them as text.
  @Test func rowsAreTheServicesOwnButOnATerminal() async throws {
    try await withService { service, run in
      let piped = try await run(["results", HostileService.id], [:])
      #expect(piped.output.utf8.elementsEqual(HostileService.table.utf8))

      let (reading, writing) = try Self.terminal()
      let process = Process()
      process.executableURL = EMCProcess.binary
      process.arguments = ["jobs", "results", HostileService.id, "--url", service.url]
      process.standardOutput = writing
      try process.run()
      _ = try await eventually("the end of emc jobs results") { process.isRunning ? nil : true }
      // The terminal makes CR LF of LF.
      let text = String(decoding: reading.availableData, as: UTF8.self).replacing("\r\n", with: "\n")
      #expect(text.contains(#"\u{1b}[31mRED"#) && isHarmless(text))
    }
  }

  @Test(arguments: ["s3cret\nb", "s3cret b", "emc_s3cret\r", "s3crét"])
  func aTokenThatCannotBeSentIsRefused(_ token: String) async throws {
    try await withService { service, run in
      let refused = try await run(["list"], ["EMC_TOKEN": token])
      #expect(refused.code == 2 && refused.output.isEmpty && service.tokens.isEmpty)
      #expect(refused.errors.contains("EMC_TOKEN") && refused.errors.contains("emc_ with 43 letters"))
      #expect(!refused.errors.contains("s3cr"))
    }
  }

  @Test func aTokenIsSent() async throws {
    try await withService { service, run in
      let token = AccessToken().text
      let list = try await run(["list"], ["EMC_TOKEN": token])
      #expect(list.code == 0)
      #expect(service.tokens == ["Bearer \(token)"])
    }
  }

  @Test(arguments: ["show", "wait", "cancel", "watch", "results"])
  func whatIsNoJobIsRefusedWithWhatAJobsIDLooksLike(_ command: String) async throws {
    try await withService { service, run in
      let refused = try await run([command, "abc"], [:])
      #expect(refused.code == 2 && service.tokens.isEmpty)
      #expect(refused.errors.contains("'abc'") && refused.errors.contains("a job's id is a UUID"))
      #expect(refused.errors.contains("emc jobs list"))
    }
  }

  @Test(arguments: [
    (["list", "--limit", "many"], "an integer"), (["submit", "-", "--priority", "high"], "an integer"),
    (["wait", HostileService.id, "--timeout", "soon"], "a number of seconds above 0"),
  ])
  func whatIsNoNumberIsRefusedWithWhatWouldBeRight(_ arguments: [String], _ allowed: String) async throws {
    try await withService { service, run in
      let refused = try await run(arguments, [:])
      #expect(refused.code == 2 && service.tokens.isEmpty)
      #expect(refused.errors.contains("'\(arguments.last ?? "")'"))
      #expect(refused.errors.contains("allowed: \(allowed)"))
    }
  }

  /// What `emc jobs cancel $(emc jobs list …)` is where the list is empty.
  @Test func nothingToCancelIsDone() async throws {
    try await withService { service, run in
      let result = try await run(["cancel"], [:])
      #expect(result.code == 0 && result.output.isEmpty && service.tokens.isEmpty)
      #expect(result.errors.contains("nothing to cancel"))
    }
  }
}
