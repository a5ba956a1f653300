import Capacity
import HTTPServer

extension HTTPResponse {
  /// A JSON response.
  static func json(_ value: JSONValue, status: HTTPStatus = .ok) -> HTTPResponse {
    json(.value(value), status: status)
  }

  /// A JSON response that is put together from parts.
  static func json(_ text: JSONText, status: HTTPStatus = .ok) -> HTTPResponse {
    HTTPResponse(status: status, contentType: "application/json", bytes: text.bytes)
  }

  /// `{"items": […], "next": cursor or null}`, with a `Link` to the next page (RFC 8288).
  static func page(_ items: [JSONText], next: String?, request: HTTPRequest) throws -> HTTPResponse {
    let next = next.map { request.cursor(at: $0) }
    var response = HTTPResponse.json(
      .object(["items": .array(items), "next": .value(next.map(JSONValue.string) ?? .null)]))
    if let next { response.headers.set(.link, request.link("next", replacing: [("cursor", next)])) }
    return response
  }
}
