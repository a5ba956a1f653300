import HTTPServer
import Testing

@Suite struct RefusedRequestTests {
  @Test("A request that breaks a rule is refused with its status", arguments: RefusedRequest.all)
  func refused(_ request: RefusedRequest) {
    let whole = ParsedStream(request.bytes)
    #expect(whole.fault?.status.code == request.status)
    #expect(ParsedStream.byteByByte(request.bytes) == whole)
  }

  @Test(
    "RFC 9112 §11.2: nothing behind a refused request is taken for another one", arguments: RefusedRequest.all
  )
  func nothingIsSmuggled(_ request: RefusedRequest) async throws {
    try await withServer { router in
      router.on(.post, "/echo") {
        HTTPResponse(contentType: "text/plain", bytes: try await $0.body.collect())
      }
      router.on(.get, "/") { _ in .text("root") }
      router.on(.get, "/smuggled") { _ in .text("smuggled") }
    } _: { address in
      let client = try await TestClient(address)
      defer { client.close() }
      try await client.send(request.bytes + Array("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
      client.endWriting()
      let responses = TestResponse.all(in: try await client.readToEnd())
      #expect(responses.map(\.status) == [request.status])
      #expect(responses.first?["Connection"] == "close")
      #expect(responses.first?["Content-Type"] == "application/problem+json")
    }
  }
}
