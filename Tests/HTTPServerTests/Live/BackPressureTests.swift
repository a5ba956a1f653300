import HTTPServer
import Synchronization
import Testing

@Suite struct BackPressureTests {
  @Test("A large stream waits for a reader that stalls, in bounded memory, and arrives whole when it goes on")
  func stalledReader() async throws {
    final class Produced: Sendable { let pieces = Mutex(0) }
    let produced = Produced()
    let total = 2_000
    let piece = 32_768
    try await withServer { router in
      router.on(.get, "/large") { _ in
        HTTPResponse(
          body: .stream(
            AsyncThrowingStream<[UInt8], any Error> {
              let index = produced.pieces.withLock { count -> Int in
                defer { count += 1 }
                return count
              }
              return index < total ? [UInt8](repeating: UInt8(index % 251), count: piece) : nil
            }))
      }
    } _: { address in
      let client = try await TestClient(address, receiveBufferBytes: 65_536)
      defer { client.close() }
      try await client.send("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      // Nothing is read. The count of produced pieces comes to rest when the socket's buffers are full.
      let ahead = try await within(.seconds(20)) {
        var last = 0
        while true {
          try await Task.sleep(for: .milliseconds(100))
          let count = produced.pieces.withLock { $0 }
          if count == last, count > 0 { return count }
          last = count
        }
      }
      #expect(ahead < total / 4, "the stream ran ahead of its reader")

      let content = try await within(.seconds(60)) {
        var received: [UInt8] = []
        while let bytes = try await client.readPiece() { received += bytes }
        return received
      }
      let stream = try #require(ChunkedText(content))
      #expect(stream.content.count == total * piece)
      #expect((0..<total).allSatisfy { stream.content[$0 * piece + 7] == UInt8($0 % 251) })
    }
  }
}

/// A chunked response taken apart without the server's decoder: sizes in hexadecimal, a last chunk of zero.
private struct ChunkedText {
  var content: [UInt8] = []

  init?(_ response: [UInt8]) {
    guard var index = Self.end(of: "\r\n\r\n", in: response, from: 0) else { return nil }
    while let lineEnd = Self.end(of: "\r\n", in: response, from: index) {
      let digits = String(decoding: response[index..<(lineEnd - 2)], as: UTF8.self)
      guard let size = Int(digits, radix: 16) else { return nil }
      guard size > 0 else { return }
      guard lineEnd + size + 2 <= response.count else { return nil }
      content += response[lineEnd..<(lineEnd + size)]
      index = lineEnd + size + 2
    }
    return nil
  }

  private static func end(of pattern: String, in bytes: [UInt8], from start: Int) -> Int? {
    let pattern = Array(pattern.utf8)
    guard start <= bytes.count - pattern.count else { return nil }
    return (start...(bytes.count - pattern.count)).first {
      bytes[$0..<($0 + pattern.count)].elementsEqual(pattern)
    }
    .map { $0 + pattern.count }
  }
}
