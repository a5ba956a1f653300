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
}
