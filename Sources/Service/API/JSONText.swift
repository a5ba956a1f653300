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

  /// The text; members of objects that are made here in the order of their names.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return bytes
  }

  private func append(to bytes: inout [UInt8]) {
    switch self {
    case .value(let value): bytes += value.utf8()
    case .stored(let text): bytes += (text ?? "null").utf8
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        element.append(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, name) in members.keys.sorted().enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        Self.append(name, members[name], to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    case .extended(let object, let name, let value):
      object.append(to: &bytes)
      while let last = bytes.last, last != UInt8(ascii: "}") { bytes.removeLast() }
      precondition(!bytes.isEmpty, "only an object has members")
      bytes.removeLast()
      while let last = bytes.last, [0x20, 0x09, 0x0A, 0x0D].contains(last) { bytes.removeLast() }
      if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
      Self.append(name, value, to: &bytes)
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func append(_ name: String, _ value: JSONText?, to bytes: inout [UInt8]) {
    bytes += JSONValue.string(name).utf8()
    bytes.append(UInt8(ascii: ":"))
    (value ?? .stored(nil)).append(to: &bytes)
  }
}
