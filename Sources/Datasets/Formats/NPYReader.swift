/// An array whose elements are read in row-major order, whichever way they are stored.
struct NPYReader {
  private var reader: ByteReader
  let header: NPYHeader
  private let scratchPath: String
  /// Whether the elements that follow are still to be put in order.
  private var isScattered: Bool
  private var taken = 0

  /// Elements that are converted at once.
  private static let pieceSize = 1 << 18

  /// Reads the header alone, so that its shape can be refused before any element is looked at; rows that are too long
  /// for a sample are refused here. With its first element an array in Fortran order is copied to a file beside `path`
  /// (which nobody sees, and which goes with the reader), since its rows lie scattered all over it.
  init(_ reader: ByteReader, scratchBeside path: String, limits: DatasetLimits) throws(DatasetError) {
    self.reader = reader
    let header = try NPYHeader(&self.reader, limits: limits)
    self.header = header
    scratchPath = path
    let shape = header.shape
    isScattered = header.isFortran && shape.count(where: { $0 > 1 }) > 1 && header.count > 0
    var width = 1
    for size in shape.dropFirst() {
      // An array without rows may claim any sizes for them.
      let (product, isTooLarge) = width.multipliedReportingOverflow(by: size)
      guard !isTooLarge, product <= limits.sampleElements else {
        throw .limitExceeded(
          file: reader.name,
          limit: "an array of shape \(shape), allowed are at most \(limits.sampleElements) elements a row")
      }
      width = product
    }
  }

  var name: String { reader.name }
  /// Elements that belong to one index of the first dimension.
  var width: Int { header.shape.dropFirst().reduce(1, *) }

  private mutating func raw(_ count: Int) throws(DatasetError) -> [UInt8] {
    if isScattered {
      isScattered = false
      let source = try FortranSource(&reader, header, scratchBeside: scratchPath)
      reader = ByteReader(name: reader.name, source: source)
    }
    defer { taken += count }
    return try reader.bytes(count * header.itemSize, "an array of shape \(header.shape)")
  }

  /// The next unsigned bytes as they are.
  mutating func bytes(_ count: Int) throws(DatasetError) -> [UInt8] {
    precondition(header.holdsBytes)
    return try raw(count)
  }

  /// The next numbers as doubles, which have to be finite.
  mutating func doubles(_ count: Int) throws(DatasetError) -> [Double] {
    guard count > Self.pieceSize else { return try piece(count) }
    var values: [Double] = []
    while values.count < count { values += try piece(min(count - values.count, Self.pieceSize)) }
    return values
  }

  /// So few of them that it doesn't matter that they are in memory more than once.
  private mutating func piece(_ count: Int) throws(DatasetError) -> [Double] {
    let first = taken
    let raw = try raw(count)
    let values: [Double] =
      switch (header.kind, header.itemSize) {
      case (.float, 2): integers(raw, UInt16.self).map { Double(Float16(bitPattern: $0)) }
      case (.float, 4): integers(raw, UInt32.self).map { Double(Float(bitPattern: $0)) }
      case (.float, _): integers(raw, UInt64.self).map { Double(bitPattern: $0) }
      case (.integer, 1): raw.map { Double(Int8(bitPattern: $0)) }
      case (.integer, 2): integers(raw, Int16.self).map { Double($0) }
      case (.integer, 4): integers(raw, Int32.self).map { Double($0) }
      case (.integer, _): integers(raw, Int64.self).map { Double($0) }
      case (_, 1): raw.map { Double($0) }
      case (_, 2): integers(raw, UInt16.self).map { Double($0) }
      case (_, 4): integers(raw, UInt32.self).map { Double($0) }
      default: integers(raw, UInt64.self).map { Double($0) }
      }
    if let wrong = values.firstIndex(where: { !$0.isFinite }) {
      let element = first + wrong
      throw .malformed(
        file: name, place: .row(element / max(1, width)),
        reason:
          "element \(element % max(1, width)) is \(values[wrong]), which isn't finite: fill or leave out "
          + "such rows first")
    }
    return values
  }

