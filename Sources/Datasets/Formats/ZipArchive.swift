import CZlib

/// The members of a zip archive and where they lie, read strictly from its central directory: stored and
/// deflated members, zip64 sizes. Encrypted and split archives are refused, and those whose members share bytes, as
/// archives have them that expand without bound.
struct ZipArchive {
  struct Member: Hashable {
    let name: String
    let isDeflated: Bool
    let compressedSize: Int
    let size: Int
    let checksum: UInt32
    let headerOffset: Int
    /// Whether the content is the path of another file.
    let isLink: Bool
  }

  let file: File
  private(set) var members: [Member] = []
  private let limits: DatasetLimits

  init(file: File, limits: DatasetLimits) throws(DatasetError) {
    self.file = file
    self.limits = limits
    let directory = try Self.findDirectory(file)
    guard directory.count <= limits.archiveMembers, directory.size <= 1 << 30 else {
      throw .limitExceeded(file: file.path, limit: "\(directory.count) members")
    }
    let bytes = try file.read(directory.size, at: directory.offset)
    guard bytes.count == directory.size else {
      throw .truncated(file: file.path, offset: file.size, expected: "the zip directory")
    }
    var fields = LittleEndianFields(bytes, file: file.path, offset: directory.offset)
    for _ in 0..<directory.count { members.append(try Self.member(&fields)) }
    var end = 0
    for member in members.sorted(by: { $0.headerOffset < $1.headerOffset }) {
      guard member.headerOffset <= file.size, member.compressedSize <= file.size else {
        throw .malformed(
          file: file.path, place: .member(member.name), reason: "a place beyond the archive's end")
      }
      guard member.headerOffset >= end else {
        throw .malformed(
          file: file.path, place: .member(member.name), reason: "bytes that another member has too")
      }
      end = member.headerOffset + 30 + member.compressedSize
    }
  }

  /// Where the central directory lies: the end record is within the last 64 KiB, behind it only a comment.
  private static func findDirectory(
    _ file: File
  ) throws(DatasetError) -> (offset: Int, size: Int, count: Int) {
    let size = file.size
    let start = max(0, size - 65_557)
    let tail = try file.read(size - start, at: start)
    let signature: [UInt8] = [0x50, 0x4b, 5, 6]
    var position = tail.count - 22
    while position >= 0 {
      if tail[position..<position + 4].elementsEqual(signature),
        Int(tail[position + 20]) | Int(tail[position + 21]) << 8 == tail.count - position - 22
      {
        break
      }
      position -= 1
    }
    guard position >= 0 else {
      throw .malformed(file: file.path, place: .wholeFile, reason: "no zip archive, or one that is cut off")
    }
    var end = LittleEndianFields(Array(tail[(position + 4)...]), file: file.path, offset: start + position)
    let disks = try (end.number(2), end.number(2))
    let counts = try (end.number(2), end.number(2))
    var directory = try (size: end.number(4), offset: end.number(4))
    var count = counts.1
    guard disks == (0, 0), counts.0 == counts.1 else {
      throw .malformed(file: file.path, place: .offset(start + position), reason: "a split zip archive")
    }
    if count == 0xffff || directory.size == 0xffff_ffff || directory.offset == 0xffff_ffff {
      // zip64: a locator of 20 bytes before the end record points to a wider one.
      let locator = try file.read(20, at: max(0, start + position - 20))
      guard locator.starts(with: [0x50, 0x4b, 6, 7]) else {
        throw .malformed(file: file.path, place: .offset(start + position), reason: "a zip64 end is missing")
      }
      var fields = LittleEndianFields(Array(locator[8...]), file: file.path, offset: start + position - 20)
      let wideOffset = try fields.number(8)
      guard wideOffset <= size - 56 else {
        throw .truncated(file: file.path, offset: size, expected: "the zip64 end")
      }
      let wide = try file.read(56, at: wideOffset)
      guard wide.starts(with: [0x50, 0x4b, 6, 6]) else {
        throw .malformed(file: file.path, place: .offset(wideOffset), reason: "no zip64 end")
      }
      var record = LittleEndianFields(Array(wide[32...]), file: file.path, offset: wideOffset)
      count = try record.number(8)
      directory = try (record.number(8), record.number(8))
    }
    guard directory.offset <= size, directory.size <= size - directory.offset, count <= directory.size / 46
    else {
      throw .malformed(
        file: file.path, place: .offset(start + position), reason: "a zip directory beyond its end")
    }
    return (directory.offset, directory.size, count)
  }

