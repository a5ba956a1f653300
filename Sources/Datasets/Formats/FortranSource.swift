import Foundation

/// The elements of an array that is stored with its first dimension running fastest, in row-major order.
///
/// The array is copied to a file without a name first: a row's elements lie as far apart as the first dimension is
/// long, and what comes out of an archive can't be read again from the middle.
struct FortranSource: ByteSource {
  private let mapped: MappedBytes
  private let rows: Int
  private let itemSize: Int
  /// Where each element of a row lies in the first of it, in elements.
  private let places: [Int]
  /// The row that comes next.
  private var position = 0

  /// Takes all elements of the array, of which there is at least one, from behind its header.
  init(_ reader: inout ByteReader, _ header: NPYHeader, scratchBeside path: String) throws(DatasetError) {
    let name = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).tmp"
    let file = try File(name, .create)
    unlink(name)
    var left = header.count * header.itemSize
    while left > 0 {
      let bytes = try reader.some(atMost: left)
      guard !bytes.isEmpty else {
        throw .truncated(
          file: reader.name, offset: reader.offset, expected: "an array of shape \(header.shape)")
      }
      try file.write(Array(bytes))
      left -= bytes.count
    }
    try reader.expectEnd()
    mapped = try file.map()
    rows = header.shape[0]
    itemSize = header.itemSize
    var places = [0]
    var stride = rows
    for size in header.shape.dropFirst() {
      places = places.flatMap { place in (0..<size).map { place + $0 * stride } }
      stride *= size
    }
    self.places = places
  }

  mutating func next() throws(DatasetError) -> [UInt8] {
    // Enough rows that each place's neighbours are taken from the same page.
    let count = min(rows - position, max(1, max(1 << 18, places.count * 64) / (places.count * itemSize)))
    guard count > 0 else { return [] }
    defer { position += count }
    return switch itemSize {
    case 1: transposed(count, UInt8.self)
    case 2: transposed(count, UInt16.self)
    case 4: transposed(count, UInt32.self)
    case 8: transposed(count, UInt64.self)
    default: transposedBytes(count)
    }
  }

  private func transposed<T: FixedWidthInteger>(_ count: Int, _ type: T.Type) -> [UInt8] {
    let width = places.count
    return [UInt8](unsafeUninitializedCapacity: count * width * itemSize) { target, initialized in
      let target = UnsafeMutableRawBufferPointer(target)
      for (element, place) in places.enumerated() {
        for row in 0..<count {
          let value = mapped.bytes.load(fromByteOffset: (place + position + row) * itemSize, as: T.self)
          target.storeBytes(of: value, toByteOffset: (row * width + element) * itemSize, as: T.self)
        }
      }
      initialized = count * width * itemSize
    }
  }

  private func transposedBytes(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for row in position..<position + count {
      for place in places {
        bytes += mapped.bytes[(place + row) * itemSize..<(place + row + 1) * itemSize]
      }
    }
    return bytes
  }
}
