/// Numeric arrays of MATLAB's MAT-file, version 5 (MathWorks, "MAT-File Format", 2023), compressed or not.
///
/// Debian's libmatio reads every kind of MAT-file, and holds a variable in memory whole: 225 MB for the one file that the
/// catalogue has in this form. This reads its two arrays as they come, through the same inflater as every other file.
struct MATFile {
  /// One array; `elements` stands at its first element, columns first.
  struct Array {
    let dimensions: [Int]
    let elements: ByteReader
    /// How elements are stored, whatever the array's own class is.
    let storage: Storage
  }

  /// Data types of elements in the file.
  enum Storage: Int {
    case int8 = 1
    case uint8 = 2
    case int16 = 3
    case uint16 = 4
    case int32 = 5
    case uint32 = 6
    case single = 7
    case double = 9

    var size: Int {
      switch self {
      case .int8, .uint8: 1
      case .int16, .uint16: 2
      case .int32, .uint32, .single: 4
      case .double: 8
      }
    }
  }

  private let file: File
  private let limits: DatasetLimits

  private static let matrix = 14
  private static let compressed = 15

  init(_ file: File, limits: DatasetLimits) throws(DatasetError) {
    self.file = file
    self.limits = limits
    let header = try file.read(128, at: 0)
    guard header.count == 128, header[124...].elementsEqual([0, 1, 0x49, 0x4d]) else {
      throw .malformed(
        file: file.path, place: .offset(0), reason: "not a MAT-file of version 5 in little-endian order")
    }
  }

  /// The array of a name.
  func array(named wanted: String) throws(DatasetError) -> Array {
    var offset = 128
    while offset + 8 <= file.size {
      var tag = LittleEndianFields(try file.read(8, at: offset), file: file.path, offset: offset)
      let (type, size) = try (tag.number(4), tag.number(4))
      guard size <= file.size - offset - 8 else {
        throw .truncated(file: file.path, offset: file.size, expected: "\(size) bytes of an array")
      }
      let range = offset + 8..<offset + 8 + size
      let bytes = FileSource(file: file, range: range)
      if type == Self.compressed {
        var reader = ByteReader(
          name: file.path,
          source: DecompressedSource(name: file.path, .zlib, limits: limits, compressed: bytes))
        let (inner, _) = try Self.tag(&reader)
        if inner == Self.matrix, let array = try Self.array(&reader, named: wanted) { return array }
      } else if type == Self.matrix {
        var reader = ByteReader(name: file.path, source: bytes)
        if let array = try Self.array(&reader, named: wanted) { return array }
      }
      offset = range.upperBound
    }
    throw .malformed(file: file.path, place: .wholeFile, reason: "no array '\(wanted)'")
  }

  private static func tag(_ reader: inout ByteReader) throws(DatasetError) -> (type: Int, size: Int) {
    let bytes = try reader.bytes(8, "the tag of an array")
    var fields = LittleEndianFields(bytes, file: reader.name, offset: reader.offset - 8)
    return try (fields.number(4), fields.number(4))
  }

  /// One part of an array's description: its bytes, without padding.
  private static func part(_ reader: inout ByteReader, atMost limit: Int) throws(DatasetError) -> [UInt8] {
    let start = try reader.bytes(8, "the tag of a part of an array")
    let small = Int(start[2]) | Int(start[3]) << 8
    if small > 0 {
      guard small <= 4 else {
        throw .malformed(
          file: reader.name, place: .offset(reader.offset), reason: "a small part of \(small) bytes")
      }
      return Swift.Array(start[4..<4 + small])
    }
    var fields = LittleEndianFields(Swift.Array(start[4...]), file: reader.name, offset: reader.offset - 4)
    let size = try fields.number(4)
    guard size <= limit else {
      throw .malformed(file: reader.name, place: .offset(reader.offset), reason: "a part of \(size) bytes")
    }
    let bytes = try reader.bytes(size, "a part of an array")
    _ = try reader.bytes((8 - size % 8) % 8, "the padding of a part")
    return bytes
  }

  /// The array behind the tag where it has the name; nil for another.
  private static func array(_ reader: inout ByteReader, named wanted: String) throws(DatasetError) -> Array? {
    _ = try part(&reader, atMost: 8)
    let sizes = try part(&reader, atMost: 256)
    let name = try part(&reader, atMost: 256)
    guard name.elementsEqual(wanted.utf8) else { return nil }
    var fields = LittleEndianFields(sizes, file: reader.name, offset: reader.offset)
    var dimensions: [Int] = []
    while fields.remaining >= 4 { dimensions.append(try fields.number(4)) }
    // The elements' tag is small where there are at most four bytes of them: no data set has so few.
    let (type, size) = try tag(&reader)
    let count = dimensions.reduce((1, false)) { product, size in
      let next = product.0.multipliedReportingOverflow(by: size)
      return (next.partialValue, product.1 || next.overflow)
    }
    guard let storage = Storage(rawValue: type), !count.1, dimensions.allSatisfy({ $0 > 0 }),
      size == count.0.multipliedReportingOverflow(by: storage.size).partialValue
    else {
      throw .malformed(
        file: reader.name, place: .offset(reader.offset),
        reason: "'\(wanted)' is no array of numbers, or holds other than \(dimensions) of them")
    }
    return Array(dimensions: dimensions, elements: reader, storage: storage)
  }
}

extension MATFile.Array {
  /// All elements as integers; throws where one isn't.
  func integers(atMost limit: Int = 1 << 28) throws(DatasetError) -> [Int] {
    var reader = elements
    let count = dimensions.reduce(1, *)
    guard count <= limit else {
      throw .limitExceeded(file: reader.name, limit: "an array of \(count) labels")
    }
    let bytes = try reader.bytes(count * storage.size, "\(count) elements")
    var values: [Int] = []
    values.reserveCapacity(count)
    for element in 0..<count {
      let start = element * storage.size
      let bits = bytes[start..<start + storage.size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let value: Int? =
        switch storage {
        case .single: Int(exactly: Float(bitPattern: UInt32(bits)))
        case .double: Int(exactly: Double(bitPattern: bits))
        case .int8: Int(Int8(truncatingIfNeeded: bits))
        case .int16: Int(Int16(truncatingIfNeeded: bits))
        case .int32: Int(Int32(truncatingIfNeeded: bits))
        case .uint8, .uint16, .uint32: Int(bits)
        }
      guard let value else {
        throw .malformed(file: reader.name, place: .wholeFile, reason: "label \(element) is no integer")
      }
      values.append(value)
    }
    return values
  }
}
