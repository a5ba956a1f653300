/// The header of NumPy's array format, versions 1 to 3: magic, version, a length, and a Python dictionary with
/// `descr`, `fortran_order` and `shape`.
struct NPYHeader: Hashable {
  enum Kind: UInt8 {
    case boolean = 98
    case integer = 105
    case unsigned = 117
    case float = 102
  }

  let kind: Kind
  /// Bytes of one element.
  let itemSize: Int
  let isBigEndian: Bool
  let shape: [Int]

  /// Elements; the initialiser has checked that it can be counted.
  var count: Int { shape.reduce(1, *) }

  /// Reads the header; the elements follow.
  init(_ reader: inout ByteReader, limits: DatasetLimits) throws(DatasetError) {
    let magic = try reader.bytes(8, "the NPY magic number")
    guard magic.starts(with: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]), 1...3 ~= magic[6] else {
      throw .malformed(file: reader.name, place: .offset(0), reason: "not an NPY file of version 1 to 3")
    }
    let length = try reader.bytes(magic[6] == 1 ? 2 : 4, "the NPY header length")
      .reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= 1 << 16 else {
      throw .limitExceeded(file: reader.name, limit: "a header of \(length) bytes")
    }
    let bytes = try reader.bytes(length, "the NPY header")
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .malformed(file: reader.name, place: .offset(8), reason: "a header that isn't text")
    }
    func malformed(_ reason: String) -> DatasetError {
      .malformed(file: reader.name, place: .offset(8), reason: reason)
    }
    guard let dictionary = PythonLiteral.dictionary(text),
      case .text(let type)? = dictionary["descr"],
      case .boolean(let isFortran)? = dictionary["fortran_order"],
      case .tuple(let shape)? = dictionary["shape"], dictionary.count == 3
    else { throw malformed("a header that isn't NumPy's, or an array of records") }
    let typeBytes = Array(type.utf8)
    guard typeBytes.count >= 3, let kind = Kind(rawValue: typeBytes[1]),
      let size = Int(String(decoding: typeBytes[2...], as: UTF8.self)),
      Self.sizes[kind]?.contains(size) == true,
      [UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "|"), UInt8(ascii: "=")].contains(typeBytes[0])
    else {
      throw malformed("elements of type '\(type.prefix(20))'; numbers of 8 to 64 bits are read")
    }
    guard !isFortran || shape.count(where: { $0 > 1 }) <= 1 else {
      throw malformed("an array in Fortran order; save numpy.ascontiguousarray of it")
    }
    let (count, overflow) = shape.reduce((1, false)) { product, size in
      let next = product.0.multipliedReportingOverflow(by: size)
      return (next.partialValue, product.1 || next.overflow)
    }
    guard !overflow, shape.count <= 8, count <= limits.decodedBytes / size else {
      throw .limitExceeded(file: reader.name, limit: "an array of shape \(shape)")
    }
    self.kind = kind
    itemSize = size
    isBigEndian = typeBytes[0] == UInt8(ascii: ">")
    self.shape = shape
  }

  private static let sizes: [Kind: [Int]] = [
    .boolean: [1], .integer: [1, 2, 4, 8], .unsigned: [1, 2, 4, 8], .float: [2, 4, 8],
  ]
}

/// An array whose elements are read in order.
struct NPYReader {
  private var reader: ByteReader
  let header: NPYHeader
  private var taken = 0

  init(_ reader: ByteReader, limits: DatasetLimits) throws(DatasetError) {
    self.reader = reader
    header = try NPYHeader(&self.reader, limits: limits)
  }

  var name: String { reader.name }

  private mutating func raw(_ count: Int) throws(DatasetError) -> [UInt8] {
    defer { taken += count }
    return try reader.bytes(count * header.itemSize, "an array of shape \(header.shape)")
  }

  /// The next unsigned bytes as they are.
  mutating func bytes(_ count: Int) throws(DatasetError) -> [UInt8] {
    precondition(header.kind == .unsigned && header.itemSize == 1)
    return try raw(count)
  }

