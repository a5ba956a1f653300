/// A path such as `/v1/jobs/{id}/probes`: literal segments, and parameters that stand for one whole segment.
struct RouteTemplate: Sendable {
  enum Segment: Sendable, Equatable {
    case literal(String)
    case parameter(String)
  }

  let segments: [Segment]

  var parameterNames: [String] {
    segments.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
  }

  init(_ text: String) {
    precondition(text.utf8.first == Octet.slash, "a route's template starts with a slash: \(text)")
    let parts = text == "/" ? [] : text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    segments = parts.map { part in
      if part.hasPrefix("{"), part.hasSuffix("}"), part.count > 2 {
        return .parameter(String(part.dropFirst().dropLast()))
      }
      precondition(
        !part.isEmpty && part.utf8.allSatisfy(ByteSet.path.contains),
        "a segment of a route's template is plain text or {name}: \(text)")
      return .literal(String(part))
    }
    precondition(
      Set(parameterNames).count == parameterNames.count, "a parameter occurs twice in the template \(text)")
  }
}
