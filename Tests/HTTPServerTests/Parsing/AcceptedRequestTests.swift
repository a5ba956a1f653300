import HTTPServer
import Testing

@Suite struct AcceptedRequestTests {
  private func parse(_ text: String) throws -> ParsedStream.Request {
    let stream = ParsedStream(Array(text.utf8))
    #expect(ParsedStream.byteByByte(Array(text.utf8)) == stream)
    #expect(stream.fault == nil)
    let request = try #require(stream.requests.first)
    #expect(request.isComplete)
    return request
  }

  @Test(
    "RFC 9112 §3.2: forms of the target",
    arguments: [
      ("/", []), ("/a/b", ["a", "b"]), ("/a/", ["a", ""]), ("//a", ["", "a"]), ("/a%2Fb/c", ["a/b", "c"]),
      ("/%E4%BD%A0", ["你"]), ("/a;b=c@:!$&'()*+,=", ["a;b=c@:!$&'()*+,="]), ("/...", ["..."]),
      ("http://example.com", []), ("HTTP://example.com:8080/a?b", ["a"]), ("https://[::1]:80/x", ["x"]),
    ])
  func targets(_ target: String, _ segments: [String]) throws {
    let request = try parse("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(request.segments == segments)
    #expect(request.target == target)
  }

  @Test(
    "WHATWG URL §5.1: parameters of the query",
    arguments: [
      ("?", []), ("?a=1&b=2", ["a=1", "b=2"]), ("?a=1&a=2", ["a=1", "a=2"]), ("?a", ["a="]), ("?=a", ["=a"]),
      ("?a+b=c%2Bd", ["a b=c+d"]), ("?a=b=c", ["a=b=c"]), ("?&&a=1&", ["a=1"]),
      ("?%C3%BC=%F0%9F%90%A6", ["ü=🐦"]),
      ("?a=/?:@", ["a=/?:@"]),
    ])
  func queries(_ query: String, _ parameters: [String]) throws {
    #expect(try parse("GET /\(query) HTTP/1.1\r\nHost: a\r\n\r\n").query == parameters)
  }

  @Test("RFC 9112 §3.2.4: the asterisk form")
  func asterisk() throws {
    #expect(try parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").target == "*")
  }

  @Test("RFC 9112 §2.2: one empty line before the request line is ignored")
  func leadingEmptyLine() throws {
    #expect(try parse("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").method == "GET")
  }

  @Test("RFC 9110 §2.5: a higher minor version is spoken to as 1.1")
  func higherMinorVersion() throws {
    #expect(try parse("GET / HTTP/1.9\r\nHost: a\r\n\r\n").method == "GET")
  }

  @Test("RFC 9112 §3.2: HTTP/1.0 needs no Host")
  func oldVersion() throws {
    #expect(try parse("GET / HTTP/1.0\r\n\r\n").method == "GET")
  }

  @Test("RFC 9112 §5: white space around a value is not part of it; names ignore case; values may be empty")
  func fields() throws {
    let request = try parse(
      "GET / HTTP/1.1\r\nhOsT:\t a:80 \t\r\nX-Empty:\r\nX-Colon: a:b: c\r\nx-colon: d\r\nX-Tab: a\tb\r\n\r\n")
    #expect(request.headers[.host] == "a:80")
    #expect(request.headers["x-EMPTY"] == "")
    #expect(request.headers.values("X-Colon") == ["a:b: c", "d"])
    #expect(request.headers["X-Tab"] == "a\tb")
  }

  @Test("RFC 9110 §5.5: octets beyond ASCII are kept, as UTF-8 where they are, else as Latin-1")
  func opaqueOctets() throws {
    let start = Array("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8)
    let end = Array("\r\n\r\n".utf8)
    let utf8 = ParsedStream(start + Array("né".utf8) + end)
    let latin = ParsedStream(start + [0x6E, 0xE9] + end)
    #expect(utf8.requests.first?.headers["X"] == "né")
    #expect(latin.requests.first?.headers["X"] == "né")
  }

  @Test(
    "RFC 9112 §7.1: chunked content",
    arguments: [
      ("0\r\n\r\n", ""), ("5\r\nhello\r\n0\r\n\r\n", "hello"), ("3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "hello"),
      ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"), ("a\r\n0123456789\r\n000\r\n\r\n", "0123456789"),
      ("0005\r\nhello\r\n0\r\n\r\n", "hello"), ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
      ("5;a\r\nhello\r\n0;b=c\r\n\r\n", "hello"), ("5;a=\"x;\\\" y\";b\r\nhello\r\n0\r\n\r\n", "hello"),
      ("5 ; a = b\r\nhello\r\n0\r\n\r\n", "hello"), ("5\r\nhello\r\n0\r\nX: a\r\nY: b\r\n\r\n", "hello"),
    ])
  func chunked(_ chunks: String, _ content: String) throws {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
    #expect(String(decoding: try parse(head + chunks).body, as: UTF8.self) == content)
  }

  @Test("RFC 9112 §6.3: content of a declared length, also with leading zeros, may hold anything")
  func length() throws {
    let text =
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 008\r\n\r\n\r\n\r\n\0GETGET / HTTP/1.1\r\nHost: b\r\n\r\n"
    let stream = ParsedStream(Array(text.utf8))
    #expect(stream.requests.map(\.method) == ["POST", "GET"])
    #expect(stream.requests.first?.body == Array("\r\n\r\n\0GET".utf8))
  }

  @Test("Limits are held to the byte: the largest allowed is allowed")
  func exactLimits() {
    var limits = HTTPLimits()
    limits.requestLineBytes = 40
    limits.headerBytes = 30
    limits.headerCount = 3
    func status(line: Int, header: Int, count: Int) -> Int? {
      let target = "/" + String(repeating: "a", count: line - 14)
      let extra = String(repeating: "X:\r\n", count: count - 2)
      // "Host: a" and CRLF take 9 bytes, "Y:" and CRLF 4, each "X:" line 4.
      let value = String(repeating: "b", count: header - 13 - 4 * (count - 2))
      let bytes = Array("GET \(target) HTTP/1.1\r\nHost: a\r\n\(extra)Y:\(value)\r\n\r\n".utf8)
      let stream = ParsedStream(bytes, limits: limits)
      #expect(ParsedStream.byteByByte(bytes, limits: limits) == stream)
      return stream.fault?.status.code
    }
    #expect(status(line: 40, header: 30, count: 3) == nil)
    #expect(status(line: 41, header: 30, count: 3) == 414)
    #expect(status(line: 40, header: 33, count: 3) == 431)
    #expect(status(line: 40, header: 30, count: 4) == 431)
  }
}
