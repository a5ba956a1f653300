import Capacity
import HTTPServer
import Resources

/// The dashboard and the readable contract: `/`, `/docs`, and what they are made of under `/web/`. The binary carries the
/// files; a browser keeps them and asks whether they have changed.
struct WebController: Sendable {
  private let assets: [String: Asset]

  /// A file as it is sent.
  private struct Asset: Sendable {
    let type: HTTPHeaderValue
    let bytes: [UInt8]
    let tag: EntityTag

    init(_ text: String, type: HTTPHeaderValue) {
      self.type = type
      bytes = Array(text.utf8)
      tag = EntityTag(String(contentDigest(of: bytes).prefix(32)))
    }
  }

  private static let types: [String: HTTPHeaderValue] = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml", "txt": "text/plain; charset=utf-8",
  ]

  /// Nothing but this service's own files, and no page of others around them. Images may stand in the page itself: samples
  /// come that way.
  private static let policy: HTTPHeaderValue =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

  init() {
    var assets: [String: Asset] = [:]
    for file in EmbeddedFile.files(in: "Web") {
      guard let ending = file.path.split(separator: ".").last, let type = Self.types[String(ending)] else {
        preconditionFailure("the build embeds files of known types only")
      }
      assets[String(file.path.dropFirst("Web/".count))] = Asset(file.text, type: type)
    }
    assets["examples.json"] = Asset(Self.examples, type: "application/json")
    self.assets = assets
  }

  func register(on router: inout Router) {
    router.on(.get, "/", parameters: []) { try respond(to: $0, with: "index.html") }
    router.on(.get, "/docs", parameters: []) { try respond(to: $0, with: "docs.html") }
    router.on(.get, "/web/{file}", parameters: []) { request in
      try respond(to: request, with: request.pathParameters["file"] ?? "")
    }
    router.on(.get, "/web/{folder}/{file}", parameters: []) { request in
      try respond(
        to: request,
        with: "\(request.pathParameters["folder"] ?? "")/\(request.pathParameters["file"] ?? "")")
    }
  }

  private func respond(to request: HTTPRequest, with name: String) throws -> HTTPResponse {
    guard let asset = assets[name] else {
      throw ProblemDocument(.notFound, detail: "There is nothing at \(request.path).")
    }
    var response = HTTPResponse(contentType: asset.type, bytes: asset.bytes)
    response.headers.set(.etag, asset.tag.fieldValue)
    response.headers.set(.cacheControl, "no-cache")
    response.headers.set("Content-Security-Policy", Self.policy)
    response.headers.set("X-Content-Type-Options", "nosniff")
    response.headers.set("Referrer-Policy", "no-referrer")
    response.headers.set("Cross-Origin-Opener-Policy", "same-origin")
    return response
  }

  /// `[{"file": "….json", "specification": {…}}, …]`: what a new job can begin from.
  private static var examples: String {
    let items = EmbeddedFile.files(in: "examples").map { file in
      #"{"file": "\#(file.name)", "specification": \#(file.text)}"#
    }
    return "[\(items.joined(separator: ",\n"))]"
  }
}
