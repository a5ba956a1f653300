import Foundation

/// An error in the form of RFC 9457 (`application/problem+json`). A handler throws one, or returns its
/// `response`.
package struct ProblemDocument: Error, Sendable, Encodable {
  /// A URI reference that names the kind of problem; `about:blank` when the status says it all.
  package var type: String
  /// The kind of problem in a few words.
  package var title: String
  /// The status of the response; its code is repeated in the document.
  package var status: HTTPStatus
  /// What went wrong this time, and what to do about it.
  package var detail: String?
  /// A URI reference that names this occurrence.
  package var instance: String?
  /// Further members. A name that RFC 9457 defines is left out.
  package var extensions: [String: any Encodable & Sendable]
  /// Fields for the response, such as `Retry-After`.
  package var headers: HTTPHeaders

  /// A problem of the kind that the status names, unless `type` and `title` say otherwise.
  package init(
    status: HTTPStatus, type: String = "about:blank", title: String? = nil, detail: String? = nil,
    instance: String? = nil, extensions: [String: any Encodable & Sendable] = [:],
    headers: HTTPHeaders = [:]
  ) {
    self.type = type
    self.title = title ?? status.reason
    self.status = status
    self.detail = detail
    self.instance = instance
    self.extensions = extensions
    self.headers = headers
  }

  /// A problem of a kind that has a name.
  package init(
    _ kind: ProblemType, title: String? = nil, detail: String? = nil,
    extensions: [String: any Encodable & Sendable] = [:], headers: HTTPHeaders = [:]
  ) {
    self.init(
      status: kind.status, type: kind.uri, title: title ?? kind.title, detail: detail,
      extensions: extensions, headers: headers)
  }

  private struct Member: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }

    static let type = Member(stringValue: "type")
    static let title = Member(stringValue: "title")
    static let status = Member(stringValue: "status")
    static let detail = Member(stringValue: "detail")
    static let instance = Member(stringValue: "instance")
    static let defined: Set<String> = ["type", "title", "status", "detail", "instance"]
  }

  /// The members of RFC 9457 §3.1 and the extensions (§3.2) beside them.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Member.self)
    try container.encode(type, forKey: .type)
    try container.encode(title, forKey: .title)
    try container.encode(status.code, forKey: .status)
    try container.encodeIfPresent(detail, forKey: .detail)
    try container.encodeIfPresent(instance, forKey: .instance)
    for (name, value) in extensions where !Member.defined.contains(name) {
      try container.encode(value, forKey: Member(stringValue: name))
    }
  }

  /// The response that carries this document. Extensions that JSON can't hold (a NaN) are left out, and so are tokens that
  /// the client has put where they are repeated.
  package var response: HTTPResponse {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var plain = self
    plain.extensions = [:]
    let document = (try? encoder.encode(self)) ?? (try? encoder.encode(plain)) ?? Data("{}".utf8)
    var fields = headers
    fields.set(.contentType, "application/problem+json")
    return HTTPResponse(status: status, headers: fields, body: .bytes(Secrets.redacted(Array(document))))
  }
}
