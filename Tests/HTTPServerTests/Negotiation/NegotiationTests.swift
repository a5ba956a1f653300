import CZlib
import Foundation
import HTTPServer
import Testing

@Suite struct NegotiationTests {
  @Test(
    "RFC 9110 §12.4.2: weights",
    arguments: [
      (["gzip"], "gzip", 1_000), (["GZIP"], "gzip", 1_000), (["gzip;q=0.5"], "gzip", 500),
      (["gzip; q=0.25, br"], "gzip", 250),
      (["gzip;q=0"], "gzip", 0), (["*"], "gzip", 1_000), (["*;q=0.1"], "gzip", 100),
      (["br, *;q=0"], "gzip", 0), (["br"], "gzip", 0),
      ([""], "gzip", 0), ([], "gzip", 0), (["identity", "gzip;q=0.125"], "gzip", 125),
      (["gzip;q=1.000"], "gzip", 1_000),
      (["gzip;q=1.001"], "gzip", 0), (["gzip;q=-1"], "gzip", 0), (["gzip;q=x"], "gzip", 0),
      (["gzip;q=0.0001"], "gzip", 0), (["gzip ; Q=0.3"], "gzip", 300),
    ] as [([String], String, Int)])
  func weights(_ values: [String], _ name: String, _ weight: Int) {
    #expect(QualityList(values).weight(of: name) == weight)
  }

