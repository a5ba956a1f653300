import HTTPServer
import Synchronization
import Testing

@Suite struct MiddlewareTests {
  private struct Tracing: Middleware {
    final class Trace: Sendable { let steps = Mutex<[String]>([]) }

    let name: String
    let trace: Trace

    func handle(_ request: HTTPRequest, next: Router.Handler) async throws -> HTTPResponse {
      trace.steps.withLock { $0.append("\(name) before \(request.route ?? "nothing")") }
      var request = request
      request.identity = RequestIdentity(name: request.identity.name + name, scopes: [name])
      let response = try await next(request)
      trace.steps.withLock { $0.append("\(name) after \(response.status.code)") }
      return response
    }
  }

  private struct Refusing: Middleware {
    func handle(_ request: HTTPRequest, next: Router.Handler) async throws -> HTTPResponse {
      throw ProblemDocument(.tooManyRequests, detail: "Later.", headers: ["Retry-After": "3"])
    }
  }

  @Test("Middleware is passed in its order, there and back; the handler sees what it changed")
  func order() async throws {
    let trace = Tracing.Trace()
    var router = Router(logger: silent)
    router.on(.get, "/jobs/{id}") { .text($0.identity.name) }
    router.use(Tracing(name: "a", trace: trace))
    router.use(Tracing(name: "b", trace: trace))
    let response = await router.respond(to: try HTTPRequest(method: .get, target: "/jobs/7"))
    #expect(response.text == "ab")
    #expect(
      trace.steps.withLock { $0 } == [
        "a before /jobs/{id}", "b before /jobs/{id}", "b after 200", "a after 200",
      ])
  }

  @Test("It sees requests that no route answers, and its own refusals are problem documents")
  func refusals() async throws {
    let trace = Tracing.Trace()
    var memory = InMemory()
    memory.router.middleware.insert(Tracing(name: "out", trace: trace), at: 0)
    #expect(try await memory.respond(.get, "/nothing").status == .notFound)
    #expect(try await memory.respond(.delete, "/").status == .methodNotAllowed)
    #expect(
      trace.steps.withLock { $0 } == ["out before nothing", "out after 404", "out before /", "out after 405"])
    memory.router.use(Refusing())
    let response = try await memory.respond()
    #expect(response.status == .tooManyRequests && response.headers[.retryAfter] == "3")
    #expect(response.text.contains(#""type":"urn:emc:problem:too-many-requests""#))
  }

  @Test("An id that a client gives is kept where it can stand in a log; otherwise there is a new one")
  func requestIDs() async throws {
    let memory = InMemory { .text("\($0.id) \($0.traceParent ?? "-")") }
    for id in ["a", "2f1c-77_~.:+/=@", String(repeating: "x", count: 128)] {
      let response = try await memory.respond(.get, "/", ["X-Request-Id": HTTPHeaderValue(id)])
      #expect(response.headers[.requestID] == id && response.text == "\(id) -")
    }
    var seen: Set<String> = []
    for bad in ["", "a b", "a\"b", "ä", "a,b", "<x>", String(repeating: "x", count: 129)] {
      let response = try await memory.respond(.get, "/nothing", ["X-Request-Id": HTTPHeaderValue(bad)])
      let id = try #require(response.headers[.requestID])
      #expect(id.wholeMatch(of: /[0-9a-f]{32}/) != nil && seen.insert(id).inserted)
    }
  }

  @Test(
    "W3C Trace Context §3.2: a traceparent is kept where it is one",
    arguments: [
      ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
      ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", true),
      ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
      ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false),
      ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
      ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
      ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", false),
      ("00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", false), ("", false),
    ])
  func traceParents(_ text: String, _ isKept: Bool) async throws {
    let response = try await InMemory().respond(.get, "/", ["traceparent": HTTPHeaderValue(text)])
    #expect(response.headers[.traceParent] == (isKept ? text : nil))
  }

  @Test("Ids stand in the log and in the answer, of refused requests too")
  func idsOverTheWire() async throws {
    let recorder = LogRecorder()
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    let ids = try await withServer(logger: recorder.logger) { router in
      router.on(.get, "/") { _ in .text("hello") }
    } _: { address in
      let client = try await TestClient(address)
      defer { client.close() }
      try await client.send(
        "GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine-17\r\ntraceparent: \(trace)\r\n\r\nGET / HTTP/1.1\r\n\r\n"
      )
      let responses = TestResponse.all(in: try await client.readToEnd())
      #expect(responses.map(\.status) == [200, 400])
      #expect(responses.first?["traceparent"] == trace)
      return responses.compactMap { $0["X-Request-Id"] }
    }
    #expect(ids.count == 2 && ids[0] == "mine-17")
    for id in ids { #expect(recorder.lines.contains { $0.hasPrefix("debug") && $0.contains(id) }) }
    #expect(recorder.lines.contains { $0.contains(trace) && $0.contains("mine-17") })
  }

  @Test("HEAD and OPTIONS are answered on every route, with Allow")
  func headAndOptions() async throws {
    let memory = InMemory()
    #expect(try await memory.respond(.head).status == .ok)
    let options = try await memory.respond(.options)
    #expect(options.status == .noContent && options.headers[.allow] == "GET, HEAD, OPTIONS")
    #expect(try await memory.respond(.delete).headers[.allow] == "GET, HEAD, OPTIONS")
  }
}
