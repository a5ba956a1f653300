import Foundation

/// Bytes for and from `bytea` columns: bound and answered in binary, so that they cost what they weigh.
package struct Bytes: DatabaseValue, Hashable {
  /// The bytes.
  package let data: Data

  /// Wraps bytes.
  package init(_ data: Data) { self.data = data }

  /// Never sent: bytes are bound in binary.
  package var databaseText: String { "\\x" + data.map { String(format: "%02x", $0) }.joined() }

  /// From `bytea`.
  package init?(databaseBytes: UnsafeRawBufferPointer, type: DatabaseType) {
    guard type == .bytea else { return nil }
    data = Data(databaseBytes)
  }
}

/// A statement's parameters in the form in which libpq takes them: texts that end with a zero, bytes with
/// their length.
struct BoundParameters {
  private var storage: [UInt8] = []
  private var offsets: [Int?] = []
  private var lengths: [Int32] = []
  /// 0 text, 1 binary.
  private var formats: [Int32] = []
  /// 0: as the server infers.
  private var types: [UInt32] = []

  init(_ parameters: [(any DatabaseEncodable)?], of statement: Statement) throws(DatabaseError) {
    for (index, parameter) in parameters.enumerated() {
      let bytes = parameter as? Bytes
      offsets.append(parameter == nil ? nil : storage.count)
      formats.append(bytes == nil ? 0 : 1)
      types.append(bytes == nil ? 0 : DatabaseType.bytea.rawValue)
      lengths.append(Int32(bytes?.data.count ?? 0))
      if let bytes {
        storage.append(contentsOf: bytes.data)
      } else if let text = parameter?.databaseText.utf8 {
        guard !text.contains(0) else {
          throw .nulCharacter(statement: statement.name, parameter: index + 1)
        }
        storage.append(contentsOf: text)
      }
      storage.append(0)
    }
  }

  func withPointers<T>(
    _ body: (
      _ count: Int32, _ types: [UInt32], _ values: [UnsafePointer<CChar>?], _ lengths: [Int32],
      _ formats: [Int32]
    ) -> T
  ) -> T {
    storage.withUnsafeBytes { bytes in
      let values = offsets.map { offset in
        offset.map { (bytes.baseAddress! + $0).assumingMemoryBound(to: CChar.self) }
      }
      return body(Int32(values.count), types, values, lengths, formats)
    }
  }
}