  @Test(
    "RFC 9110 §12.5.1: the type that is liked best",
    arguments: [
      (nil, "application/json"), ("*/*", "application/json"), ("text/csv", "text/csv"),
      ("text/*", "text/csv"),
      ("text/csv;q=0.5, application/x-ndjson", "application/x-ndjson"),
      ("application/json;q=0.1, */*;q=0.5", "text/csv"),
      ("image/png", nil), ("text/csv;q=0", nil), ("application/*", "application/json"),
      ("text/html, */*;q=0.8", "application/json"),
    ] as [(String?, String?)])
  func types(_ accept: String?, _ preferred: String?) throws {
    var request = try HTTPRequest(method: .get, target: "/")
    if let accept { try request.headers.set(.accept, text: accept) }
    #expect(
      request.preferredMediaType(of: ["application/json", "text/csv", "application/x-ndjson"]) == preferred)
  }

  private static let long = String(repeating: "{\"samples\": 1024, \"outcome\": \"fit\"}\n", count: 200)

  /// zlib's own reading of the gzip format; nil where it is none.
  private func unzipped(_ bytes: [UInt8]) -> [UInt8]? {
    var stream = z_stream()
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return nil
    }
    defer { inflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: 50_000_000)
    let result = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        return inflate(&stream, Z_FINISH)
      }
    }
    return result == Z_STREAM_END && stream.avail_in == 0 ? Array(output.prefix(Int(stream.total_out))) : nil
  }

  @Test(
    "RFC 9110 §12.5.3: gzip for who asks for it, of content that is worth it",
    arguments: [
      ("gzip", "application/json", true), ("gzip, deflate, br", "text/csv", true),
      ("*", "application/problem+json", true),
      ("identity;q=0.5, gzip", "application/yaml", true), (nil, "application/json", false),
      ("br", "application/json", false), ("gzip;q=0", "application/json", false),
      ("identity, gzip;q=0.5", "application/json", false), ("gzip", "image/png", false),
      ("gzip", "text/event-stream", false), ("gzip", "application/octet-stream", false),
    ] as [(String?, String, Bool)])
  func gzip(_ accept: String?, _ type: String, _ isCompressed: Bool) async throws {
    let memory = InMemory { _ in
      HTTPResponse(
        headers: ["Content-Type": try HTTPHeaderValue(type), "ETag": "\"v3\""],
        body: .bytes(Array(Self.long.utf8)))
    }
    var headers: HTTPHeaders = [:]
    if let accept { try headers.set(.acceptEncoding, text: accept) }
    let response = try await memory.respond(.get, "/", headers)
    #expect((response.headers[.contentEncoding] == "gzip") == isCompressed)
    #expect(response.headers[.etag] == (isCompressed ? "\"v3-gzip\"" : "\"v3\""))
    #expect(
      (response.headers[.vary] == "Accept-Encoding") == ![
        "image/png", "text/event-stream", "application/octet-stream",
      ].contains(type))
    if isCompressed {
      #expect(unzipped(response.content) == Array(Self.long.utf8) && response.content.count < 1_000)
    } else {
      #expect(response.text == Self.long)
    }
  }

  @Test("Content of 1 KiB stays as it is; large content and streams come out whole")
  func sizes() async throws {
    let memory = InMemory { request in
      let count = try request.parameter("count", in: 0...100_000_000) ?? 0
      return HTTPResponse(
        contentType: "text/plain", bytes: (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 7) ^ ($0 >> 5)) }
      )
    }
    for (count, isCompressed) in [(0, false), (1_024, false), (1_025, true), (3_000_000, true)] {
      let response = try await memory.respond(.get, "/?count=\(count)", ["Accept-Encoding": "gzip"])
      #expect((response.headers[.contentEncoding] != nil) == isCompressed)
      if isCompressed { #expect(unzipped(response.content)?.count == count) }
    }
    let stream = InMemory { _ in
      HTTPResponse(
        headers: ["Content-Type": "application/x-ndjson"],
        body: .stream(
          AsyncThrowingStream<[UInt8], any Error> { continuation in
            for index in 0..<5_000 { continuation.yield(Array("{\"index\":\(index)}\n".utf8)) }
            continuation.finish()
          }))
    }
    let response = try await stream.respond(.get, "/", ["Accept-Encoding": "gzip"])
    guard case .stream(let pieces) = response.body else { return #expect(Bool(false), "no stream") }
    var content: [UInt8] = []
    for try await piece in pieces { content += piece }
    let lines = String(decoding: try #require(unzipped(content)), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 5_000 && lines.last == "{\"index\":4999}")
  }

  @Test(
    "RFC 9110 §13.1.2: what the client has isn't sent again",
    arguments: [
      ("\"v7\"", true), ("W/\"v7\"", true), ("\"v7-gzip\"", true), ("\"v6\", \"v7\"", true), ("*", true),
      ("\"a,b\",W/\"v7\"", true),
      ("\"v6\"", false), ("v7", false), ("\"v7", false), ("\"v77\"", false), ("\"\"", false), ("", false),
      ("\"v7-gzip-gzip\"", false),
    ])
  func notModified(_ tags: String, _ isCurrent: Bool) async throws {
    let memory = InMemory { _ in
      HTTPResponse(
        headers: [
          "Content-Type": "application/json", "ETag": EntityTag(version: 7).fieldValue,
          "Cache-Control": "no-cache",
          "Link": "</>; rel=\"self\"",
        ], body: .bytes(Array("{}".utf8)))
    }
    for method in [HTTPMethod.get, .head] {
      let response = try await memory.respond(method, "/", ["If-None-Match": HTTPHeaderValue(tags)])
      #expect(response.status.code == (isCurrent ? 304 : 200))
      #expect(response.headers[.etag] == "\"v7\"" && response.headers[.cacheControl] == "no-cache")
      #expect(
        (response.headers[.contentType] == nil) == isCurrent && (response.headers[.link] == nil) == isCurrent)
      #expect(response.content.isEmpty == isCurrent)
    }
    #expect(
      try HTTPRequest(method: .get, target: "/", headers: ["If-None-Match": HTTPHeaderValue(tags)])
        .hasCurrent(EntityTag(version: 7)) == isCurrent)
  }

  /// The examples of RFC 9110 §14.1.2 are of a content of 10,000 bytes.
  @Test(
    "RFC 9110 §14: ranges of bytes",
    arguments: [
      (nil, 200, 0..<10_000), ("bytes=0-499", 206, 0..<500), ("bytes=500-999", 206, 500..<1_000),
      ("bytes=-500", 206, 9_500..<10_000),
      ("bytes=9500-", 206, 9_500..<10_000), ("Bytes=0-0", 206, 0..<1),
      ("bytes=0-99999999999999999999", 206, 0..<10_000), ("bytes=-20000", 206, 0..<10_000),
      ("bytes=0-0,-1", 200, 0..<10_000), ("bytes=5-4", 200, 0..<10_000), ("bytes=-", 200, 0..<10_000),
      ("bytes=a-b", 200, 0..<10_000), ("lines=1-2", 200, 0..<10_000),
      ("bytes=+1-2", 200, 0..<10_000), ("bytes=10000-", 416, 0..<0), ("bytes=-0", 416, 0..<0),
      ("bytes=99999999999999999999-", 416, 0..<0),
    ] as [(String?, Int, Range<Int>)])
  func ranges(_ range: String?, _ status: Int, _ expected: Range<Int>) async throws {
    let content = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 % 251) }
    let file = FileManager.default.temporaryDirectory.appending(path: "emc-range-\(UUID().uuidString)")
    try Data(content).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let path = file.path
    var router = Router(logger: silent)
    router.on(.get, "/file") { _ in
      guard let response = HTTPResponse.file(path: path, contentType: "application/octet-stream") else {
        throw ProblemDocument(.notFound)
      }
      return response
    }
    router.on(.get, "/bytes") { _ in
      HTTPResponse(headers: ["Accept-Ranges": "bytes", "ETag": "\"v1\""], body: .bytes(content))
    }
    var headers: HTTPHeaders = ["Accept-Encoding": "gzip"]
    if let range { try headers.set(.range, text: range) }
    let response = await router.respond(to: try HTTPRequest(method: .get, target: "/bytes", headers: headers))
    #expect(response.status.code == status)
    switch status {
    case 206:
      #expect(response.content == Array(content[expected]))
      #expect(
        response.headers[.contentRange] == "bytes \(expected.lowerBound)-\(expected.upperBound - 1)/10000")
    case 416: #expect(response.headers[.contentRange] == "bytes */10000")
    default: #expect(response.content == content)
    }
    let served = await router.respond(to: try HTTPRequest(method: .get, target: "/file", headers: headers))
    #expect(served.status.code == status)
    if case .file(let file) = served.body { #expect(file.range == expected) }
    // If-Range: the client's part is of another version, so it gets the whole.
    headers.set(.ifRange, "\"v0\"")
    let other = await router.respond(to: try HTTPRequest(method: .get, target: "/bytes", headers: headers))
    #expect(other.status == .ok && other.content == content)
    headers.set(.ifRange, "\"v1\"")
    let same = await router.respond(to: try HTTPRequest(method: .get, target: "/bytes", headers: headers))
    #expect(same.status.code == status)
  }

  @Test("A folder, a missing file and a pipe are no files to serve")
  func noFile() {
    for path in ["/", "/nothing/there", "/dev/null"] {
      #expect(HTTPResponse.file(path: path, contentType: "text/plain") == nil)
    }
  }
}
