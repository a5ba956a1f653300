import Testing

/// A request that must be refused, and the rule that says so.
struct RefusedRequest: Sendable, CustomTestStringConvertible {
  let rule: String
  let bytes: [UInt8]
  let status: Int

  var testDescription: String { rule }

  init(_ rule: String, _ text: String, _ status: Int = 400) {
    self.rule = rule
    bytes = Array(text.utf8)
    self.status = status
  }

  private static func line(_ rule: String, _ line: String, _ status: Int = 400) -> RefusedRequest {
    RefusedRequest(rule, "\(line)\r\nHost: a\r\n\r\n", status)
  }

  private static func target(_ rule: String, _ target: String, _ status: Int = 400) -> RefusedRequest {
    line(rule, "GET \(target) HTTP/1.1", status)
  }

  private static func field(_ rule: String, _ field: String, _ status: Int = 400) -> RefusedRequest {
    RefusedRequest(rule, "POST /echo HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\nhello", status)
  }

  private static func chunks(_ rule: String, _ chunks: String, _ status: Int = 400) -> RefusedRequest {
    RefusedRequest(
      rule, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)", status)
  }

  static let requestLines: [RefusedRequest] = [
    line("RFC 9112 §3: two spaces after the method", "GET  / HTTP/1.1"),
    line("RFC 9112 §3: two spaces before the version", "GET /  HTTP/1.1"),
    line("RFC 9112 §3: white space before the method", " GET / HTTP/1.1"),
    line("RFC 9112 §3: white space after the version", "GET / HTTP/1.1 "),
    line("RFC 9112 §3: a tab in place of a space", "GET\t/ HTTP/1.1"),
    line("RFC 9112 §3: no version (HTTP/0.9)", "GET /"),
    line("RFC 9112 §3: a method alone", "GET"),
    line("RFC 9112 §3.1: a method that is no token", "G(T / HTTP/1.1"),
    line("RFC 9112 §3.1: a control character in the method", "G\u{1}T / HTTP/1.1"),
    line("RFC 9112 §3.1: NUL in the method", "G\u{0}T / HTTP/1.1"),
    RefusedRequest("RFC 9112 §2.2: bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
    RefusedRequest("RFC 9112 §2.2: bare CR after the request line", "GET / HTTP/1.1\rHost: a\r\n\r\n"),
    RefusedRequest("RFC 9112 §2.2: bare CR in the request line", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedRequest("RFC 9112 §2.2: LF before the request line", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedRequest("RFC 9112 §2.2: two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedRequest("RFC 9112 §2.2: bare CR first", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedRequest("RFC 8446: a TLS ClientHello", "\u{16}\u{3}\u{1}\u{0}\u{5}"),
    line("RFC 9112 §2.3: no minor version", "GET / HTTP/1"),
    line("RFC 9112 §2.3: a version in small letters", "GET / http/1.1"),
    line("RFC 9112 §2.3: two digits after the dot", "GET / HTTP/1.10"),
    line("RFC 9112 §2.3: letters in the version", "GET / HTTP/a.b"),
    line("RFC 9112 §2.3: another protocol", "GET / HTCPCP/1.0"),
    line("RFC 9110 §15.6.6: HTTP/2.0", "GET / HTTP/2.0", 505),
    line("RFC 9110 §15.6.6: HTTP/0.9 with its name", "GET / HTTP/0.9", 505),
    RefusedRequest("RFC 9113 §3.4: the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    line(
      "RFC 9112 §3: a request line over the limit", "GET /\(String(repeating: "a", count: 9_000)) HTTP/1.1",
      414),
    RefusedRequest(
      "RFC 9112 §3: an endless request line", "GET /" + String(repeating: "a", count: 9_000), 414),
  ]

  static let targets: [RefusedRequest] = [
    target("RFC 9112 §3.2: a relative path", "a"),
    target("RFC 9112 §3.2.4: the asterisk form is for OPTIONS", "*"),
    line("RFC 9110 §9.3.6: CONNECT", "CONNECT a:80 HTTP/1.1", 501),
    target("RFC 9112 §3.2.3: the authority form is for CONNECT", "a:80"),
    target("RFC 9110 §7.1: a fragment", "/a#b"),
    target("RFC 3986 §2.1: an escape of other letters", "/%zz"),
    target("RFC 3986 §2.1: an escape cut short", "/%4"),
    target("RFC 3986 §2.1: a percent sign at the end", "/%"),
    target("RFC 3986 §2.1: an invalid escape in the query", "/a?b=%g0"),
    target("RFC 3986 §7.3: an encoded NUL", "/a%00b"),
    target("RFC 3986 §7.3: an encoded NUL in the query", "/a?b=%00"),
    target("RFC 3986 §3.3: NUL", "/\u{0}"),
    target("RFC 3986 §3.3: DEL", "/\u{7F}"),
    target("RFC 3986 §3.3: a letter beyond ASCII", "/ü"),
    target("RFC 3986 §3.3: a backslash", "/a\\b"),
    target("RFC 3986 §3.3: angle brackets", "/<script>"),
    target("RFC 3986 §3.4: a quotation mark in the query", "/?a=\"b\""),
    target("RFC 3629 §3: octets that are not UTF-8", "/%ff"),
    target("RFC 3629 §3: an overlong slash", "/%c0%af"),
    target("RFC 3986 §5.2.4: a dot segment", "/../etc/passwd"),
    target("RFC 3986 §5.2.4: an encoded dot segment", "/a/%2e%2E/b"),
    target("RFC 9110 §4.2: a scheme that isn't http", "ftp://a/"),
    target("RFC 9110 §4.2.1: an empty host", "http:///a"),
    target("RFC 9110 §4.2.1: a port without a host", "http://:80/"),
    target("RFC 9110 §4.2.4: user information", "http://user@a/"),
    target("RFC 3986 §3.2.3: a port that is too large", "http://a:65536/"),
    target("RFC 3986 §3.2.2: an open bracket", "http://[::1/"),
  ]

  static let fields: [RefusedRequest] = [
    field("RFC 9112 §5.1: white space before the colon", "Content-Length : 5"),
    field("RFC 9112 §5.1: a tab before the colon", "Content-Length\t: 5"),
    RefusedRequest("RFC 9112 §2.2: white space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
    field("RFC 9112 §5.2: a folded line", "X: a\r\n b"),
    field("RFC 9112 §5.2: a line folded with a tab", "X: a\r\n\tb"),
    field("RFC 9112 §5: no colon", "Content-Length 5"),
    field("RFC 9112 §5: an empty name", ": 5"),
    field("RFC 9110 §5.1: a control character in the name", "X\u{1}: 5"),
    field("RFC 9110 §5.1: a letter beyond ASCII in the name", "Ü: 5"),
    field("RFC 9110 §5.1: a bracket in the name", "X[0]: 5"),
    field("RFC 9110 §5.5: NUL in the value", "X: a\u{0}b"),
    field("RFC 9110 §5.5: bare CR in the value", "X: a\rb"),
    field("RFC 9110 §5.5: bare CR before CRLF", "X: a\r"),
    field("RFC 9110 §5.5: DEL in the value", "X: a\u{7F}"),
    field("RFC 9110 §5.5: a vertical tab in the value", "Transfer-Encoding: \u{B}chunked"),
    field("RFC 9112 §2.2: bare LF after a field", "X: a\nY: b"),
    RefusedRequest("RFC 9112 §2.2: bare LF at the end of the header", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
    RefusedRequest("RFC 9112 §3.2: no Host", "GET / HTTP/1.1\r\n\r\n"),
    field("RFC 9112 §3.2: Host twice, the same", "Host: a"),
    field("RFC 9112 §3.2: Host twice, another", "Host: b"),
    RefusedRequest("RFC 9112 §3.2: Host twice in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"),
    RefusedRequest("RFC 9110 §7.2: two hosts in one field", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
    RefusedRequest("RFC 9110 §7.2: a path in Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    RefusedRequest("RFC 9110 §7.2: user information in Host", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
    RefusedRequest("RFC 9110 §7.2: a port that is no number", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"),
    RefusedRequest("RFC 9110 §4.2.1: an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    RefusedRequest("RFC 9110 §4.2.1: a Host of white space", "GET / HTTP/1.1\r\nHost: \t \r\n\r\n"),
    RefusedRequest("RFC 9110 §4.2.1: a Host of a port alone", "GET / HTTP/1.1\r\nHost: :80\r\n\r\n"),
    RefusedRequest("RFC 9110 §4.2.1: an empty Host in HTTP/1.0", "GET / HTTP/1.0\r\nHost:\r\n\r\n"),
    RefusedRequest("RFC 9110 §7.2: an open bracket in Host", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
    field("RFC 6585 §5: too many fields", (0..<200).map { "X\($0): a" }.joined(separator: "\r\n"), 431),
    field("RFC 6585 §5: a field over the limit", "X: \(String(repeating: "a", count: 40_000))", 431),
    RefusedRequest(
      "RFC 6585 §5: an endless field",
      "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 40_000), 431),
    field("RFC 9110 §10.1.1: an unknown expectation", "Expect: 200-ok", 417),
  ]

  static let framings: [RefusedRequest] = [
    field("RFC 9112 §6.3: an empty Content-Length", "Content-Length:"),
    field("RFC 9112 §6.3: a plus sign", "Content-Length: +5"),
    field("RFC 9112 §6.3: a negative length", "Content-Length: -5"),
    field("RFC 9112 §6.3: a hexadecimal length", "Content-Length: 0x5"),
    field("RFC 9112 §6.3: white space in the length", "Content-Length: 5 5"),
    field("RFC 9112 §6.3: a fraction", "Content-Length: 5.0"),
    field("RFC 9112 §6.3: digits beyond ASCII", "Content-Length: ５"),
    field("RFC 9112 §6.3: a list of equal lengths", "Content-Length: 5, 5"),
    field("RFC 9112 §6.3: a list of other lengths", "Content-Length: 5, 6"),
    field("RFC 9112 §6.3: equal lengths in two fields", "Content-Length: 5\r\nContent-Length: 5"),
    field("RFC 9112 §6.3: other lengths in two fields", "Content-Length: 5\r\ncontent-length: 6"),
    field("RFC 9112 §6.1: both framings", "Content-Length: 5\r\nTransfer-Encoding: chunked"),
    field("RFC 9112 §6.1: both framings, the other order", "Transfer-Encoding: chunked\r\nContent-Length: 5"),
    RefusedRequest(
      "RFC 9112 §6.1: Transfer-Encoding in HTTP/1.0",
      "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    field("RFC 9112 §6.3: chunked isn't last", "Transfer-Encoding: chunked, gzip"),
    field("RFC 9112 §6.3: chunked isn't there", "Transfer-Encoding: gzip"),
    field("RFC 9112 §6.3: identity", "Transfer-Encoding: identity"),
    field("RFC 9112 §6.3: an empty Transfer-Encoding", "Transfer-Encoding:"),
    field("RFC 9112 §7: chunked twice", "Transfer-Encoding: chunked, chunked"),
    field("RFC 9112 §7: chunked in two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
    field("RFC 9112 §7.1: chunked with a parameter", "Transfer-Encoding: chunked;q=1"),
    field("RFC 9112 §7: a name that ends in chunked", "Transfer-Encoding: xchunked"),
    field("RFC 9112 §7: chunked in quotation marks", "Transfer-Encoding: \"chunked\""),
    field("RFC 9112 §6.1: a coding that isn't known", "Transfer-Encoding: gzip, chunked", 501),
    field(
      "RFC 9112 §6.1: one in a field of its own", "Transfer-Encoding: foo\r\nTransfer-Encoding: chunked", 501),
  ]

  static let chunked: [RefusedRequest] = [
    chunks("RFC 9112 §7.1: an empty size", "\r\nhello\r\n0\r\n\r\n"),
    chunks("RFC 9112 §7.1: a size that is no number", "z\r\nhello\r\n0\r\n\r\n"),
    chunks("RFC 9112 §7.1: a negative size", "-5\r\nhello\r\n0\r\n\r\n"),
    chunks("RFC 9112 §7.1: a size with a prefix", "0x5\r\nhello\r\n0\r\n\r\n"),
    chunks("RFC 9112 §7.1: white space before the size", " 5\r\nhello\r\n0\r\n\r\n"),
    chunks("RFC 9112 §7.1: white space after the size", "5 \r\nhello\r\n0\r\n\r\n"),
    chunks("RFC 9112 §7.1: a size beyond 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
    chunks("RFC 9112 §7.1: a size of endless zeros", String(repeating: "0", count: 10_000)),
    chunks("RFC 9112 §2.2: bare LF after the size", "5\nhello\r\n0\r\n\r\n"),
    chunks("RFC 9112 §7.1: data longer than its size", "4\r\nhello\r\n0\r\n\r\n"),
    chunks("RFC 9112 §7.1: data followed by two other bytes", "5\r\nhelloXX0\r\n\r\n"),
    chunks("RFC 9112 §7.1: data followed by bare LF", "5\r\nhello\n0\r\n\r\n"),
    chunks("RFC 9112 §7.1: data followed by bare CR", "5\r\nhello\r0\r\n\r\n"),
    chunks("RFC 9112 §7.1.1: an extension without a name", "5;\r\nhello\r\n0\r\n\r\n"),
    chunks("RFC 9112 §7.1.1: a value without a name", "5;=a\r\nhello\r\n0\r\n\r\n"),
    chunks("RFC 9112 §7.1.1: a name without a value", "5;a=\r\nhello\r\n0\r\n\r\n"),
    chunks("RFC 9112 §7.1.1: an open quotation mark", "5;a=\"b\r\nhello\r\n0\r\n\r\n"),
    chunks("RFC 9112 §7.1.1: a control character", "5;a=\u{1}\r\nhello\r\n0\r\n\r\n"),
    chunks("RFC 9112 §7.1.1: bare LF in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"),
    chunks("RFC 9112 §7.1.1: no semicolon", "5 a\r\nhello\r\n0\r\n\r\n"),
    chunks(
      "RFC 9112 §7.1.1: one extension over the limit", "5;a=\(String(repeating: "b", count: 5_000))\r\n"),
    chunks(
      "RFC 9112 §7.1.1: many extensions over the limit",
      String(repeating: "1;a=\(String(repeating: "b", count: 100))\r\nx\r\n", count: 50) + "0\r\n\r\n"),
    chunks("RFC 9112 §7.1.2: white space before a trailer's colon", "0\r\nX : a\r\n\r\n"),
    chunks("RFC 9112 §7.1.2: a folded trailer", "0\r\nX: a\r\n b\r\n\r\n"),
    chunks("RFC 9112 §7.1.2: bare LF after a trailer", "0\r\nX: a\n\r\n"),
    chunks("RFC 9112 §7.1.2: too many trailers", "0\r\n" + String(repeating: "X: a\r\n", count: 200)),
    chunks("RFC 9112 §7.1.2: an endless trailer", "0\r\nX: " + String(repeating: "a", count: 40_000)),
  ]

  static let all = requestLines + targets + fields + framings + chunked
}
