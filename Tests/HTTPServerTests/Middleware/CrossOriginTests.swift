import HTTPServer
import Testing

/// Other origins' pages: only those that were named, and they can read errors too.
@Suite struct CrossOriginTests {
  private static func router(_ origins: [String]) -> Router {
    var router = Router()
    router.middleware.insert(CrossOriginSharing(origins), at: 2)
    router.use(CrossSiteRequests(allowing: origins))
    router.on(.post, "/things", parameters: []) { _ in .text("made") }
    router.on(.get, "/things", parameters: []) { _ in throw ProblemDocument(.notFound) }
    return router
  }

  private func send(
    _ method: HTTPMethod, origin: HTTPHeaderValue, _ origins: [String], _ more: HTTPHeaders = [:]
  ) async throws -> HTTPResponse {
    var headers: HTTPHeaders = ["Origin": origin, "Host": "emc.example", "Sec-Fetch-Site": "cross-site"]
    for field in more { headers.add(field.name, field.value) }
    return await Self.router(origins).respond(
      to: try HTTPRequest(method: method, target: "/things", headers: headers))
  }

  @Test func aNamedOriginIsServed() async throws {
    let origins = ["https://grafana.example"]
    let response = try await send(.post, origin: "https://grafana.example", origins)
    #expect(response.status == .ok)
    #expect(response.headers["Access-Control-Allow-Origin"] == "https://grafana.example")
    #expect(response.headers["Access-Control-Allow-Credentials"] == nil)
    #expect(response.headers.values(.vary).contains("Origin"))
    let error = try await send(.get, origin: "https://grafana.example", origins)
    #expect(error.status == .notFound)
    #expect(error.headers["Access-Control-Allow-Origin"] == "https://grafana.example")
  }

  @Test func itIsToldWhatItMaySend() async throws {
    let response = try await send(
      .options, origin: "https://grafana.example", ["https://grafana.example"],
      ["Access-Control-Request-Method": "POST"])
    #expect(response.status == .noContent)
    #expect(response.headers["Access-Control-Allow-Headers"]?.contains("Authorization") == true)
    #expect(response.headers["Access-Control-Allow-Methods"]?.contains("DELETE") == true)
  }

  @Test(arguments: ["https://evil.example", "https://grafana.example.evil.example", "null"])
  func anotherOriginIsNot(_ origin: String) async throws {
    for origins in [["https://grafana.example"], []] {
      let response = try await send(.post, origin: HTTPHeaderValue(origin), origins)
      #expect(response.status == .forbidden)
      #expect(response.headers["Access-Control-Allow-Origin"] == nil)
    }
  }
}
