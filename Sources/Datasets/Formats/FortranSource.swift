import Foundation

/// The elements of an array that is stored with its first dimension running fastest, in row-major order.
///
/// The array is copied to a file without a name first: a row's elements lie as far apart as the first dimension is
/// long, and what comes out of an archive can't be read again from the middle.
struct FortranSource: ByteSource {
  private let mapped: MappedBytes
  private let rows: Int
  private let itemSize: Int
  /// Sizes of the dimensions behind the first, and how far apart neighbours along each lie, in elements.
  private let sizes: [Int]
  private let strides: [Int]
  /// Elements of a row.
  private let width: Int
  /// The row that comes next.
  private var position = 0

  /// Bytes that are put in order at once, unless a single row has more.
  private static let pieceBytes = 1 << 24

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
    sizes = Array(header.shape.dropFirst())
    var strides: [Int] = []
    var stride = rows
    for size in sizes {
      strides.append(stride)
      stride *= size
    }
    self.strides = strides
    width = stride / rows
  }

  mutating func next() throws(DatasetError) -> [UInt8] {
    // Enough rows that each place's neighbours are taken from the same page.
    let size = min(max(1 << 18, width * 64), Self.pieceBytes)
    let count = min(rows - position, max(1, size / (width * itemSize)))
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

  /// Tells of each element of a row where it lies in the first of it, in elements. Found anew each time: a table of the
  /// places would be many times as long as a row of bytes.
  private func forEachPlace(_ body: (_ element: Int, _ place: Int) -> Void) {
    var index = [Int](repeating: 0, count: sizes.count)
    var place = 0
    for element in 0..<width {
      body(element, place)
      // The last dimension runs fastest; where one is through, it starts again and the one before goes on.
      for dimension in sizes.indices.reversed() {
        index[dimension] += 1
        place += strides[dimension]
        if index[dimension] < sizes[dimension] { break }
        place -= sizes[dimension] * strides[dimension]
        index[dimension] = 0
      }
    }
  }

  private func transposed<T: FixedWidthInteger>(_ count: Int, _ type: T.Type) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count * width * itemSize) { target, initialized in
      let target = UnsafeMutableRawBufferPointer(target)
      forEachPlace { element, place in
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
      forEachPlace { _, place in
        bytes += mapped.bytes[(place + row) * itemSize..<(place + row + 1) * itemSize]
      }
    }
    return bytes
  }
}
