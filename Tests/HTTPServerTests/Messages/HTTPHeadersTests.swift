import HTTPServer
import Testing

@Suite struct HTTPHeadersTests {
  @Test(
    "RFC 9110 §5.5: a value that could end its field can't be made",
    arguments: ["a\r\nSet-Cookie: b", "a\nb", "a\rb", "a\0b", "\u{7F}", "\u{1B}[0m"])
  func injection(_ value: String) {
    #expect(throws: HTTPHeaderError.invalidValue) { try HTTPHeaderValue(value) }
    var headers: HTTPHeaders = ["Location": "/"]
    #expect(throws: HTTPHeaderError.invalidValue) { try headers.set(.location, text: value) }
    #expect(throws: HTTPHeaderError.invalidValue) { try headers.add(.location, text: value) }
    #expect(headers.values(.location) == ["/"])
  }

  @Test(
    "RFC 9110 §5.1: a name that is no token can't be made", arguments: ["", "a b", "a:", "a\r\n", "ä", "(a)"])
  func names(_ name: String) {
    #expect(throws: HTTPHeaderError.invalidName) { try HTTPHeaderName(name) }
  }

  @Test("Names are compared without regard to case and written as they are spelled")
  func folding() throws {
    var headers = HTTPHeaders()
    try headers.add("X-Name", text: "  a ")
    headers.add("x-name", "b")
    #expect(headers.values("X-NAME") == ["a", "b"])
    #expect(headers.map(\.name.spelling) == ["X-Name", "x-name"])
    headers.set("X-nAME", "c")
    #expect(headers.values("x-name") == ["c"])
    headers.remove("x-name")
    #expect(headers.isEmpty)
  }
}
