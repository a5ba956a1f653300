/// The few Python literals that NumPy writes into headers: a dictionary of text, booleans and tuples of integers.
enum PythonLiteral: Hashable {
  case text(String)
  case boolean(Bool)
  case tuple([Int])
  /// The columns of an array of records, which nothing here reads.
  case list

  /// Nil for anything else than such a dictionary. Text stands between either kind of quotes, and may bear Python
  /// 2's prefix; integers may end in Python 2's `L`.
  static func dictionary(_ text: String) -> [String: PythonLiteral]? {
    var parser = Parser(rest: Substring(text))
    return parser.dictionary()
  }

  private struct Parser {
    var rest: Substring

    mutating func skipSpaces() { rest = rest.drop { $0 == " " || $0 == "\n" } }

    mutating func take(_ prefix: String) -> Bool {
      skipSpaces()
      guard rest.hasPrefix(prefix) else { return false }
      rest = rest.dropFirst(prefix.count)
      return true
    }

    mutating func quoted() -> String? {
      skipSpaces()
      if let first = rest.first, first == "u" || first == "b", let next = rest.dropFirst().first,
        next == "'" || next == "\""
      {
        rest = rest.dropFirst()
      }
      guard let quote = rest.first, quote == "'" || quote == "\"" else { return nil }
      let content = rest.dropFirst().prefix { $0 != quote && $0 != "\\" }
      rest = rest[content.endIndex...]
      return take(String(quote)) ? String(content) : nil
    }

    mutating func tuple() -> PythonLiteral? {
      var sizes: [Int] = []
      while !take(")") {
        skipSpaces()
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard let size = Int(digits), sizes.count < 64 else { return nil }
        sizes.append(size)
        rest = rest[digits.endIndex...]
        _ = take("L")
        if !take(",") {
          guard take(")") else { return nil }
          break
        }
      }
      return .tuple(sizes)
    }

    /// A list to its end, whatever is in it but for brackets within text.
    mutating func list() -> PythonLiteral? {
      var depth = 1
      while depth > 0, let character = rest.popFirst() {
        if character == "[" { depth += 1 }
        if character == "]" { depth -= 1 }
      }
      return depth == 0 ? .list : nil
    }

    mutating func value() -> PythonLiteral? {
      if take("True") { return .boolean(true) }
      if take("False") { return .boolean(false) }
      if take("(") { return tuple() }
      if take("[") { return list() }
      return quoted().map { .text($0) }
    }

    mutating func dictionary() -> [String: PythonLiteral]? {
      guard take("{") else { return nil }
      var entries: [String: PythonLiteral] = [:]
      while !take("}") {
        guard let key = quoted(), take(":"), let value = value(), entries[key] == nil else { return nil }
        entries[key] = value
        if !take(",") {
          guard take("}") else { return nil }
          break
        }
      }
      skipSpaces()
      return rest.isEmpty ? entries : nil
    }
  }
}