  private func bits(_ raw: [UInt8], _ element: Int) -> UInt64 {
    let size = header.itemSize
    var value: UInt64 = 0
    for byte in 0..<size {
      let place = header.isBigEndian ? byte : size - 1 - byte
      value = value << 8 | UInt64(raw[element * size + place])
    }
    return value
  }

  /// The next elements as floats, which have to be finite.
  mutating func floats(_ count: Int) throws(DatasetError) -> [Float] {
    let first = taken
    let raw = try raw(count)
    var values: [Float] = []
    values.reserveCapacity(count)
    for element in 0..<count {
      let value = float(bits(raw, element))
      guard value.isFinite else {
        throw .malformed(
          file: name, place: .wholeFile, reason: "element \(first + element) isn't finite as a 32-bit number")
      }
      values.append(value)
    }
    return values
  }

  private func float(_ bits: UInt64) -> Float {
    switch (header.kind, header.itemSize) {
    case (.float, 2): Float(Float16(bitPattern: UInt16(bits)))
    case (.float, 4): Float(bitPattern: UInt32(bits))
    case (.float, _): Float(Double(bitPattern: bits))
    case (.integer, let size): Float(Self.signed(bits, size))
    default: Float(bits)
    }
  }

  private static func signed(_ bits: UInt64, _ size: Int) -> Int64 {
    let shift = UInt64(64 - 8 * size)
    return Int64(bitPattern: bits << shift) >> Int64(shift)
  }

  /// The next elements as integers; floats have to hold integers.
  mutating func integers(_ count: Int) throws(DatasetError) -> [Int] {
    let first = taken
    let raw = try raw(count)
    var values: [Int] = []
    values.reserveCapacity(count)
    for element in 0..<count {
      let bits = bits(raw, element)
      let value: Int? =
        switch header.kind {
        case .float: Int(exactly: Double(float(bits)))
        case .integer: Int(Self.signed(bits, header.itemSize))
        default: Int(exactly: bits)
        }
      guard let value else {
        throw .malformed(file: name, place: .wholeFile, reason: "label \(first + element) is no integer")
      }
      values.append(value)
    }
    return values
  }

  /// Every element was taken and nothing follows.
  mutating func finish() throws(DatasetError) { try reader.expectEnd() }
}

/// The few Python literals that NumPy writes: a dictionary of text, booleans and tuples of integers.
enum PythonLiteral {
  case text(String)
  case boolean(Bool)
  case tuple([Int])

  /// Nil for anything else than such a dictionary.
  static func dictionary(_ text: String) -> [String: PythonLiteral]? {
    var rest = Substring(text)
    func skipSpaces() { rest = rest.drop { $0 == " " || $0 == "\n" } }
    func take(_ prefix: String) -> Bool {
      skipSpaces()
      guard rest.hasPrefix(prefix) else { return false }
      rest = rest.dropFirst(prefix.count)
      return true
    }
    func quoted() -> String? {
      guard take("'") else { return nil }
      let content = rest.prefix { $0 != "'" && $0 != "\\" }
      rest = rest[content.endIndex...]
      return take("'") ? String(content) : nil
    }
    func value() -> PythonLiteral? {
      if take("True") { return .boolean(true) }
      if take("False") { return .boolean(false) }
      guard take("(") else { return quoted().map { .text($0) } }
      var sizes: [Int] = []
      while !take(")") {
        skipSpaces()
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard let size = Int(digits), sizes.count < 64 else { return nil }
        sizes.append(size)
        rest = rest[digits.endIndex...]
        if !take(",") {
          guard take(")") else { return nil }
          break
        }
      }
      return .tuple(sizes)
    }
    guard take("{") else { return nil }
    var entries: [String: PythonLiteral] = [:]
    while !take("}") {
      guard let key = quoted(), take(":"), let value = value(), entries[key] == nil else { return nil }
      entries[key] = value
      if !take(",") {
        guard take("}") else { return nil }
        break
      }
    }
    skipSpaces()
    return rest.isEmpty ? entries : nil
  }
}
