import Capacity
import Foundation
import HTTPServer
import Resources
import Testing

/// The pages that the binary carries: how they are served, and that they need nothing from elsewhere.
@Suite struct WebTests {
  private static let files = EmbeddedFile.files(in: "Web")

  private func text(_ response: HTTPResponse) -> String {
    guard case .bytes(let bytes) = response.body else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// An image is built of what its context lets in: all that the binary is made of.
  @Test func whatIsEmbeddedReachesTheImage() throws {
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    let lines = try String(contentsOf: root.appending(path: ".dockerignore"), encoding: .utf8)
      .split(separator: "\n").map(String.init)
    #expect(lines.first == "*")
    #expect(Set(EmbeddedFile.all.compactMap { $0.path.split(separator: "/").first }).count > 3)
    for file in EmbeddedFile.all {
      #expect(lines.contains("!\(file.path.split(separator: "/")[0])"), "\(file.path)")
    }
  }

  @Test func pagesAreServedWithAStrictPolicyAndRevalidated() async throws {
    try await withService { service in
      for (target, type) in [
        ("/", "text/html; charset=utf-8"), ("/docs", "text/html; charset=utf-8"),
        ("/web/app.js", "text/javascript; charset=utf-8"),
        ("/web/pages/jobs.js", "text/javascript; charset=utf-8"),
        ("/web/style.css", "text/css; charset=utf-8"), ("/web/icon.svg", "image/svg+xml"),
        ("/web/vendor/chart.min.js", "text/javascript; charset=utf-8"),
      ] {
        let response = await service.router.respond(to: try HTTPRequest(method: .get, target: target))
        #expect(response.status == .ok && response.headers[.contentType] == type, "\(target)")
        let policy = try #require(response.headers["Content-Security-Policy"])
        #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"))
        #expect(!policy.contains("unsafe") && !policy.contains("http"))
        #expect(response.headers["X-Content-Type-Options"] == "nosniff")
        #expect(response.headers["Referrer-Policy"] == "no-referrer")
        let tag = try #require(response.headers[.etag])
        let again = await service.router.respond(
          to: try HTTPRequest(method: .get, target: target, headers: ["If-None-Match": HTTPHeaderValue(tag)]))
        #expect(again.status == .notModified)
        let packed = await service.router.respond(
          to: try HTTPRequest(method: .get, target: target, headers: ["Accept-Encoding": "gzip"]))
        if text(response).utf8.count > 1024 {
          #expect(packed.headers[.contentEncoding] == "gzip", "\(target)")
        }
      }
      for target in ["/web/nothing.js", "/web/../openapi.yaml", "/web/pages/..%2Findex.html", "/?x=1"] {
        let response = try? await service.router.respond(to: HTTPRequest(method: .get, target: target))
        #expect(response?.status != .ok, "\(target)")
      }
    }
  }

  /// What the binary serves is the file's bytes, control characters too.
  @Test func filesAreEmbeddedAsTheyAre() throws {
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    #expect(Self.files.count > 15)
    for file in Self.files {
      let bytes = try Data(contentsOf: root.appending(path: file.path))
      #expect(bytes == Data(file.text.utf8), "\(file.path)")
    }
  }

  @Test func everyModuleAndFileThatIsNamedIsThere() throws {
    let names = Set(Self.files.map(\.path))
    for file in Self.files where file.path.hasSuffix(".js") && !file.path.contains("vendor") {
      let folder = file.path.split(separator: "/").dropLast().joined(separator: "/")
      for match in file.text.matches(of: /(?:from|import\()\s*'(\.[^']+)'/) {
        let path = URL(filePath: "/\(folder)/\(match.1)").standardizedFileURL.path
        #expect(names.contains(String(path.dropFirst())), "\(file.path) imports \(match.1)")
      }
    }
    for file in Self.files {
      for match in file.text.matches(of: /["'(]\/web\/([a-z0-9_.\/-]+)["')]/) where match.1 != "examples.json"
      {
        #expect(names.contains("Web/\(match.1)"), "\(file.path) names /web/\(match.1)")
      }
    }
  }

  /// A page under the policy runs no script and takes no style that stands in it, and nothing is asked of other hosts.
  @Test func nothingIsInlineOrFromElsewhere() throws {
    for file in Self.files where file.path.hasSuffix(".html") {
      #expect(file.text.firstMatch(of: /<script(?![^>]*\bsrc=)[^>]*>/) == nil, "\(file.path)")
      #expect(file.text.firstMatch(of: /<style|\sstyle=|\son[a-z]+=/) == nil, "\(file.path)")
      #expect(file.text.firstMatch(of: /(?:src|href)="(?:https?:)?\/\//) == nil, "\(file.path)")
    }
    for file in Self.files where !file.path.contains("vendor") {
      #expect(
        file.text.firstMatch(of: /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/) == nil,
        "\(file.path)")
      if file.path.hasSuffix(".css") {
        #expect(!file.text.contains("url(") && !file.text.contains("@import"))
      }
    }
  }

  @Test func theExamplesAreServedAsOneList() async throws {
    try await withService { service in
      let (response, list) = try await service.send(.get, "/web/examples.json")
      #expect(response.status == .ok && response.headers[.contentType] == "application/json")
      let items = try #require(list.arrayValue)
      #expect(items.count == EmbeddedFile.files(in: "examples").count && items.count > 5)
      #expect(items.allSatisfy { $0["specification"]?["model"] != nil && $0["file"]?.stringValue != nil })
    }
  }
}
