/// Header fields in the order they were received or added. Names may repeat.
package struct HTTPHeaders: Sendable, Hashable, RandomAccessCollection {
  /// One field line.
  package struct Field: Sendable, Hashable {
    package let name: HTTPHeaderName
    package let value: HTTPHeaderValue

    package init(name: HTTPHeaderName, value: HTTPHeaderValue) {
      self.name = name
      self.value = value
    }
  }

  private var fields: [Field] = []

  package init() {}

  package var startIndex: Int { 0 }
  package var endIndex: Int { fields.count }
  package subscript(position: Int) -> Field { fields[position] }

  /// The value of the first field of that name.
  package subscript(name: HTTPHeaderName) -> String? {
    fields.first { $0.name == name }?.value.text
  }

  /// The values of all fields of that name, in order.
  package func values(_ name: HTTPHeaderName) -> [String] {
    fields.compactMap { $0.name == name ? $0.value.text : nil }
  }

  /// The value of a field that stands there once; nil where it is missing or repeated.
  package func single(_ name: HTTPHeaderName) -> String? {
    let values = values(name)
    return values.count == 1 ? values[0] : nil
  }

  /// The members of a comma-separated list (RFC 9110 §5.6.1) over all fields of that name, in small letters.
  func list(_ name: HTTPHeaderName) -> [String] {
    fields.flatMap { field -> [String] in
      guard field.name == name else { return [] }
      return field.value.text.utf8.split(separator: Octet.comma).compactMap { member in
        let member = Array(member)[...].trimmed
        return member.isEmpty ? nil : String(decoding: member, as: UTF8.self).lowercased()
      }
    }
  }

  /// Adds a field line after those that are there.
  package mutating func add(_ name: HTTPHeaderName, _ value: HTTPHeaderValue) {
    fields.append(Field(name: name, value: value))
  }

  /// Adds a field line; throws `HTTPHeaderError.invalidValue` for control characters in the value.
  package mutating func add(_ name: HTTPHeaderName, text value: String) throws(HTTPHeaderError) {
    add(name, try HTTPHeaderValue(value))
  }

  /// Replaces every field of that name by one.
  package mutating func set(_ name: HTTPHeaderName, _ value: HTTPHeaderValue) {
    remove(name)
    add(name, value)
  }

  /// Replaces every field of that name; throws `HTTPHeaderError.invalidValue` for control characters.
  package mutating func set(_ name: HTTPHeaderName, text value: String) throws(HTTPHeaderError) {
    set(name, try HTTPHeaderValue(value))
  }

  /// Removes every field of that name.
  package mutating func remove(_ name: HTTPHeaderName) {
    fields.removeAll { $0.name == name }
  }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
  /// Fields that stand in the source. Values made at run time go through `set` or `HTTPHeaderValue.init`,
  /// which refuse control characters.
  package init(dictionaryLiteral elements: (HTTPHeaderName, HTTPHeaderValue)...) {
    fields = elements.map { Field(name: $0.0, value: $0.1) }
  }
}
