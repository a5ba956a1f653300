import HTTPServer
import Testing

@Suite struct KeepAliveTests {
  private static func routes(_ router: inout Router) {
    router.on(.get, "/hello/{name}") { .text("Hello \($0.pathParameters["name"] ?? "")\n") }
    router.on(.post, "/echo") { request in
      HTTPResponse(contentType: "application/octet-stream", bytes: try await request.body.collect())
    }
  }

  @Test("RFC 9112 §9.3: a connection serves one request after the other")
  func persistentConnection() async throws {
    try await withServer(routes: Self.routes) { address in
      let client = try await TestClient(address)
      defer { client.close() }
      for index in 0..<20 {
        try await client.send("GET /hello/\(index) HTTP/1.1\r\nHost: a\r\n\r\n")
        let response = try await client.readResponse()
        #expect(response.status == 200)
        #expect(response.content == "Hello \(index)\n")
        #expect(response["connection"] == nil)
      }
    }
  }

  @Test("RFC 9112 §9.3.2: pipelined requests are answered in order")
  func pipelining() async throws {
    try await withServer(routes: Self.routes) { address in
      let client = try await TestClient(address)
      defer { client.close() }
      let requests = (0..<50).map { index in
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n\(100 + index)"
      }
      try await client.send(requests.joined())
      let text = try await client.read { TestResponse.all(in: $0).count >= 50 }
      #expect(TestResponse.all(in: text).map(\.content) == (0..<50).map { "\(100 + $0)" })
    }
  }
}
