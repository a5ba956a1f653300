import Capacity
import Foundation
import HTTPServer
import Synchronization
import Testing
import emc

/// How `emc jobs wait` and `watch` follow jobs of a service that answers as the test says.
@Suite struct FollowingTests {
  private static let id = "0f8fad5b-d9cb-469f-a165-70867728950e"

  /// Answers one after the other; the last again and again.
  private final class Script: Sendable {
    private let answers: Mutex<[HTTPResponse]>

    init(_ answers: HTTPResponse...) { self.answers = Mutex(answers) }

    func next() -> HTTPResponse { answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] } }
  }

  private static func job(_ state: String, id: String = Self.id) -> JSONValue {
    .object([
      "id": .string(id), "state": .string(state), "result": .object(["summary": .string("measured \(id)")]),
    ])
  }

  private static func json(_ value: JSONValue, _ status: HTTPStatus = .ok) -> HTTPResponse {
    HTTPResponse(status: status, contentType: "application/json", bytes: Array(value.text().utf8))
  }

  private static func list(_ jobs: [JSONValue], next: String? = nil) -> HTTPResponse {
    json(.object(["items": .array(jobs), "next": next.map(JSONValue.string) ?? .null]))
  }

  /// A service with one job, whose list is answered by the script.
  private static func service(_ script: Script) throws -> StubService {
    try StubService([
      "/v1/jobs": { _ in script.next() }, "/v1/jobs/{id}": { _ in Self.json(Self.job("succeeded")) },
    ])
  }

  private func follow(
    _ service: StubService, patience: Duration = .seconds(60)
  ) async throws -> [JSONValue] {
    let client = ServiceClient(base: try #require(URL(string: service.url)), token: nil)
    let follower = JobFollower(client: client, ids: [Self.id], timeout: nil, patience: patience)
    return try await follower.run { _ in }
  }

  /// It asks at once, then lets the service hold its answer back until there is news, and asks for the whole job at its end:
  /// nothing in between, however long it takes.
  @Test func waitingIsOneRequestForEachPieceOfNews() async throws {
    var running = Self.list([Self.job("running")])
    running.headers.set(.etag, "\"1\"")
    // The second is 304 to who has the tag: the time for news is over, and there is none.
    let service = try Self.service(Script(running, running, Self.list([Self.job("succeeded")])))
    let jobs = try await service.serving { try await follow(service) }
    #expect(jobs == [Self.job("succeeded")])
    let requests = service.requests
    #expect(requests.map(\.path) == ["/v1/jobs", "/v1/jobs", "/v1/jobs", "/v1/jobs/\(Self.id)"])
    #expect(requests.map { $0.queryValues("wait") } == [["0"], ["30"], ["30"], []])
    #expect(requests.map { $0.headers[.ifNoneMatch] } == [nil, "\"1\"", "\"1\"", nil])
  }

  private static let unavailable = json(.object(["title": .string("Unavailable")]), .serviceUnavailable)

  @Test func anOutageIsWaitedOut() async throws {
    let service = try Self.service(
      Script(Self.list([Self.job("running")]), Self.unavailable, Self.list([Self.job("succeeded")])))
    let jobs = try await service.serving { try await follow(service) }
    #expect(jobs == [Self.job("succeeded")])
  }

  /// A database that is busy for a moment fails no command that does no harm when it is repeated.
  @Test func whatIsSafeToRepeatIsAskedForAgain() async throws {
    func run(_ arguments: [String], _ script: Script) async throws -> (code: Int32, keys: [String?]) {
      let service = try StubService([
        "/v1/jobs": { _ in script.next() }, "/v1/jobs/{id}/cancel": { _ in script.next() },
      ])
      let code = try await service.serving {
        try await withFolder { folder in
          try await ClientTests.run(
            EMCProcess.binary, arguments, environment: ["EMC_URL": service.url], in: folder, input: "{}"
          ).code
        }
      }
      return (code, service.requests.map { $0.headers[.idempotencyKey] })
    }
    let queued = Self.job("queued")
    let listed = try await run(["jobs", "list"], Script(Self.unavailable, Self.list([queued])))
    #expect(listed.code == 0 && listed.keys.count == 2)
    // The service takes it once, whether or not it took it the first time.
    let submitted = try await run(["jobs", "submit", "-"], Script(Self.unavailable, Self.json(queued)))
    #expect(submitted.code == 0 && submitted.keys.count == 2)
    #expect(Set(submitted.keys).count == 1 && submitted.keys.first != .some(nil))
    let cancelled = try await run(
      ["jobs", "cancel", Self.id], Script(Self.unavailable, Self.json(Self.job("cancelled"))))
    #expect(cancelled.code == 1 && cancelled.keys.count == 1)
  }

  /// The time limit sees that it isn't waited for without end.
  @Test(.timeLimit(.minutes(1))) func aServiceThatStaysUnavailableIsGivenUp() async throws {
    let service = try Self.service(Script(Self.list([Self.job("running")]), Self.unavailable))
    try await service.serving {
      let problem = await #expect(throws: ServiceClient.Problem.self) {
        try await follow(service, patience: .zero)
      }
      #expect(problem?.status == 503)
    }
  }

  /// Pages of two jobs, whatever a client asks for.
  @Test func withoutIDsAllThatRunOrWaitAreWatched() async throws {
    let states = ["running", "running", "running", "queued", "queued", "queued", "succeeded"]
    let jobs = states.map { Self.job($0, id: UUID().uuidString.lowercased()) }
    let service = try StubService([
      "/v1/jobs": { request in
        // Asked about by their ids, they have ended.
        if let ids = try request.parameter("id") {
          return Self.list(ids.split(separator: ",").map { Self.job("succeeded", id: String($0)) })
        }
        let asked = try request.parameter("state")?.split(separator: ",").map(String.init) ?? states
        let listed = jobs.filter { asked.contains($0["state"]?.stringValue ?? "") }
        let begin = try request.parameter("cursor").flatMap { Int($0) } ?? 0
        let end = min(begin + 2, listed.count)
        return Self.list(Array(listed[begin..<end]), next: end < listed.count ? String(end) : nil)
      },
      "/v1/jobs/{id}": { Self.json(Self.job("succeeded", id: $0.pathParameters["id"] ?? "")) },
    ])
    let watched = try await service.serving {
      try await withFolder { folder in
        try await ClientTests.run(
          EMCProcess.binary, ["jobs", "watch"], environment: ["EMC_URL": service.url], in: folder)
      }
    }
    #expect(watched.code == 0, "\(watched.errors)")
    let expected = jobs.dropLast().compactMap { $0["result"]?["summary"]?.stringValue }
    #expect(watched.lines.sorted() == expected.sorted())
  }
}
