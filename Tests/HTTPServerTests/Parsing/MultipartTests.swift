import HTTPServer
import Testing

private typealias Part = (part: MultipartPart, content: [UInt8])

/// The parts of a body that arrives in these pieces.
private func parts(_ pieces: [[UInt8]], boundary: String = "b") throws -> [Part] {
  var parser = MultipartParser(boundary: boundary)
  var parts: [Part] = []
  var isOpen = false
  for piece in pieces {
    for event in try parser.feed(piece) {
      switch event {
      case .began(let part):
        #expect(!isOpen)
        isOpen = true
        parts.append((part, []))
      case .content(let bytes):
        #expect(isOpen && !bytes.isEmpty)
        parts[parts.count - 1].content += bytes
      case .ended:
        #expect(isOpen)
        isOpen = false
      }
    }
  }
  try parser.finish()
  return parts
}

private func parts(_ text: String, boundary: String = "b") throws -> [Part] {
  try parts([Array(text.utf8)], boundary: boundary)
}

private func same(_ left: [Part], _ right: [Part]) -> Bool {
  left.map(\.part) == right.map(\.part) && left.map(\.content) == right.map(\.content)
}

private let form =
  "preamble\r\n--b \t\r\nContent-Disposition: form-data; name=\"class_column\"\r\n\r\nkind\r\n--b\r\n"
  + "content-type: text/csv\r\nCONTENT-DISPOSITION: form-data; filename=\"a \\\"b%22.csv\"; name=file\r\n\r\n"
  + "a,b\r\n\r\n--c\r\n--\r\n-b\r\n1,2\r\r\n--b\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--b--"
  + "\r\n--b\r\nepilogue"

@Suite struct MultipartTests {
  @Test func aFormIsSplitIntoItsParts() throws {
    let found = try parts(form)
    #expect(
      found.map(\.part) == [
        MultipartPart(name: "class_column"), MultipartPart(name: "file", filename: "a \"b\".csv"),
        MultipartPart(name: "empty"),
      ])
    #expect(
      found.map { String(decoding: $0.content, as: UTF8.self) }
        == ["kind", "a,b\r\n\r\n--c\r\n--\r\n-b\r\n1,2\r", ""])
  }

  @Test func itDoesNotMatterWhereTheBodyIsCut() throws {
    let bytes = Array(form.utf8)
    let whole = try parts([bytes])
    for cut in 0...bytes.count {
      #expect(same(try parts([Array(bytes[..<cut]), Array(bytes[cut...])]), whole), "cut at \(cut)")
    }
    #expect(same(try parts(bytes.map { [$0] }), whole))
  }

  @Test func everyTruncationIsNoticed() throws {
    let bytes = Array(form.utf8)
    let close = try #require(form.range(of: "--b--")).upperBound.utf16Offset(in: form)
    for length in 0..<close {
      #expect(throws: MultipartError.truncated, "cut at \(length)") { try parts([Array(bytes[..<length])]) }
    }
    _ = try parts([Array(bytes[..<close])])
  }

  @Test func contentThatLooksLikeADelimiterStaysContent() throws {
    // Every prefix of the delimiter, over and over, with the delimiter's own first byte behind it.
    let boundary = "----WebKitFormBoundary7MA4YWxk"
    let delimiter = "\r\n--" + boundary
    let content = delimiter.indices.map { String(delimiter[..<$0]) + "\r" }.joined() + "\r\r\n\r\n-"
    let body =
      "--\(boundary)\r\nContent-Disposition: form-data; name=f\r\n\r\n\(content)\(delimiter)--\r\n"
    let whole = try parts(body, boundary: boundary)
    #expect(whole.map(\.content) == [Array(content.utf8)])
    for size in [1, 2, 3, 7] {
      let bytes = Array(body.utf8)
      let pieces = stride(from: 0, to: bytes.count, by: size).map {
        Array(bytes[$0..<min(bytes.count, $0 + size)])
      }
      #expect(same(try parts(pieces, boundary: boundary), whole))
    }
  }

  @Test func aPartWithoutAnyContentMayShareItsEmptyLineWithTheDelimiter() throws {
    let found = try parts("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n--b--\r\n")
    #expect(found.map(\.part.name) == ["a"] && found[0].content.isEmpty)
  }

  @Test(arguments: [
    "--bc\r\n", "--b\r\n\r\n\r\n--b--", "--b\r\nContent-Disposition: form-data\r\n\r\n\r\n--b--",
    "--b\r\nContent-Disposition: attachment; name=a\r\n\r\n\r\n--b--",
    "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\n\r\n--b--",
    "--b\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n\r\n--b--",
    "--b\r\nContent-Disposition form-data\r\n\r\n\r\n--b--",
    "--b\r\n folded\r\n\r\n\r\n--b--", "--b\r\nX: \u{1}\r\n\r\n\r\n--b--",
  ])
  func whatBreaksTheRulesIsRefused(_ text: String) {
    #expect { try parts(text) } throws: {
      if case MultipartError.malformed = $0 { true } else { false }
    }
  }

  @Test func headersAndPartsHaveLimits() throws {
    // A header that never ends is refused as soon as it is too long, whatever else would come.
    var parser = MultipartParser(boundary: "b")
    _ = try parser.feed(Array("--b\r\nX: ".utf8))
    #expect(throws: MultipartError.self) {
      for _ in 0..<20 { _ = try parser.feed([UInt8](repeating: 97, count: 1_000)) }
    }
    var padded = MultipartParser(boundary: "b")
    #expect(throws: MultipartError.self) {
      _ = try padded.feed(Array("--b".utf8) + [UInt8](repeating: 32, count: 1_000))
    }
    let part = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n"
    #expect(throws: MultipartError.self) {
      try parts(String(repeating: part, count: MultipartParser.partLimit + 1) + "--b--")
    }
    #expect(
      try parts(String(repeating: part, count: MultipartParser.partLimit) + "--b--").count
        == MultipartParser.partLimit)
  }

  @Test func theBoundaryComesFromTheContentType() throws {
    #expect(try MultipartParser.boundary(ofContentType: "multipart/form-data; boundary=b") == "b")
    #expect(
      try MultipartParser.boundary(ofContentType: #"Multipart/Form-Data ; charset=x; Boundary="a b:c""#)
        == "a b:c")
    #expect(try MultipartParser.boundary(ofContentType: "text/csv; boundary=b") == nil)
    #expect(try MultipartParser.boundary(ofContentType: nil) == nil)
    for wrong in [
      "multipart/form-data", "multipart/mixed; boundary=b", "multipart/form-data; boundary=",
      "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=\"b",
      "multipart/form-data boundary=b",
      "multipart/form-data; boundary=\"b \"",
      "multipart/form-data; boundary=" + String(repeating: "b", count: 71),
    ] { #expect(throws: MultipartError.self) { try MultipartParser.boundary(ofContentType: wrong) } }
  }
}
