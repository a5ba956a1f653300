/// The text of a delimited file: unpacked, decoded, and what was seen of both.
struct TableText {
  let path: String
  /// The name in messages.
  let name: String
  let limits: DatasetLimits
  let encoding: TextEncoding
  let byteOrderMark: Bool
  let compression: String?
  private let markLength: Int

  init(
    _ path: String, name: String?, encoding: TextEncoding?, limits: DatasetLimits
  ) throws(DatasetError) {
    self.path = path
    self.name = name ?? path
    self.limits = limits
    let file = try File(path, .read, shownAs: self.name)
    let magic = try file.read(6, at: 0)
    compression =
      magic.starts(with: [0x50, 0x4b, 3, 4]) ? "zip" : Compression(firstBytes: magic)?.rawValue
    var reader = try Self.bytes(file, limits)
    var start: [UInt8] = []
    while start.count < 4_096 {
      let more = try reader.some(atMost: 4_096 - start.count)
      if more.isEmpty { break }
      start += more
    }
    if let reason = ForeignFile.reason(start) {
      throw .malformed(file: self.name, place: .wholeFile, reason: reason)
    }
    let mark = TextMark(start, stated: encoding)
    self.encoding = mark.encoding
    byteOrderMark = mark.length > 0
    markLength = mark.length
  }

  private static func bytes(_ file: File, _ limits: DatasetLimits) throws(DatasetError) -> ByteReader {
    guard try file.read(4, at: 0) == [0x50, 0x4b, 3, 4] else {
      return try ByteReader(file: file, limits: limits)
    }
    let archive = try ZipArchive(file: file, limits: limits)
    return try archive.reader(try ForeignFile.member(of: archive))
  }

  /// The text from its beginning.
  func reader() throws(DatasetError) -> ByteReader {
    var bytes = try Self.bytes(try File(path, .read, shownAs: name), limits)
    if markLength > 0 { _ = try bytes.bytes(markLength, "the byte order mark") }
    return ByteReader(name: name, source: TextSource(bytes, encoding: encoding))
  }
}
