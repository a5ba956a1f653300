/// The IDX format of the MNIST files: two zero bytes, an element type, the number of dimensions, the sizes as
/// big-endian 32-bit integers, then the elements, last dimension fastest. Only unsigned bytes (type 8) are read.
struct IDXReader {
  private var reader: ByteReader
  /// Sizes of the dimensions.
  let dimensions: [Int]

  init(_ reader: ByteReader, dimensions expected: Int) throws(DatasetError) {
    self.reader = reader
    let magic = try self.reader.bytes(4, "the IDX magic number")
    guard magic == [0, 0, 8, UInt8(expected)] else {
      throw .malformed(
        file: reader.name, place: .offset(0),
        reason: "starts with \(hexadecimal(magic)), an IDX file of \(expected)-dimensional bytes "
          + "starts with 0000080\(expected)")
    }
    var sizes: [Int] = []
    for _ in 0..<expected {
      let size = try self.reader.bytes(4, "the IDX sizes").reduce(0) { $0 << 8 | Int($1) }
      guard size > 0 else {
        throw .malformed(file: reader.name, place: .offset(self.reader.offset - 4), reason: "a size of 0")
      }
      sizes.append(size)
    }
    // Four sizes below 2³² can't be multiplied in 64 bits unchecked.
    guard
      sizes.dropFirst().reduce(1, { $0 > 1 << 26 ? $0 : $0 * $1 }) <= 1 << 26
    else {
      throw .limitExceeded(file: reader.name, limit: "an item of more than \(1 << 26) bytes")
    }
    dimensions = sizes
  }

  /// Items (first dimension).
  var count: Int { dimensions[0] }
  /// Bytes of one item.
  var itemSize: Int { dimensions.dropFirst().reduce(1, *) }

  /// The next `count` items, one after the other.
  mutating func items(_ count: Int) throws(DatasetError) -> [UInt8] {
    try reader.bytes(count * itemSize, "\(dimensions[0]) items of \(itemSize) bytes")
  }

  /// Every item was taken and nothing follows.
  mutating func finish() throws(DatasetError) { try reader.expectEnd() }
}
