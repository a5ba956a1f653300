extension HTTPRequest {
  /// The content of a request that must be JSON. Throws 415 for another media type, another character set and
  /// for encoded (compressed) content, else what reading throws.
  ///
  /// `curl -d` calls what it sends `application/x-www-form-urlencoded`; that is read as JSON, and so is content
  /// without a type, unless a page of another site sends it (such a page needs nobody's leave for those types).
  package func collectJSON(upTo maximum: Int? = nil) async throws -> [UInt8] {
    try checkContentIsPlain()
    if let text = headers[.contentType] {
      guard headers.values(.contentType).count == 1, let type = MediaType(text),
        type.isJSON
          || type.essence == "application/x-www-form-urlencoded" && !CrossSiteRequests.isForeign(self)
      else { throw Self.unsupported("Content of the type \(text) isn't taken here; application/json is.") }
      if type.isJSON, let charset = type.parameters["charset"]?.lowercased(), charset != "utf-8",
        charset != "utf8"
      {
        throw Self.unsupported("JSON is UTF-8; the content's character set is \(charset).")
      }
    } else if CrossSiteRequests.isForeign(self) {
      throw Self.unsupported("Content without a type isn't taken from another site.")
    }
    return try await body.collect(upTo: maximum)
  }

  /// Throws 415 where the content is encoded, as by `Content-Encoding: gzip` (RFC 9110 §8.4).
  package func checkContentIsPlain() throws {
    let encodings = headers.list(.contentEncoding).filter { $0 != "identity" }
    guard let encoding = encodings.first else { return }
    throw ProblemDocument(
      .unsupportedMediaType,
      detail: "Content under the encoding \(encoding) isn't taken here; send it as it is.",
      headers: ["Accept-Encoding": "identity"])
  }

  /// 400 for content that nobody would read. An empty object, as some clients send it with every POST, says nothing.
  package func checkHasNoContent() async throws {
    let content = try await body.collect(upTo: min(body.limit, 1 << 16))
    guard content.isEmpty || content.elementsEqual("{}".utf8) else {
      throw ProblemDocument(
        .malformedRequest,
        detail: "\(method) \(path) takes no content: what it is to do stands in its address.")
    }
  }

  private static func unsupported(_ detail: String) -> ProblemDocument {
    ProblemDocument(.unsupportedMediaType, detail: detail, headers: ["Accept": "application/json"])
  }
}
