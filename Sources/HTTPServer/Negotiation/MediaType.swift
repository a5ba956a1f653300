/// `type/subtype` with parameters (RFC 9110 §8.3.1).
package struct MediaType: Sendable, Hashable {
  /// In small letters, without the parameters.
  package let essence: String
  /// By their names in small letters.
  package let parameters: [String: String]

  /// Nil for what is none.
  package init?(_ text: String) {
    guard let (value, parameters) = ParameterizedValue.parse(text) else { return nil }
    let parts = value.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2,
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(ByteSet.token.contains) })
    else { return nil }
    essence = value
    self.parameters = parameters
  }

  /// RFC 8259, RFC 6839 §3.1.
  package var isJSON: Bool { essence == "application/json" || essence.hasSuffix("+json") }

  /// Whether gzip makes content of this type smaller.
  var isCompressible: Bool {
    let known: Set = [
      "application/json", "application/problem+json", "application/yaml", "application/x-ndjson",
      "application/javascript", "application/xml", "image/svg+xml",
    ]
    return known.contains(essence) || isJSON
      || essence.hasPrefix("text/") && essence != "text/event-stream"
  }
}
