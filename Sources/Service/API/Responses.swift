import Capacity
import HTTPServer

extension HTTPResponse {
  /// A JSON response.
  static func json(_ value: JSONValue, status: HTTPStatus = .ok) -> HTTPResponse {
    HTTPResponse(status: status, contentType: "application/json", bytes: value.utf8())
  }
}