  /// The next numbers as floats, which have to be finite.
  mutating func floats(_ count: Int) throws(DatasetError) -> [Float] {
    guard count > Self.pieceSize else { return try piece(count).map { Float($0) } }
    var values: [Float] = []
    while values.count < count {
      values += try piece(min(count - values.count, Self.pieceSize)).map { Float($0) }
    }
    return values
  }

  /// The next numbers as integers; floats have to hold integers.
  mutating func integers(_ count: Int) throws(DatasetError) -> [Int] {
    let first = taken
    func refuse(_ position: Int, _ value: String) -> DatasetError {
      .malformed(
        file: name, place: .row((first + position) / max(1, width)),
        reason:
          "the label \(value) is no integer that can be a class: bin labels that measure something first")
    }
    guard header.kind != .float else {
      let values = try doubles(count)
      let integers = values.map { Int(exactly: $0) }
      if let wrong = integers.firstIndex(of: nil) { throw refuse(wrong, "\(values[wrong])") }
      return integers.compactMap { $0 }
    }
    let raw = try raw(count)
    switch (header.kind, header.itemSize) {
    case (.integer, 1): return raw.map { Int(Int8(bitPattern: $0)) }
    case (.integer, 2): return integers(raw, Int16.self).map { Int($0) }
    case (.integer, 4): return integers(raw, Int32.self).map { Int($0) }
    case (.integer, _): return integers(raw, Int64.self).map { Int($0) }
    case (_, 1): return raw.map { Int($0) }
    case (_, 2): return integers(raw, UInt16.self).map { Int($0) }
    case (_, 4): return integers(raw, UInt32.self).map { Int($0) }
    default:
      let values = integers(raw, UInt64.self)
      if let wrong = values.firstIndex(where: { $0 > Int.max }) { throw refuse(wrong, "\(values[wrong])") }
      return values.map { Int($0) }
    }
  }

  /// The next texts, without the zeros that fill them up.
  mutating func words(_ count: Int) throws(DatasetError) -> [String] {
    let first = taken
    let raw = try raw(count)
    let size = header.itemSize
    var words: [String] = []
    words.reserveCapacity(count)
    for element in 0..<count {
      let bytes = raw[element * size..<(element + 1) * size]
      guard let word = header.kind == .bytes ? Self.text(bytes) : text(codePoints: Array(bytes)) else {
        throw .malformed(
          file: name, place: .row((first + element) / max(1, width)),
          reason: "a text that isn't \(header.kind == .bytes ? "UTF-8" : "made of code points")")
      }
      words.append(word)
    }
    return words
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
    let end = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? bytes.startIndex
    return String(validating: bytes[..<end], as: UTF8.self)
  }

  private func text(codePoints bytes: [UInt8]) -> String? {
    var points = integers(bytes, UInt32.self)
    while points.last == 0 { points.removeLast() }
    var word = ""
    for point in points {
      guard let scalar = Unicode.Scalar(point) else { return nil }
      word.unicodeScalars.append(scalar)
    }
    return word
  }

  private func integers<T: FixedWidthInteger>(_ raw: [UInt8], _ type: T.Type) -> [T] {
    let size = MemoryLayout<T>.size
    return raw.withUnsafeBytes { bytes in
      [T](unsafeUninitializedCapacity: bytes.count / size) { values, count in
        count = bytes.count / size
        for element in 0..<count {
          let value = bytes.loadUnaligned(fromByteOffset: element * size, as: T.self)
          (values.baseAddress! + element).initialize(
            to: header.isBigEndian ? T(bigEndian: value) : T(littleEndian: value))
        }
      }
    }
  }

  /// Every element was taken and nothing follows.
  mutating func finish() throws(DatasetError) { try reader.expectEnd() }
}
