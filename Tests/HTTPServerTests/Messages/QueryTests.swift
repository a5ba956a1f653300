import Foundation
import HTTPServer
import Testing

@Suite struct QueryTests {
  private func request(_ target: String) throws -> HTTPRequest {
    try HTTPRequest(method: .get, target: target)
  }

  @Test(
    "Parameters that aren't known or stand there twice are refused, naming them",
    arguments: [
      ("/?limit=5", nil), ("/?limit=5&state=queued", nil), ("/", nil), ("/?tag=a&tag=b", nil),
      ("/?colour=red", "colour"), ("/?limit=5&limit=5", "limit"), ("/?state=%0d%0a&state=queued", "state"),
      ("/?Limit=5", "Limit"),
      ("/?=5", ""), ("/?limit", nil),
    ] as [(String, String?)])
  func known(_ target: String, _ refused: String?) throws {
    let request = try request(target)
    do throws(ProblemDocument) {
      try request.checkParameters(["limit", "state"], repeatable: ["tag"])
      #expect(refused == nil)
    } catch {
      let fault = (error.extensions["errors"] as? [[String: String]])?.first
      #expect(fault?["parameter"] == refused && error.status == .badRequest)
      #expect(error.type == ProblemType.parameterNotAllowed.uri)
    }
  }

  @Test(
    "Numbers are plain digits",
    arguments: [
      ("5", 5), ("0005", 5), ("1", 1), ("200", 200), ("0", nil), ("201", nil), ("%2B5", nil), ("-5", nil),
      ("5.0", nil), ("5e0", nil),
      ("", nil), ("%205", nil), ("٥", nil), ("99999999999999999999", nil), ("0x5", nil),
    ] as [(String, Int?)])
  func numbers(_ text: String, _ number: Int?) throws {
    let encoded = PercentEncoding.encode(text.removingPercentEncoding ?? text)
    let request = try request("/?limit=\(encoded)")
    if let number {
      #expect(try request.parameter("limit", in: 1...200) == number)
    } else {
      #expect(throws: ProblemDocument.self) { try request.parameter("limit", in: 1...200) }
    }
  }

  @Test("A route that names its parameters refuses others; a long value isn't repeated whole")
  func routes() async throws {
    var router = Router(logger: silent)
    router.on(.get, "/livez", parameters: []) { _ in .text("ok") }
    let fine = await router.respond(to: try request("/livez"))
    #expect(fine.status == .ok)
    let response = await router.respond(to: try request("/livez?x=\(String(repeating: "y", count: 5_000))"))
    #expect(response.status == .badRequest && response.content.count < 1_500)
    #expect(response.text.contains("no parameters"))
  }

  @Test(
    "Whatever stands in a query, a link leads where it should and nowhere else",
    arguments: [
      "queued", "a b", "a&b=c", "a#b", "a>; rel=\"next\", <http://evil.example", "\r\nSet-Cookie: x=1", "ä€😀",
      "100%", "+", "\"", "a,b;c", "%0d%0a",
    ])
  func links(_ value: String) throws {
    let target = "/v1/a%20b%2Fc?state=\(PercentEncoding.encode(value))&cursor=old&limit=2"
    let field = try request(target).link("next", replacing: [("cursor", "n&w")]).text
    // Foundation's parser as the oracle of what the address says.
    #expect(field.hasPrefix("<") && field.hasSuffix(">; rel=\"next\""))
    let address = field.dropFirst().dropLast(13)
    #expect(
      address.utf8.allSatisfy { 0x21...0x7E ~= $0 && $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: ",") })
    let components = try #require(URLComponents(string: String(address)))
    #expect(components.percentEncodedPath == "/v1/a%20b%2Fc")
    #expect(
      components.queryItems == [
        URLQueryItem(name: "state", value: value), URLQueryItem(name: "limit", value: "2"),
        URLQueryItem(name: "cursor", value: "n&w"),
      ])
    // And ours reads it back.
    #expect(try request(String(address)).queryValues("state") == [value])
  }

  @Test(
    "?wait= and Prefer: wait (RFC 7240 §4.3)",
    arguments: [
      ("/", nil, nil), ("/?wait=5", nil, 5), ("/?wait=0", nil, 0), ("/?wait=3600", nil, 60),
      ("/", "wait=7", 7),
      ("/", "respond-async, wait=9", 9), ("/", "Wait = \"8\" ; x=y", 8), ("/", "wait=-1", nil),
      ("/", "wait", nil), ("/", "return=minimal", nil),
      ("/?wait=5", "wait=9", 5), ("/", "wait=99999999999999999999", nil),
    ] as [(String, String?, Int?)])
  func waiting(_ target: String, _ preference: String?, _ seconds: Int?) throws {
    var request = try request(target)
    if let preference { try request.headers.set(.prefer, text: preference) }
    #expect(try request.waitPreference() == seconds.map { .seconds($0) })
  }

  @Test(
    "A wait that isn't plain digits is refused",
    arguments: ["/?wait=x", "/?wait=-1", "/?wait=1.5", "/?wait=", "/?wait=1&wait=2"])
  func wrongWait(_ target: String) throws {
    let request = try request(target)
    #expect(throws: ProblemDocument.self) { try request.waitPreference() }
  }
}
