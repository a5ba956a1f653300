import HTTPServer
import Testing

/// A router of one route at `/`, and what it answers to requests that are made in memory.
struct InMemory {
  var router = Router(logger: silent)

  init(_ method: HTTPMethod = .get, _ handler: @escaping Router.Handler = { _ in .text("hello") }) {
    router.on(method, "/", handler)
  }

  func respond(
    _ method: HTTPMethod = .get, _ target: String = "/", _ headers: HTTPHeaders = [:], body: String = ""
  ) async throws -> HTTPResponse {
    await router.respond(
      to: try HTTPRequest(
        method: method, target: target, headers: headers, body: HTTPBody(Array(body.utf8))))
  }
}

extension HTTPResponse {
  /// The content, where it is in memory.
  var content: [UInt8] { if case .bytes(let content) = body { content } else { [] } }
  var text: String { String(decoding: content, as: UTF8.self) }
}