  private static func member(_ fields: inout LittleEndianFields) throws(DatasetError) -> Member {
    let signature = try fields.number(4)
    guard signature == 0x0201_4b50 else {
      throw fields.malformed("a zip directory entry that breaks its form")
    }
    let madeBy = try fields.number(2)
    _ = try fields.number(2)
    let flags = try fields.number(2)
    let method = try fields.number(2)
    _ = try fields.number(4)
    let checksum = UInt32(try fields.number(4))
    var compressed = try fields.number(4)
    var size = try fields.number(4)
    let lengths = try (name: fields.number(2), extra: fields.number(2), comment: fields.number(2))
    _ = try fields.bytes(4)
    let attributes = try fields.number(4)
    var offset = try fields.number(4)
    let nameBytes = try fields.bytes(lengths.name)
    var extra = LittleEndianFields(try fields.bytes(lengths.extra), file: fields.file, offset: fields.offset)
    _ = try fields.bytes(lengths.comment)
    // Names are in DOS's character set unless a flag says UTF-8, which most programs leave out.
    let name = String(validating: nameBytes, as: UTF8.self) ?? Self.text(codePage437: nameBytes)
    guard flags & 1 == 0, method == 0 || method == 8 else {
      throw .malformed(
        file: fields.file, place: .member(name),
        reason: flags & 1 == 0
          ? "compressed by method \(method), which isn't read: pack it with deflate, as zip does by default"
          : "encrypted: pack it without a password")
    }
    while extra.remaining >= 4 {
      let (identifier, length) = try (extra.number(2), extra.number(2))
      var field = LittleEndianFields(try extra.bytes(length), file: fields.file, offset: fields.offset)
      guard identifier == 1 else { continue }
      if size == 0xffff_ffff { size = try field.number(8) }
      if compressed == 0xffff_ffff { compressed = try field.number(8) }
      if offset == 0xffff_ffff { offset = try field.number(8) }
    }
    return Member(
      name: name, isDeflated: method == 8, compressedSize: compressed, size: size, checksum: checksum,
      headerOffset: offset,
      // Made on Unix, with the type of a symbolic link.
      isLink: madeBy >> 8 == 3 && attributes >> 28 == 0xa)
  }

  private static func text(codePage437 bytes: [UInt8]) -> String {
    let upper = Array(
      "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}"
    )
    return String(bytes.map { $0 < 128 ? Character(Unicode.Scalar($0)) : upper[Int($0) - 128] })
  }

  /// The member's content, checked against its stated size and checksum as it is read.
  func reader(_ member: Member) throws(DatasetError) -> ByteReader {
    let name = "\(file.path)/\(member.name)"
    let header = try file.read(30, at: member.headerOffset)
    guard header.count == 30, header.starts(with: [0x50, 0x4b, 3, 4]) else {
      throw .malformed(
        file: name, place: .offset(member.headerOffset), reason: "no zip member where one should be")
    }
    let start =
      member.headerOffset + 30 + Int(header[26]) + Int(header[27]) << 8 + Int(header[28])
      + Int(header[29]) << 8
    guard start <= file.size, member.compressedSize <= file.size - start else {
      throw .truncated(file: name, offset: file.size, expected: "\(member.compressedSize) bytes")
    }
    guard member.size <= limits.decodedBytes else {
      throw .limitExceeded(file: name, limit: "more than \(limits.decodedBytes) bytes decompressed")
    }
    // Deflate never expands more than 1032 times.
    guard
      member.isDeflated ? member.size / 1_033 <= member.compressedSize : member.size == member.compressedSize
    else { throw .malformed(file: name, place: .wholeFile, reason: "a stated size that can't be true") }
    let bytes = FileSource(file: file, range: start..<start + member.compressedSize)
    return ByteReader(name: name, source: ZipSource(name: name, member: member, compressed: bytes))
  }
}

/// A member's bytes as they come out.
private struct ZipSource: ByteSource {
  let name: String
  let member: ZipArchive.Member
  var compressed: FileSource
  private var inflater: Inflater?
  private var input: [UInt8] = []
  private var produced = 0
  private var checksum: UInt = 0
  private var ended = false
  private var outputWasFull = false

  init(name: String, member: ZipArchive.Member, compressed: FileSource) {
    self.name = name
    self.member = member
    self.compressed = compressed
    inflater = member.isDeflated ? Inflater(.raw) : nil
  }

  mutating func next() throws(DatasetError) -> [UInt8] {
    while !ended {
      let output = try inflater == nil ? compressed.next() : inflateNext()
      produced += output.count
      guard produced <= member.size else {
        throw .malformed(file: name, place: .offset(produced), reason: "more bytes than the directory states")
      }
      checksum = output.withUnsafeBufferPointer { crc32(checksum, $0.baseAddress, UInt32($0.count)) }
      if inflater == nil, output.isEmpty { ended = true }
      if ended {
        guard produced == member.size, checksum == UInt(member.checksum) else {
          throw .malformed(
            file: name, place: .offset(produced),
            reason: "size or checksum differ from what the directory states")
        }
      }
      if !output.isEmpty { return output }
    }
    return []
  }

  private mutating func inflateNext() throws(DatasetError) -> [UInt8] {
    if input.isEmpty, !outputWasFull {
      input = try compressed.next()
      guard !input.isEmpty else {
        throw .truncated(file: name, offset: produced, expected: "the rest of the deflate stream")
      }
    }
    let step = inflater!.step(input)
    input.removeFirst(step.consumed)
    outputWasFull = step.outputIsFull
    switch step.state {
    case .more: break
    case .end: ended = true
    case .corrupt(let reason):
      throw .malformed(file: name, place: .offset(produced), reason: "corrupt deflate stream (\(reason))")
    }
    return step.output
  }
}
