/// Plain decimal digits, as numbers in addresses and fields are written: no sign, no white space.
package enum PlainNumber {
  /// Nil for anything else, and for what no `Int` holds.
  package static func parse(_ text: some StringProtocol) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit) else { return nil }
    return Int(text)
  }
}

/// Query parameters, held to rules: nothing unknown, nothing twice, numbers in plain digits. 400 otherwise.
extension HTTPRequest {
  /// Refuses parameters that the route doesn't know and those that stand there more than once.
  ///
  /// - Parameter repeatable: known ones that may be repeated.
  package func checkParameters(
    _ known: Set<String>, repeatable: Set<String> = []
  ) throws(ProblemDocument) {
    var seen: Set<String> = []
    for (name, value) in query where !repeatable.contains(name) {
      guard known.contains(name) else {
        let names = known.union(repeatable).sorted()
        throw .parameter(
          name, value,
          allowed: names.isEmpty ? "no parameters" : "the parameters \(names.joined(separator: ", "))")
      }
      guard seen.insert(name).inserted else {
        throw .parameter(name, value, allowed: "one value; it is given more than once")
      }
    }
  }

  /// The value of a parameter that may stand there once; nil where it doesn't.
  package func parameter(_ name: String) throws(ProblemDocument) -> String? {
    let values = queryValues(name)
    guard values.count <= 1 else {
      throw .parameter(name, values[1], allowed: "one value; it is given more than once")
    }
    return values.first
  }

  /// An integer in plain digits; nil where it isn't given.
  package func parameter(_ name: String, in range: ClosedRange<Int>) throws(ProblemDocument) -> Int? {
    guard let text = try parameter(name) else { return nil }
    guard let number = PlainNumber.parse(text), range.contains(number) else {
      throw .parameter(name, text, allowed: "an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// `true` or `false`; false where it isn't given.
  package func flag(_ name: String) throws(ProblemDocument) -> Bool {
    switch try parameter(name) {
    case nil, "false": return false
    case "true": return true
    case let text?: throw .parameter(name, text, allowed: "true or false")
    }
  }
}

extension ProblemDocument {
  /// 400: a query parameter that is not allowed.
  package static func parameter(_ name: String, _ value: String, allowed: String) -> ProblemDocument {
    func short(_ text: String) -> String {
      text.unicodeScalars.count <= 200 ? text : String(text.unicodeScalars.prefix(200)) + "…"
    }
    let fault = ["parameter": short(name), "value": short(value), "allowed": allowed]
    return ProblemDocument(
      .parameterNotAllowed,
      detail: "The query parameter \(short(name)) is \(short(value)); allowed: \(allowed).",
      extensions: ["errors": [fault]])
  }
}
