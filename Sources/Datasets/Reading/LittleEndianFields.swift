/// Little-endian numbers and bytes in order, from bytes at hand.
struct LittleEndianFields {
  let file: String
  private let bytes: [UInt8]
  private let start: Int
  private var position = 0

  init(_ bytes: [UInt8], file: String, offset: Int) {
    self.bytes = bytes
    self.file = file
    start = offset
  }

  var remaining: Int { bytes.count - position }
  /// The place in the file.
  var offset: Int { start + position }

  mutating func bytes(_ count: Int) throws(DatasetError) -> [UInt8] {
    guard count <= remaining else {
      throw .truncated(file: file, offset: start + bytes.count, expected: "\(count - remaining) bytes more")
    }
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  /// An unsigned number of `size` bytes that fits an integer.
  mutating func number(_ size: Int) throws(DatasetError) -> Int {
    let value = try bytes(size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let number = Int(exactly: value) else { throw malformed("a size of \(value)") }
    return number
  }

  func malformed(_ reason: String) -> DatasetError {
    .malformed(file: file, place: .offset(offset), reason: reason)
  }
}
