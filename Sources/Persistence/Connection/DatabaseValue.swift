import Foundation

/// A value that can be bound to a parameter: sent as text, its type inferred by the server.
package protocol DatabaseEncodable: Sendable {
  /// The value in PostgreSQL's text form.
  var databaseText: String { get }
}

/// A value that can be read from a column: sent by the server in its binary form.
package protocol DatabaseDecodable: Sendable {
  /// The value of a column's bytes, nil if the column's type is another one.
  init?(databaseBytes: UnsafeRawBufferPointer, type: DatabaseType)
}

/// A value for parameters and columns.
package typealias DatabaseValue = DatabaseEncodable & DatabaseDecodable

/// PostgreSQL's object identifier of a type (`pg_type.dat`).
package struct DatabaseType: RawRepresentable, Hashable, Sendable {
  /// The object identifier.
  package let rawValue: UInt32

  /// Takes the object identifier.
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  static let bool = DatabaseType(rawValue: 16)
  static let name = DatabaseType(rawValue: 19)
  static let int8 = DatabaseType(rawValue: 20)
  static let int2 = DatabaseType(rawValue: 21)
  static let int4 = DatabaseType(rawValue: 23)
  static let text = DatabaseType(rawValue: 25)
  static let json = DatabaseType(rawValue: 114)
  static let float8 = DatabaseType(rawValue: 701)
  static let varchar = DatabaseType(rawValue: 1043)
  static let timestamptz = DatabaseType(rawValue: 1184)
  static let uuid = DatabaseType(rawValue: 2950)
  static let bytea = DatabaseType(rawValue: 17)
  static let jsonb = DatabaseType(rawValue: 3802)

  /// Whether the binary form is the text itself. User-defined types here are enums, and theirs is.
  var isText: Bool {
    switch self {
    case .text, .varchar, .name, .json: true
    default: rawValue >= 16384
    }
  }
}

extension String: DatabaseValue {
  /// The text itself.
  package var databaseText: String { self }

  /// From `text`, `varchar`, `name`, `json`, `jsonb` and enums.
  package init?(databaseBytes: UnsafeRawBufferPointer, type: DatabaseType) {
    if type == .jsonb {
      // The version of the format, which is 1, then the text.
      guard databaseBytes.first == 1 else { return nil }
      self = String(decoding: databaseBytes.dropFirst(), as: UTF8.self)
      return
    }
    guard type.isText else { return nil }
    self = String(decoding: databaseBytes, as: UTF8.self)
  }
}

extension DatabaseEncodable where Self: RawRepresentable, RawValue == String {
  /// The raw value, which is the label of the enum in the database.
  package var databaseText: String { rawValue }
}

extension DatabaseDecodable where Self: RawRepresentable, RawValue == String {
  /// The case whose raw value is the label in the column; nil for one that is not known.
  package init?(databaseBytes: UnsafeRawBufferPointer, type: DatabaseType) {
    guard let label = String(databaseBytes: databaseBytes, type: type) else { return nil }
    self.init(rawValue: label)
  }
}

extension Int64: DatabaseValue {
  /// Decimal digits.
  package var databaseText: String { String(self) }

  /// From any integer type.
  package init?(databaseBytes: UnsafeRawBufferPointer, type: DatabaseType) {
    switch type {
    case .int8: self = databaseBytes.bigEndian(Int64.self)
    case .int4: self = Int64(databaseBytes.bigEndian(Int32.self))
    case .int2: self = Int64(databaseBytes.bigEndian(Int16.self))
    default: return nil
    }
  }
}

extension Int: DatabaseValue {
  /// Decimal digits.
  package var databaseText: String { String(self) }

  /// From any integer type.
  package init?(databaseBytes: UnsafeRawBufferPointer, type: DatabaseType) {
    guard let wide = Int64(databaseBytes: databaseBytes, type: type) else { return nil }
    self.init(exactly: wide)
  }
}

extension Bool: DatabaseValue {
  /// `t` or `f`.
  package var databaseText: String { self ? "t" : "f" }

  /// From `bool`.
  package init?(databaseBytes: UnsafeRawBufferPointer, type: DatabaseType) {
    guard type == .bool else { return nil }
    self = databaseBytes[0] != 0
  }
}

extension Double: DatabaseValue {
  /// The shortest text that reads back as the same number.
  package var databaseText: String { isInfinite ? (self < 0 ? "-Infinity" : "Infinity") : String(self) }

  /// From `float8`.
  package init?(databaseBytes: UnsafeRawBufferPointer, type: DatabaseType) {
    guard type == .float8 else { return nil }
    self.init(bitPattern: databaseBytes.bigEndian(UInt64.self))
  }
}

extension UUID: DatabaseValue {
  /// The form with hyphens.
  package var databaseText: String { uuidString }

  /// From `uuid`.
  package init?(databaseBytes: UnsafeRawBufferPointer, type: DatabaseType) {
    guard type == .uuid, databaseBytes.count == MemoryLayout<uuid_t>.size else { return nil }
    self.init(uuid: databaseBytes.loadUnaligned(as: uuid_t.self))
  }
}

extension Date: DatabaseValue {
  /// RFC 3339 in UTC, to the microsecond.
  package var databaseText: String {
    let whole = timeIntervalSinceReferenceDate.rounded(.down)
    let fraction = Int(((timeIntervalSinceReferenceDate - whole) * 1e6).rounded(.down))
    let seconds = Date(timeIntervalSinceReferenceDate: whole).formatted(.iso8601)
    let digits = String(fraction)
    return seconds.dropLast() + "." + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "Z"
  }

  /// From microseconds since 2000-01-01T00:00:00Z, 366 days before Foundation's reference date.
  package init?(databaseBytes: UnsafeRawBufferPointer, type: DatabaseType) {
    guard type == .timestamptz else { return nil }
    let microseconds = databaseBytes.bigEndian(Int64.self)
    self.init(timeIntervalSinceReferenceDate: Double(microseconds) / 1e6 - 366 * 86400)
  }
}

extension Array: DatabaseEncodable where Element: DatabaseEncodable {
  /// An array literal, every element quoted.
  package var databaseText: String {
    "{" + map(quotedElement).joined(separator: ",") + "}"
  }
}

/// An array some of whose elements are NULL.
struct NullableArray<Element: DatabaseEncodable>: DatabaseEncodable {
  let elements: [Element?]

  init(_ elements: [Element?]) { self.elements = elements }

  /// An array literal, every element quoted that is there.
  var databaseText: String {
    "{" + elements.map { $0.map(quotedElement) ?? "NULL" }.joined(separator: ",") + "}"
  }
}

/// An element of an array literal.
private func quotedElement(_ element: some DatabaseEncodable) -> String {
  let (quote, backslash) = (UInt8(ascii: "\""), UInt8(ascii: "\\"))
  var quoted = [quote]
  for byte in element.databaseText.utf8 {
    if byte == quote || byte == backslash { quoted.append(backslash) }
    quoted.append(byte)
  }
  return String(decoding: quoted + [quote], as: UTF8.self)
}

extension UnsafeRawBufferPointer {
  fileprivate func bigEndian<I: FixedWidthInteger>(_ type: I.Type) -> I {
    precondition(count == MemoryLayout<I>.size)
    return I(bigEndian: loadUnaligned(as: I.self))
  }
}
