extension HTTPRequest {
  /// How long the client would wait for news: `?wait=SECONDS`, else `Prefer: wait=SECONDS` (RFC 7240 §4.3), at
  /// most `maximum`; nil where it doesn't ask to wait. Throws 400 for a parameter that isn't plain digits; a
  /// preference that can't be understood is as if it weren't there (RFC 7240 §2).
  package func waitPreference(upTo maximum: Duration = .seconds(60)) throws(ProblemDocument) -> Duration? {
    if let seconds = try parameter("wait", in: 0...86_400) { return min(.seconds(seconds), maximum) }
    for preference in headers.values(.prefer).flatMap({ $0.split(separator: ",") }) {
      let parts = preference.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
        .map { $0.filter { $0 != " " && $0 != "\t" && $0 != "\"" } }
      guard parts.count == 2, parts[0].lowercased() == "wait" else { continue }
      guard let seconds = PlainNumber.parse(parts[1]) else { return nil }
      return min(.seconds(min(seconds, 86_400)), maximum)
    }
    return nil
  }
}
