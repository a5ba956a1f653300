/// The header of NumPy's array format, versions 1 to 3: magic, version, a length, and a Python dictionary with
/// `descr`, `fortran_order` and `shape`.
struct NPYHeader: Hashable {
  enum Kind: UInt8 {
    case boolean = 98
    case integer = 105
    case unsigned = 117
    case float = 102
    /// Bytes of text of a fixed number, filled up with zeros.
    case bytes = 83
    /// The same of 32-bit code points.
    case text = 85

    /// Whether the elements are numbers.
    var isNumeric: Bool { self != .bytes && self != .text }
  }

  let kind: Kind
  /// Bytes of one element.
  let itemSize: Int
  let isBigEndian: Bool
  /// Whether the first dimension runs fastest, which means something only where two or more have a length.
  let isFortran: Bool
  let shape: [Int]
  /// As NumPy writes the type.
  let type: String

  /// Elements; the initialiser has checked that it can be counted.
  var count: Int { shape.reduce(1, *) }
  /// Whether elements are bytes as images have them.
  var holdsBytes: Bool { kind == .unsigned && itemSize == 1 }
  /// Whether 32-bit floats hold every value.
  var fitsSinglePrecision: Bool { kind == .float ? itemSize <= 4 : itemSize <= 2 }

  /// Reads the header; the elements follow.
  init(_ reader: inout ByteReader, limits: DatasetLimits) throws(DatasetError) {
    let magic = try reader.bytes(8, "the NPY magic number")
    guard magic.starts(with: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]), 1...3 ~= magic[6] else {
      throw .malformed(
        file: reader.name, place: .offset(0),
        reason: "not an NPY file of version 1 to 3" + Self.otherKind(magic))
    }
    let length = try reader.bytes(magic[6] == 1 ? 2 : 4, "the NPY header length")
      .reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= 1 << 16 else {
      throw .limitExceeded(file: reader.name, limit: "a header of \(length) bytes")
    }
    let bytes = try reader.bytes(length, "the NPY header")
    func malformed(_ reason: String) -> DatasetError {
      .malformed(file: reader.name, place: .offset(8), reason: reason)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw malformed("a header that isn't text")
    }
    let dictionary = PythonLiteral.dictionary(text)
    if dictionary?["descr"] == .list {
      throw malformed(
        "an array of records: save numpy.lib.recfunctions.structured_to_unstructured of it, or a CSV file")
    }
    guard let dictionary, case .text(let type)? = dictionary["descr"],
      case .boolean(let isFortran)? = dictionary["fortran_order"],
      case .tuple(let shape)? = dictionary["shape"], dictionary.count == 3
    else { throw malformed("a header that isn't NumPy's") }
    let typeBytes = Array(type.utf8)
    guard typeBytes.count >= 2, [60, 62, 124, 61].contains(typeBytes[0]),
      let kind = Kind(rawValue: typeBytes[1]),
      let length = Int(String(decoding: typeBytes[2...], as: UTF8.self)),
      Self.lengths(kind).contains(length)
    else { throw malformed("elements of type '\(type.prefix(20))'\(Self.remedy(typeBytes))") }
    itemSize = kind == .text ? 4 * length : length
    let size = itemSize
    let (count, overflow) = shape.reduce((1, false)) { product, size in
      let next = product.0.multipliedReportingOverflow(by: size)
      return (next.partialValue, product.1 || next.overflow)
    }
    guard !overflow, shape.count <= 8, count <= limits.decodedBytes / size else {
      throw .limitExceeded(file: reader.name, limit: "an array of shape \(shape)")
    }
    self.kind = kind
    isBigEndian = typeBytes[0] == UInt8(ascii: ">")
    self.isFortran = isFortran
    self.shape = shape
    self.type = type
  }

  private static func lengths(_ kind: Kind) -> Set<Int> {
    switch kind {
    case .boolean: [1]
    case .integer, .unsigned: [1, 2, 4, 8]
    case .float: [2, 4, 8]
    case .bytes, .text: Set(1...1_024)
    }
  }

  /// What to do about a type that isn't read.
  private static func remedy(_ type: [UInt8]) -> String {
    switch type.dropFirst().first {
    case UInt8(ascii: "O"):
      ", Python objects that only its pickle reads: save array.astype(float), or array.astype(str) of labels"
    case UInt8(ascii: "c"):
      ", complex numbers: save real and imaginary part, or magnitude and angle, as columns"
    case UInt8(ascii: "M"), UInt8(ascii: "m"):
      ", dates or durations: save array.astype('datetime64[D]').astype(int), which counts days"
    case UInt8(ascii: "V"):
      ", records: save numpy.lib.recfunctions.structured_to_unstructured of it, or a CSV file"
    case UInt8(ascii: "f"): ": save array.astype('f8')"
    default: "; numbers of 8 to 64 bits, booleans and text of a fixed width are read"
    }
  }

  /// What a file that isn't NPY seems to be.
  static func otherKind(_ start: some Sequence<UInt8>) -> String {
    let start = Array(start.prefix(4))
    if start.starts(with: [0x50, 0x4b]) {
      return ": a zip archive as numpy.savez writes it, whose format is npz"
    }
    if start.starts(with: [0x93, 0x4e, 0x55, 0x4d]) { return ": a single array, whose format is npy" }
    if start.starts(with: [0x80]) {
      return ": a Python pickle, which may run any program; save arrays with numpy.savez instead"
    }
    if start.starts(with: [0x89, 0x48, 0x44, 0x46]) {
      return ": HDF5, which isn't read; save arrays with numpy.savez instead"
    }
    if start == Array("MATL".utf8) {
      return ": a MATLAB file, which isn't read; save arrays with numpy.savez instead"
    }
    return ""
  }
}
