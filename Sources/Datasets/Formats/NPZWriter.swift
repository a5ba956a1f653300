import CZlib
import Foundation

/// An array as NumPy has it: elements in C order, little-endian.
package struct NumPyArray: Sendable, Hashable {
  /// The numbers, of one type.
  package enum Elements: Sendable, Hashable {
    case float32([Float])
    case float64([Double])
    case int64([Int64])
  }

  /// The extents.
  package let shape: [Int]
  /// As many elements as the extents have it.
  package let elements: Elements

  /// An array of this shape.
  package init(shape: [Int], _ elements: Elements) {
    precondition(shape.reduce(1, *) == elements.count, "one element for every place of the shape")
    self.shape = shape
    self.elements = elements
  }

  /// The file format NPY, version 1.0: magic, the length of the header, a Python dictionary padded so that the elements
  /// begin at a multiple of 64, and the elements.
  package var npy: Data {
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '\(elements.type)', 'fortran_order': False, 'shape': (\(extents)), }"
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0])
    data.append(littleEndian: UInt16(header.utf8.count))
    data.append(contentsOf: header.utf8)
    elements.append(to: &data)
    return data
  }
}

extension NumPyArray.Elements {
  /// How many there are.
  var count: Int {
    switch self {
    case .float32(let values): values.count
    case .float64(let values): values.count
    case .int64(let values): values.count
    }
  }

  /// NumPy's name of the type.
  fileprivate var type: String {
    switch self {
    case .float32: "<f4"
    case .float64: "<f8"
    case .int64: "<i8"
    }
  }

  fileprivate func append(to data: inout Data) {
    switch self {
    case .float32(let values): data.append(contentsOf: values.map(\.bitPattern))
    case .float64(let values): data.append(contentsOf: values.map(\.bitPattern))
    case .int64(let values): data.append(contentsOf: values)
    }
  }
}

/// Why an archive can't be written.
package enum NPZError: Error, Sendable, Hashable, CustomStringConvertible {
  /// It would be larger than a zip archive without 64-bit sizes can be.
  case tooLarge

  /// What is wrong, as a sentence.
  package var description: String { "the arrays are larger than the 4 GiB that an NPZ archive holds" }
}

/// Writes NPZ, as `numpy.savez` does: a zip archive of stored members, arrays as `<name>.npy`. Times are left at the
/// format's first day, so that equal contents are equal bytes.
package struct NPZWriter {
  private var data = Data()
  private var directory = Data()
  private var count = 0

  /// An empty archive.
  package init() {}

  /// Adds an array.
  package mutating func add(_ name: String, _ array: NumPyArray) throws(NPZError) {
    try add(file: name + ".npy", array.npy)
  }

  /// Adds a text, which NumPy passes on as bytes.
  package mutating func add(file name: String, text: String) throws(NPZError) {
    try add(file: name, Data(text.utf8))
  }

  /// The whole archive.
  package func finish() throws(NPZError) -> Data {
    guard count < 1 << 16, data.count + directory.count < 1 << 32 else { throw .tooLarge }
    var archive = data
    archive.append(directory)
    archive.append(littleEndian: UInt32(0x0605_4b50))
    archive.append(littleEndian: UInt32(0))
    archive.append(littleEndian: UInt16(count))
    archive.append(littleEndian: UInt16(count))
    archive.append(littleEndian: UInt32(directory.count))
    archive.append(littleEndian: UInt32(data.count))
    archive.append(littleEndian: UInt16(0))
    return archive
  }

  private mutating func add(file name: String, _ contents: Data) throws(NPZError) {
    guard data.count + contents.count + name.utf8.count + 30 < 1 << 32 else { throw .tooLarge }
    var entry = Data()
    // Version 2.0; names in UTF-8; stored; midnight of 1980-01-01; checksum; sizes; length of the name, no extra field.
    entry.append(littleEndian: UInt16(20))
    entry.append(littleEndian: UInt16(0x0800))
    entry.append(littleEndian: UInt16(0))
    entry.append(littleEndian: UInt16(0))
    entry.append(littleEndian: UInt16(0x0021))
    entry.append(littleEndian: Self.checksum(contents))
    entry.append(littleEndian: UInt32(contents.count))
    entry.append(littleEndian: UInt32(contents.count))
    entry.append(littleEndian: UInt16(name.utf8.count))
    entry.append(littleEndian: UInt16(0))

    directory.append(littleEndian: UInt32(0x0201_4b50))
    directory.append(littleEndian: UInt16(20))
    directory.append(entry)
    // No comment, the first disk, no attributes.
    directory.append(contentsOf: [UInt8](repeating: 0, count: 10))
    directory.append(littleEndian: UInt32(data.count))
    directory.append(contentsOf: name.utf8)

    data.append(littleEndian: UInt32(0x0403_4b50))
    data.append(entry)
    data.append(contentsOf: name.utf8)
    data.append(contents)
    count += 1
  }

  private static func checksum(_ data: Data) -> UInt32 {
    data.withUnsafeBytes { bytes in
      var checksum = crc32(0, nil, 0)
      var start = 0
      while start < bytes.count {
        let size = min(bytes.count - start, 1 << 30)
        checksum = crc32(
          checksum, bytes.baseAddress?.advanced(by: start).assumingMemoryBound(to: UInt8.self), UInt32(size))
        start += size
      }
      return UInt32(checksum)
    }
  }
}

extension Data {
  fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
    let word = [value.littleEndian]
    word.withUnsafeBytes { append(contentsOf: $0) }
  }

  fileprivate mutating func append(contentsOf values: some Sequence<some FixedWidthInteger>) {
    let words = Array(values.map(\.littleEndian))
    words.withUnsafeBytes { append(contentsOf: $0) }
  }
}
