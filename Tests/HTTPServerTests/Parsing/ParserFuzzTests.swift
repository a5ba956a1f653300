import HTTPServer
import Testing

/// Streams of requests, mutated and cut at random places, the same ones in every run.
@Suite struct ParserFuzzTests {
  private static let refused = RefusedRequest.all.map(\.bytes).filter { $0.count < 2_000 }
  private static let accepted =
    [
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST /a?b=c%20d HTTP/1.1\r\nHost: a:80\r\nContent-Length: 11\r\n\r\nhello world",
      "PUT /x HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\nT: v\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n",
      "GET /\(String(repeating: "a", count: 105)) HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET http://example.com:80/x HTTP/1.1\r\nHost: b\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
    ].map { Array($0.utf8) }

  private static let fragments: [[UInt8]] = [
    "\r\n", "\r", "\n", "\0", " ", "\t", ":", ";", ",", "%", "%00", "%2f", "0\r\n\r\n",
    "Content-Length: 3\r\n",
    "Transfer-Encoding: chunked\r\n", "Host: a\r\n", "HTTP/1.1", "FFFFFFFFFFFFFFFF\r\n", "\u{FF}", "\"", "\\",
  ].map { Array($0.utf8) }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let end = Int.random(in: place...min(bytes.count, place + 20), using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
      case 1: bytes.removeSubrange(place..<end)
      case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 3: bytes.insert(contentsOf: Self.fragments.randomElement(using: &random) ?? [], at: place)
      case 4: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      default: bytes.append(contentsOf: Self.accepted.randomElement(using: &random) ?? [])
      }
    }
  }

  private func split(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [ArraySlice<UInt8>] {
    let cuts = (0..<Int.random(in: 0...6, using: &random)).map { _ in
      Int.random(in: 0...bytes.count, using: &random)
    }
    let places = [0] + cuts.sorted() + [bytes.count]
    return zip(places, places.dropFirst()).map { bytes[$0..<$1] }
  }

  @Test("What the parser makes of a stream doesn't depend on how it is split", arguments: 0..<8)
  func splitting(_ seed: Int) {
    var limits = HTTPLimits()
    limits.requestLineBytes = 120
    limits.headerBytes = 200
    limits.headerCount = 8
    limits.chunkExtensionBytes = 30
    var random = SeededGenerator(seed: UInt64(seed))
    var complete = 0
    var refused: Set<Int> = []
    for _ in 0..<2_500 {
      let seeds = Bool.random(using: &random) ? Self.accepted : Self.refused
      var bytes = seeds.randomElement(using: &random) ?? []
      mutate(&bytes, &random)
      let whole = ParsedStream(bytes, limits: limits)
      #expect(ParsedStream(split(bytes, &random), limits: limits) == whole, "\(bytes)")
      #expect(ParsedStream.byteByByte(bytes, limits: limits) == whole, "\(bytes)")
      for request in whole.requests { check(request) }
      complete += whole.requests.count { $0.isComplete }
      if let fault = whole.fault { refused.insert(fault.status.code) }
    }
    // The corpus reaches both sides: requests get through, and every kind of refusal occurs.
    #expect(complete > 200)
    #expect(refused == [400, 414, 417, 431, 501, 505])
  }

  /// What handlers rely on, whatever was sent.
  private func check(_ request: ParsedStream.Request) {
    let texts = request.segments + request.query + [request.target]
    #expect(texts.allSatisfy { !$0.utf8.contains(0) })
    #expect(!request.segments.contains(".."))
    let values = request.headers.flatMap { Array($0.value.text.utf8) }
    #expect(!values.contains { $0 == 0x0D || $0 == 0x0A || $0 == 0 })
    if request.isComplete, let length = request.headers[.contentLength] {
      #expect(Int(length) == request.body.count)
    }
  }

  @Test("Content cut into any chunks comes out as it was", arguments: 0..<4)
  func chunkedRoundTrip(_ seed: Int) {
    var random = SeededGenerator(seed: UInt64(1_000 + seed))
    for _ in 0..<200 {
      let content = (0..<Int.random(in: 0...5_000, using: &random)).map { _ in
        UInt8.random(in: .min ... .max, using: &random)
      }
      var bytes = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
      for piece in split(content, &random) where !piece.isEmpty {
        let zeros = String(repeating: "0", count: Int.random(in: 0...3, using: &random))
        bytes += Array(
          "\(zeros)\(String(piece.count, radix: 16, uppercase: Bool.random(using: &random)))\r\n".utf8)
        bytes += piece + [13, 10]
      }
      bytes += Array("0\r\n\r\n".utf8)
      let stream = ParsedStream(split(bytes, &random))
      #expect(stream.fault == nil)
      #expect(stream.requests.count == 1)
      #expect(stream.requests.first?.isComplete == true)
      #expect(stream.requests.first?.body == content)
    }
  }
}
