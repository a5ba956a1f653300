/// A list whose members have weights (RFC 9110 §12.4.2), as in `gzip;q=0.5, *;q=0`.
package struct QualityList: Sendable {
  /// In thousandths, by the member in small letters; parameters other than `q` are dropped.
  private var weights: [String: Int] = [:]

  /// Members that aren't well-formed are left out: what can't be understood isn't asked for.
  package init(_ values: [String]) {
    for member in values.flatMap({ $0.split(separator: ",") }) {
      let parts = member.split(separator: ";", omittingEmptySubsequences: false)
        .map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
      guard let name = parts.first, !name.isEmpty else { continue }
      var weight: Int? = 1_000
      for part in parts.dropFirst() where part.hasPrefix("q=") { weight = Self.weight(part.dropFirst(2)) }
      if let weight { weights[name] = max(weight, weights[name] ?? 0) }
    }
  }

  /// `0` or `1` with at most three decimals.
  private static func weight(_ text: Substring) -> Int? {
    let digits = text.utf8
    guard let first = digits.first, first == 0x30 || first == 0x31, digits.count <= 5,
      digits.count == 1 || digits.dropFirst().first == UInt8(ascii: "."),
      digits.dropFirst(2).allSatisfy(\.isDigit)
    else { return nil }
    var weight = 0
    for place in 0..<3 {
      let digit = digits.dropFirst(2 + place).first.map { Int($0 & 0x0F) } ?? 0
      weight = weight * 10 + digit
    }
    guard first == 0x30 || weight == 0 else { return nil }
    return first == 0x31 ? 1_000 : weight
  }

  package var isEmpty: Bool { weights.isEmpty }

  /// Whether it is listed by itself.
  package func names(_ name: String) -> Bool { weights[name] != nil }

  /// In thousandths: of the name itself, else of `*`, else 0.
  package func weight(of name: String) -> Int { weights[name] ?? weights["*"] ?? 0 }

  /// The weight of a media type: of itself, of its kind (`text/*`), or of anything (§12.5.1).
  package func weight(ofMediaType type: String) -> Int {
    let kind = type.split(separator: "/").first.map { "\($0)/*" } ?? ""
    return weights[type] ?? weights[kind] ?? weights["*/*"] ?? 0
  }
}

extension HTTPRequest {
  /// Which of the types the client likes best by its `Accept`, the earlier of equals; nil: none of them. Without
  /// the field every type will do.
  package func preferredMediaType(of offered: [String]) -> String? {
    let accept = QualityList(headers.values(.accept))
    guard !accept.isEmpty else { return offered.first }
    var best: (type: String, weight: Int)?
    for type in offered where accept.weight(ofMediaType: type) > best?.weight ?? 0 {
      best = (type, accept.weight(ofMediaType: type))
    }
    return best?.type
  }
}
