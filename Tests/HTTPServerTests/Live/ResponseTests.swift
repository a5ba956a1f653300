import Foundation
import HTTPServer
import Testing

@Suite struct ResponseTests {
  private static func routes(_ router: inout Router) {
    router.on(.get, "/text") { _ in .text("hello") }
    router.on(.get, "/none") { _ in HTTPResponse(status: .noContent, body: .bytes([1, 2, 3])) }
    router.on(.get, "/unmodified") { _ in HTTPResponse(status: .notModified, headers: ["ETag": "\"a\""]) }
    router.on(.get, "/empty") { _ in HTTPResponse(status: .accepted) }
    router.on(.get, "/close") { _ in HTTPResponse(headers: ["Connection": "close"], body: .bytes([])) }
    router.on(.get, "/lies") { _ in
      HTTPResponse(
        headers: ["Content-Length": "99", "Transfer-Encoding": "gzip", "Date": "never", "X-A": "b"],
        body: .bytes(Array("true".utf8)))
    }
    router.on(.get, "/stream") { _ in
      HTTPResponse(
        body: .stream(pieces([Array("hel".utf8), [], Array("lo".utf8), Array("0123456789".utf8)])))
    }
    router.on(.get, "/broken") { _ in
      HTTPResponse(body: .stream(pieces([Array("part".utf8)], failsAtEnd: true)))
    }
  }

  private struct Broken: Error {}

  private static func pieces(_ pieces: [[UInt8]], failsAtEnd: Bool = false) -> AsyncThrowingStream<
    [UInt8], any Error
  > {
    AsyncThrowingStream { continuation in
      for piece in pieces { continuation.yield(piece) }
      continuation.finish(throwing: failsAtEnd ? Broken() : nil)
    }
  }

  private func exchange(_ text: String) async throws -> String {
    try await withServer(routes: Self.routes) { address in
      let client = try await TestClient(address)
      defer { client.close() }
      try await client.send(text)
      return try await client.readToEnd()
    }
  }

  private static let last = "GET /text HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

  @Test("RFC 9110 §6.6.1, §8.6: every response has a date, and a length where it has content")
  func lengthAndDate() async throws {
    let response = try #require(TestResponse.all(in: try await exchange(Self.last)).first)
    #expect(response["content-length"] == "5")
    #expect(response["content-type"] == "text/plain; charset=utf-8")
    let date = try #require(response["date"])
    #expect(date.wholeMatch(of: /\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT/) != nil)
    #expect(response["connection"] == "close")
  }

  @Test("RFC 9110 §9.3.2: HEAD has the header of GET and no content")
  func head() async throws {
    let text = try await exchange(
      "HEAD /text HTTP/1.1\r\nHost: a\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n" + Self.last)
    let heads = text.components(separatedBy: "\r\n\r\n")
    #expect(heads.count == 4)
    #expect(heads[0].contains("Content-Length: 5"))
    #expect(heads[1].contains("Transfer-Encoding: chunked"))
    #expect(heads[3] == "hello")
  }

  @Test("RFC 9110 §8.6, §15.3.5, §15.4.5: 204 and 304 have no content and no length")
  func withoutContent() async throws {
    let text = try await exchange(
      "GET /none HTTP/1.1\r\nHost: a\r\n\r\nGET /unmodified HTTP/1.1\r\nHost: a\r\n\r\nGET /empty HTTP/1.1\r\nHost: a\r\n\r\n"
        + Self.last)
    let responses = TestResponse.all(in: text)
    #expect(responses.map(\.status) == [204, 304, 202, 200])
    #expect(responses[0]["content-length"] == nil)
    #expect(responses[1]["content-length"] == nil)
    #expect(responses[1]["etag"] == "\"a\"")
    #expect(responses[2]["content-length"] == "0")
  }

  @Test("RFC 9112 §6: a handler can't contradict the framing")
  func reservedFields() async throws {
    let text = try await exchange("GET /lies HTTP/1.1\r\nHost: a\r\n\r\n" + Self.last)
    let responses = TestResponse.all(in: text)
    #expect(responses.map(\.content) == ["true", "hello"])
    #expect(responses[0].fields.filter { $0.name.lowercased() == "content-length" }.map(\.value) == ["4"])
    #expect(responses[0]["transfer-encoding"] == nil)
    #expect(responses[0]["date"] != "never")
    #expect(responses[0]["x-a"] == "b")
  }

  @Test("RFC 9112 §7.1: content of unknown length comes in chunks, and the connection goes on")
  func chunked() async throws {
    let text = try await exchange("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n" + Self.last)
    #expect(text.contains("Transfer-Encoding: chunked\r\n"))
    #expect(text.contains("\r\n\r\n3\r\nhel\r\n2\r\nlo\r\na\r\n0123456789\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"))
  }

  @Test("RFC 9112 §8: content that breaks off has no last chunk, and the connection ends")
  func broken() async throws {
    let text = try await exchange("GET /broken HTTP/1.1\r\nHost: a\r\n\r\n" + Self.last)
    #expect(text.hasSuffix("\r\n\r\n4\r\npart\r\n"))
  }

  @Test("RFC 9112 §9.3: HTTP/1.0 closes, unless it asks to keep the connection; it gets no chunks")
  func oldVersion() async throws {
    let closed = try await exchange("GET /text HTTP/1.0\r\n\r\n" + Self.last)
    #expect(TestResponse.all(in: closed).map(\.content) == ["hello"])
    let kept = try await exchange("GET /text HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n" + Self.last)
    #expect(TestResponse.all(in: kept).count == 2)
    #expect(TestResponse.all(in: kept)[0]["connection"] == "keep-alive")
    let stream = try await exchange("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + Self.last)
    #expect(!stream.contains("Transfer-Encoding"))
    #expect(stream.contains("Connection: close"))
    #expect(stream.hasSuffix("\r\n\r\nhello0123456789"))
  }

  @Test("RFC 9112 §9.6: close, asked for by the client or by the handler")
  func close() async throws {
    let client = try await exchange(
      "GET /text HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n" + Self.last)
    #expect(TestResponse.all(in: client).count == 1)
    let handler = try await exchange("GET /close HTTP/1.1\r\nHost: a\r\n\r\n" + Self.last)
    #expect(TestResponse.all(in: handler).map { $0["connection"] } == ["close"])
  }
}
