/// A place in a JSON tree (RFC 6901): the empty text is the whole tree, `/a/0` the first element of the member `a`.
package struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
  /// Names of members and positions of elements, from the outside in.
  package let tokens: [String]

  /// The place that so many steps lead to.
  package init(tokens: [String]) { self.tokens = tokens }

  /// The place that `text` writes; nil where it neither is empty nor begins with a slash, or has a tilde that isn't
  /// followed by 0 or 1.
  package init?(_ text: String) {
    guard !text.isEmpty else {
      tokens = []
      return
    }
    guard text.hasPrefix("/") else { return nil }
    var tokens: [String] = []
    for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      let isEscaped = part.split(separator: "~", omittingEmptySubsequences: false).dropFirst().allSatisfy {
        $0.hasPrefix("0") || $0.hasPrefix("1")
      }
      guard isEscaped else { return nil }
      tokens.append(String(part.replacing("~1", with: "/").replacing("~0", with: "~")))
    }
    self.tokens = tokens
  }

  /// The text that `init` reads.
  package var description: String {
    tokens.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
  }

  /// The tokens behind this place of one at or below it; nil of any other.
  package func remainder(of other: JSONPointer) -> JSONPointer? {
    guard other.tokens.starts(with: tokens) else { return nil }
    return JSONPointer(tokens: Array(other.tokens.dropFirst(tokens.count)))
  }

  /// Whether something stands here, of values that are written at places: the innermost around this one decides.
  func isWritten(in values: [(place: JSONPointer, value: JSONValue)]) -> Bool {
    let around = values.filter { $0.place.remainder(of: self) != nil }
    guard let innermost = around.max(by: { $0.place.tokens.count < $1.place.tokens.count }) else {
      return false
    }
    return innermost.place.remainder(of: self).flatMap { innermost.value.value(at: $0) } != nil
  }
}

extension JSONValue {
  /// What stands at a place; nil where nothing does.
  package func value(at pointer: JSONPointer) -> JSONValue? {
    pointer.tokens.reduce(Optional(self)) { value, token in
      switch value {
      case .object(let members): members[token]
      case .array(let elements): Self.position(token, in: elements).map { elements[$0] }
      default: nil
      }
    }
  }

  /// The tree with `value` at a place. Objects that are missing on the way are made; null takes a member out, so that
  /// its default holds. Nil where the way leads through something else or to an element that isn't there.
  package func replacing(_ pointer: JSONPointer, with value: JSONValue) -> JSONValue? {
    guard let token = pointer.tokens.first else { return value }
    let rest = JSONPointer(tokens: Array(pointer.tokens.dropFirst()))
    switch self {
    case .object(var members):
      if rest.tokens.isEmpty {
        members[token] = value == .null ? nil : value
      } else {
        guard let inner = (members[token] ?? .object([:])).replacing(rest, with: value) else { return nil }
        members[token] = inner
      }
      return .object(members)
    case .array(var elements):
      guard let position = Self.position(token, in: elements),
        let inner = elements[position].replacing(rest, with: value)
      else { return nil }
      elements[position] = inner
      return .array(elements)
    default: return nil
    }
  }

  /// The tree with a merge patch applied (RFC 7396): members of objects are merged, null takes one out, anything else
  /// takes the place of what stood there.
  package func merging(_ patch: JSONValue) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    var members: [String: JSONValue] = if case .object(let members) = self { members } else { [:] }
    for (name, change) in changes {
      members[name] = change == .null ? nil : (members[name] ?? .null).merging(change)
    }
    return .object(members)
  }

  /// The position that a token of a pointer names: digits without a leading zero, of an element that is there.
  private static func position(_ token: String, in elements: [JSONValue]) -> Int? {
    guard let position = Int(token), String(position) == token, elements.indices.contains(position) else {
      return nil
    }
    return position
  }
}
