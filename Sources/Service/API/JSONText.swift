import Capacity

/// A JSON text that is put together from parts: some are trees, some are texts that this service has stored and that go
/// out as they are, unread. What a list costs doesn't depend on what its items hold.
package indirect enum JSONText: Sendable {
  case value(JSONValue)
  /// A JSON text; nil is null.
  case stored(String?)
  case array([JSONText])
  case object([String: JSONText])
  /// The text of an object with one more member, which it doesn't have.
  case extended(JSONText, String, JSONText)
  /// Something that is too large to be put together with the rest: whoever sends the text sends it in between.
  case gap

  /// The text; members of objects that are made here in the order of their names.
  package var bytes: [UInt8] {
    let (bytes, gap) = written
    precondition(gap == nil, "a text with a gap isn't whole")
    return bytes
  }

  /// What comes before the text's gap, and what comes after it.
  package var aroundGap: (before: [UInt8], after: [UInt8]) {
    let (bytes, gap) = written
    guard let gap else { preconditionFailure("the text has no gap") }
    return (Array(bytes[..<gap]), Array(bytes[gap...]))
  }

  /// The text without its gap, and where that is.
  private var written: (bytes: [UInt8], gap: Int?) {
    var bytes: [UInt8] = []
    var gap: Int?
    append(to: &bytes, &gap)
    return (bytes, gap)
  }

  private func append(to bytes: inout [UInt8], _ gap: inout Int?) {
    switch self {
    case .gap:
      precondition(gap == nil, "a text has one gap")
      gap = bytes.count
    case .value(let value): bytes += value.utf8()
    case .stored(let text): bytes += (text ?? "null").utf8
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        element.append(to: &bytes, &gap)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, name) in members.keys.sorted().enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        Self.append(name, members[name], to: &bytes, &gap)
      }
      bytes.append(UInt8(ascii: "}"))
    case .extended(let object, let name, let value):
      object.append(to: &bytes, &gap)
      while let last = bytes.last, last != UInt8(ascii: "}") { bytes.removeLast() }
      precondition(!bytes.isEmpty, "only an object has members")
      bytes.removeLast()
      while let last = bytes.last, [0x20, 0x09, 0x0A, 0x0D].contains(last) { bytes.removeLast() }
      if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
      Self.append(name, value, to: &bytes, &gap)
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func append(
    _ name: String, _ value: JSONText?, to bytes: inout [UInt8], _ gap: inout Int?
  ) {
    bytes += JSONValue.string(name).utf8()
    bytes.append(UInt8(ascii: ":"))
    (value ?? .stored(nil)).append(to: &bytes, &gap)
  }
}
