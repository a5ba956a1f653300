import Foundation
import HTTPServer
import Testing

@Suite struct RouterTests {
  private static func router() -> Router {
    var router = Router(logger: silent)
    router.on(.get, "/") { _ in .text("root") }
    router.on(.get, "/jobs") { _ in .text("list") }
    router.on(.post, "/jobs") { _ in HTTPResponse(status: .accepted) }
    router.on(.get, "/jobs/{id}") { .text("job \($0.pathParameters["id"] ?? "?")") }
    router.on(.get, "/jobs/{id}/probes") { .text("probes of \($0.pathParameters["id"] ?? "?")") }
    router.on(.get, "/jobs/latest") { _ in .text("latest") }
    router.on(.delete, "/sets/{name}/files/{file}") { request in
      .text("\(request.pathParameters["file"] ?? "?") of \(request.pathParameters["name"] ?? "?")")
    }
    return router
  }

  private func respond(_ method: HTTPMethod, _ target: String) async throws -> (Int, String, String?) {
    let response = await Self.router().respond(to: try HTTPRequest(method: method, target: target))
    guard case .bytes(let content) = response.body else {
      return (response.status.code, "", response.headers[.allow])
    }
    return (response.status.code, String(decoding: content, as: UTF8.self), response.headers[.allow])
  }

  @Test(
    "A path finds its handler, with its parameters decoded",
    arguments: [
      ("/", "root"), ("/jobs", "list"), ("/jobs?limit=3", "list"), ("/jobs/17", "job 17"),
      ("/jobs/a%20b%2Fc", "job a b/c"), ("/jobs/17/probes", "probes of 17"), ("/jobs/latest", "latest"),
      // The literal branch has nothing below it; the parameter's has.
      ("/jobs/latest/probes", "probes of latest"),
    ])
  func found(_ target: String, _ content: String) async throws {
    let response = try await respond(.get, target)
    #expect(response.0 == 200)
    #expect(response.1 == content)
  }

  @Test(
    "RFC 9110 §15.5.5: 404 where no route leads",
    arguments: [
      "/job", "/jobs/", "/jobs//probes", "/jobs/17/probes/", "/jobs/17/other", "//jobs", "/sets/a/files",
    ])
  func notFound(_ target: String) async throws {
    let response = try await respond(.get, target)
    #expect(response.0 == 404)
    let problem = try JSONSerialization.jsonObject(with: Data(response.1.utf8)) as? [String: Any]
    #expect(problem?["status"] as? Int == 404)
    #expect(problem?["title"] as? String == "Not found")
  }

  @Test("RFC 9110 §15.5.6: 405 names the methods that are allowed")
  func methodNotAllowed() async throws {
    let jobs = try await respond(.delete, "/jobs")
    #expect((jobs.0, jobs.2) == (405, "GET, HEAD, OPTIONS, POST"))
    let file = try await respond(.get, "/sets/a/files/b")
    #expect((file.0, file.2) == (405, "DELETE, OPTIONS"))
    #expect(try await respond(.trace, "/jobs").0 == 405)
  }

  @Test("RFC 9110 §9.1: a method that no resource has")
  func unknownMethod() async throws {
    #expect(try await respond(HTTPMethod(rawValue: "BREW"), "/jobs").0 == 501)
    #expect(try await respond(HTTPMethod(rawValue: "get"), "/jobs").0 == 501)
  }

  @Test("RFC 9110 §9.3.7: OPTIONS of a resource and of the server")
  func options() async throws {
    let jobs = try await respond(.options, "/jobs")
    #expect((jobs.0, jobs.2) == (204, "GET, HEAD, OPTIONS, POST"))
    let server = try await respond(.options, "*")
    #expect((server.0, server.2) == (204, "DELETE, GET, HEAD, OPTIONS, POST"))
    #expect(try await respond(.options, "/nothing").0 == 404)
  }

  @Test("RFC 9110 §9.3.2: HEAD is answered by the handler for GET")
  func head() async throws {
    #expect(try await respond(.head, "/jobs").0 == 200)
    #expect(try await respond(.head, "/sets/a/files/b").0 == 405)
  }

  @Test("The routes are listed as they were added")
  func listing() {
    let routes = Self.router().routes.map { "\($0.method) \($0.template)" }
    #expect(
      routes == [
        "GET /", "GET /jobs", "POST /jobs", "GET /jobs/{id}", "GET /jobs/{id}/probes", "GET /jobs/latest",
        "DELETE /sets/{name}/files/{file}",
      ])
  }
}
