import Foundation
import HTTPServer
import Testing

/// curl as a client that nobody here has written.
@Suite struct CurlTests {
  private static let curl = ["/usr/bin/curl", "/usr/local/bin/curl", "/bin/curl"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  private static func routes(_ router: inout Router) {
    router.on(.get, "/hello") { _ in .text("hello") }
    router.on(.get, "/query") { request in
      .text(request.query.map { "\($0.name)=\($0.value)" }.joined(separator: ";"))
    }
    router.on(.get, "/stream") { _ in
      var left = 1_000
      return HTTPResponse(
        body: .stream(
          AsyncThrowingStream<[UInt8], any Error> { continuation in
            while left > 0 {
              continuation.yield(Array("line \(left)\n".utf8))
              left -= 1
            }
            continuation.finish()
          }))
    }
    router.on(.get, "/compressible") { _ in
      HTTPResponse(
        contentType: "text/csv", bytes: Array(String(repeating: "samples,outcome\n", count: 5_000).utf8))
    }
    router.on(.get, "/file") { _ in
      guard let response = HTTPResponse.file(path: #filePath, contentType: "text/plain") else {
        throw ProblemDocument(.notFound)
      }
      return response
    }
    router.on(.post, "/json") { .text(String(decoding: try await $0.collectJSON(), as: UTF8.self)) }
    router.on(.put, "/length") { request in
      var count = 0
      for try await piece in request.body.limited(to: 100_000_000) { count += piece.count }
      return .text("\(count)")
    }
  }

  /// Standard output of curl; nil, with a message, where there is no curl. curl fails on any breach of
  /// protocol.
  private func curl(_ arguments: [String], input: Data? = nil) async throws -> String? {
    guard let path = Self.curl else {
      print("Skipped: there is no curl on this machine.")
      return nil
    }
    return try await withServer(routes: Self.routes) { address -> String in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: path)
      process.arguments =
        ["--silent", "--show-error", "--max-time", "30"]
        + arguments.map { $0.replacingOccurrences(of: "SERVER", with: "http://\(address)") }
      let output = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
      let upload = output.appendingPathExtension("in")
      try (input ?? Data()).write(to: upload)
      try Data().write(to: output)
      defer {
        try? FileManager.default.removeItem(at: output)
        try? FileManager.default.removeItem(at: upload)
      }
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardInput = try FileHandle(forReadingFrom: upload)
      let status = try await withCheckedThrowingContinuation { continuation in
        process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
        do { try process.run() } catch { continuation.resume(throwing: error) }
      }
      #expect(status == 0)
      return String(decoding: try Data(contentsOf: output), as: UTF8.self)
    }
  }

  @Test("Two requests on one connection")
  func keepAlive() async throws {
    guard
      let text = try await curl([
        "--write-out", " %{http_code} %{num_connects} %{http_version}\n", "SERVER/hello", "SERVER/hello",
      ])
    else { return }
    #expect(text == "hello 200 1 1.1\nhello 200 0 1.1\n")
  }

  @Test("Query, HEAD and HTTP/1.0")
  func variants() async throws {
    guard let query = try await curl(["--get", "--data-urlencode", "a=b c&d/ü", "SERVER/query"]) else {
      return
    }
    #expect(query == "a=b c&d/ü")
    let head = try await curl(["--head", "SERVER/hello"])
    #expect(head?.hasPrefix("HTTP/1.1 200 OK\r\n") == true && head?.hasSuffix("\r\n\r\n") == true)
    #expect(try await curl(["--http1.0", "SERVER/hello"]) == "hello")
  }

  @Test("A streamed response")
  func stream() async throws {
    guard let text = try await curl(["SERVER/stream"]) else { return }
    #expect(text == (1...1_000).reversed().map { "line \($0)\n" }.joined())
  }

  @Test("Uploads: of declared length after 100 Continue, and chunked")
  func uploads() async throws {
    let upload = Data(repeating: 7, count: 5_000_000)
    let length = try await curl(
      [
        "--upload-file", "-", "--header", "Transfer-Encoding:", "--header", "Content-Length: 5000000",
        "--header", "Expect: 100-continue", "SERVER/length",
      ], input: upload)
    guard let length else { return }
    #expect(length == "5000000")
    #expect(try await curl(["--upload-file", "-", "SERVER/length"], input: upload) == "5000000")
  }

  @Test("An upload that is refused: curl reads the answer though it hasn't sent everything")
  func refusedUpload() async throws {
    let text = try await curl(
      ["--upload-file", "-", "--write-out", " %{http_code}", "SERVER/hello"],
      input: Data(repeating: 7, count: 5_000_000))
    guard let text else { return }
    #expect(text.hasSuffix(" 405"))
  }

  @Test("Compressed content is read back, ranges of a file too, and what -d sends is JSON")
  func representations() async throws {
    guard let whole = try await curl(["--compressed", "SERVER/compressible"]) else { return }
    #expect(whole == String(repeating: "samples,outcome\n", count: 5_000))
    let small = try await curl([
      "-H", "Accept-Encoding: gzip", "-o", "/dev/null", "-w", "%{size_download}", "SERVER/compressible",
    ])
    #expect((Int(small ?? "") ?? .max) < 2_000)
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    #expect(try await curl(["SERVER/file"]) == source)
    let part = try await curl(["-r", "10-109", "SERVER/file"])
    #expect(part == String(decoding: Array(source.utf8)[10...109], as: UTF8.self))
    #expect(try await curl(["-d", "{\"a\": 1}", "SERVER/json"]) == "{\"a\": 1}")
  }
}
