/// The files of a tar archive and where they lie, read strictly: POSIX ustar with pax headers, GNU long names
/// and the older form without a magic number. Nothing is unpacked.
///
/// Links stand for the members of the archive that they lead to. Absolute names, `..`, links to anything else, devices
/// and sparse files are refused, since no data set needs them.
struct TarArchive {
  struct Member: Hashable {
    var name: String
    var range: Range<Int>
  }

  let file: File
  private(set) var members: [Member] = []
  /// Members that are links, and what they name.
  private var links: [(name: String, target: String, isSymbolic: Bool, offset: Int)] = []

  /// Reads the headers in `range` of `file` (the whole file by default).
  init(file: File, range: Range<Int>? = nil, limits: DatasetLimits) throws(DatasetError) {
    self.file = file
    let range = range ?? 0..<file.size
    var offset = range.lowerBound
    var longName: String?
    var longTarget: String?
    var paxSize: Int?
    while true {
      let block = try file.read(512, at: offset)
      guard block.count == 512, offset + 512 <= range.upperBound else {
        throw .truncated(file: file.path, offset: offset, expected: "a tar header or the end mark")
      }
      if block.allSatisfy({ $0 == 0 }) { break }
      let header = try TarHeader(block, file: file.path, offset: offset)
      let start = offset + 512
      let size = header.holdsData ? paxSize ?? header.size : header.size
      guard size <= range.upperBound - start else {
        throw .truncated(file: file.path, offset: range.upperBound, expected: "\(size) bytes of a tar member")
      }
      offset = start + (size + 511) / 512 * 512
      switch header.kind {
      case .longName:
        longName = try Self.text(try extended(start, size), file: file.path, offset: start)
      case .longTarget:
        longTarget = try Self.text(try extended(start, size), file: file.path, offset: start)
      case .pax:
        for (key, bytes) in try Self.records(try extended(start, size), file: file.path, offset: start) {
          // Any other record may hold anything, extended attributes for example.
          guard ["path", "linkpath", "size"].contains(key) || key.hasPrefix("GNU.sparse.") else { continue }
          guard !key.hasPrefix("GNU.sparse.") else {
            throw malformed(start, "a sparse file, which isn't read")
          }
          let value = try Self.text(bytes, file: file.path, offset: start)
          if key == "path" { longName = value }
          if key == "linkpath" { longTarget = value }
          guard key == "size" else { continue }
          guard let size = Int(value), size >= 0 else { throw malformed(start, "a pax size of '\(value)'") }
          paxSize = size
        }
      case .ignored:
        break
      case .folder:
        (longName, longTarget, paxSize) = (nil, nil, nil)
      case .link(let isSymbolic):
        guard members.count + links.count < limits.archiveMembers else {
          throw .limitExceeded(file: file.path, limit: "more than \(limits.archiveMembers) members")
        }
        links.append(
          (
            name: try Self.safe(longName ?? header.name, file: file.path, offset: start - 512),
            target: longTarget ?? header.target, isSymbolic: isSymbolic, offset: start - 512
          ))
        (longName, longTarget, paxSize) = (nil, nil, nil)
      case .file where (longName ?? header.name).hasSuffix("/") && size == 0:
        // As folders were before there was a type for them.
        (longName, longTarget, paxSize) = (nil, nil, nil)
      case .file:
        let name = try Self.safe(longName ?? header.name, file: file.path, offset: start - 512)
        guard members.count < limits.archiveMembers else {
          throw .limitExceeded(file: file.path, limit: "more than \(limits.archiveMembers) members")
        }
        members.append(Member(name: name, range: start..<start + size))
        (longName, longTarget, paxSize) = (nil, nil, nil)
      case .refused(let what):
        throw malformed(start - 512, "\(what), which no data set needs")
      }
    }
    try resolveLinks(limits)
  }

  private func malformed(_ offset: Int, _ reason: String) -> DatasetError {
    .malformed(file: file.path, place: .offset(offset), reason: reason)
  }

  /// Gives links the content of the members that they lead to, over other links too.
  private mutating func resolveLinks(_ limits: DatasetLimits) throws(DatasetError) {
    guard !links.isEmpty else { return }
    var targets: [String: (String, Bool)] = [:]
    for link in links { targets[link.name] = (link.target, link.isSymbolic) }
    let ranges = Dictionary(members.map { ($0.name, $0.range) }) { $1 }
    for link in links {
      var name: String? = link.name
      var hops = 0
      while let current = name, let (target, isSymbolic) = targets[current], ranges[current] == nil, hops < 40
      {
        name = Self.destination(of: target, from: current, isSymbolic: isSymbolic)
        hops += 1
      }
      guard let end = name, let range = ranges[end] else {
        throw malformed(
          link.offset,
          "the link '\(link.name.prefix(80))' to '\(link.target.prefix(80))', which is no file of the archive: pack "
            + "what links lead to instead (tar --dereference --hard-dereference)")
      }
      members.append(Member(name: link.name, range: range))
    }
  }

  /// The member that a link names: symbolic ones from their own folder, hard ones from the archive's root; nil where
  /// that leaves the archive.
  private static func destination(of target: String, from name: String, isSymbolic: Bool) -> String? {
    guard !target.hasPrefix("/") else { return nil }
    var parts = isSymbolic ? name.split(separator: "/").dropLast() : []
    for part in target.split(separator: "/") where part != "." {
      if part == ".." {
        guard parts.popLast() != nil else { return nil }
      } else {
        parts.append(part)
      }
    }
    return parts.joined(separator: "/")
  }

  /// The bytes of a long name or pax header.
  private func extended(_ start: Int, _ size: Int) throws(DatasetError) -> [UInt8] {
    guard size <= 1 << 20 else { throw malformed(start, "a name header of \(size) bytes") }
    return try file.read(size, at: start)
  }

  private static func text(_ bytes: [UInt8], file: String, offset: Int) throws(DatasetError) -> String {
    guard let text = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self) else {
      throw .malformed(file: file, place: .offset(offset), reason: "a name that isn't UTF-8")
    }
    return text
  }

  /// pax records: `length key=value\n`, the length counting the whole record.
  private static func records(
    _ bytes: [UInt8], file: String, offset: Int
  ) throws(DatasetError) -> [(String, [UInt8])] {
    var records: [(String, [UInt8])] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let space = rest.firstIndex(of: UInt8(ascii: " ")), space - rest.startIndex <= 10,
        let length = Int(String(decoding: rest[rest.startIndex..<space], as: UTF8.self)),
        length > space - rest.startIndex + 1, length <= rest.count,
        rest[rest.startIndex + length - 1] == UInt8(ascii: "\n"),
        let equals = rest[space..<rest.startIndex + length].firstIndex(of: UInt8(ascii: "="))
      else {
        throw .malformed(file: file, place: .offset(offset), reason: "a pax header that breaks its form")
      }
      let end = rest.startIndex + length
      let key = String(decoding: rest[space + 1..<equals], as: UTF8.self)
      records.append((key, Array(rest[equals + 1..<end - 1])))
      rest = rest[end...]
    }
    return records
  }

  /// The name without `./`, refused where it could leave a folder that it is unpacked in.
  static func safe(_ name: String, file: String, offset: Int) throws(DatasetError) -> String {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).filter { $0 != "." }
    guard !parts.isEmpty, name.utf8.count <= 4_096, !parts.contains(""), !parts.contains("..") else {
      throw .malformed(file: file, place: .offset(offset), reason: "the member name '\(name.prefix(80))'")
    }
    return parts.joined(separator: "/")
  }
}

/// One 512-byte header.
struct TarHeader {
  enum Kind {
    case file, folder, longName, longTarget, pax, ignored
    case link(isSymbolic: Bool)
    case refused(String)
  }

  let name: String
  /// What a link leads to.
  let target: String
  let size: Int
  let kind: Kind

  /// Whether a pax size applies to what follows.
  var holdsData: Bool { if case .file = kind { true } else { false } }

  init(_ block: [UInt8], file: String, offset: Int) throws(DatasetError) {
    func malformed(_ reason: String) -> DatasetError {
      .malformed(file: file, place: .offset(offset), reason: reason)
    }
    // The sum is taken with spaces in the place of its own field.
    let sum = block.enumerated().reduce(0) { $0 + (148..<156 ~= $1.offset ? 32 : Int($1.element)) }
    guard let stated = Self.number(block[148..<156]), stated == sum else {
      throw malformed("not a tar header (its checksum doesn't fit)")
    }
    let magic = Array(block[257..<263])
    let isPOSIX = magic == Array("ustar\0".utf8)
    guard isPOSIX || magic == Array("ustar ".utf8) || magic.allSatisfy({ $0 == 0 }) else {
      throw malformed("an unknown kind of tar")
    }
    guard let size = Self.number(block[124..<136]) else { throw malformed("a size that is no number") }
    let type = block[156]
    switch type {
    case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): kind = .file
    case UInt8(ascii: "5"): kind = .folder
    case UInt8(ascii: "L"): kind = .longName
    case UInt8(ascii: "x"): kind = .pax
    case UInt8(ascii: "K"): kind = .longTarget
    case UInt8(ascii: "g"): kind = .ignored
    case UInt8(ascii: "1"), UInt8(ascii: "2"): kind = .link(isSymbolic: type == UInt8(ascii: "2"))
    case UInt8(ascii: "S"): kind = .refused("a sparse file")
    case UInt8(ascii: "3"), UInt8(ascii: "4"), UInt8(ascii: "6"): kind = .refused("a device")
    default: kind = .refused("a member of type \(type)")
    }
    switch kind {
    case .folder, .link: self.size = 0
    default: self.size = size
    }
    let parts = [isPOSIX ? block[345..<500] : [], block[0..<100]]
    var names: [String] = []
    for part in parts where part.first ?? 0 != 0 {
      guard let name = String(validating: part.prefix { $0 != 0 }, as: UTF8.self) else {
        throw malformed("a name that isn't UTF-8")
      }
      names.append(name)
    }
    name = names.joined(separator: "/")
    // Other members may have anything here.
    target = String(decoding: block[157..<257].prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Octal digits between spaces and NULs, or GNU's base 256; nil for anything else.
  static func number(_ field: ArraySlice<UInt8>) -> Int? {
    if field.first == 0x80 {
      guard field.dropFirst().dropLast(7).allSatisfy({ $0 == 0 }) else { return nil }
      return field.suffix(7).reduce(0) { $0 << 8 | Int($1) }
    }
    let digits = field.drop { $0 == 32 }.prefix { $0 != 32 && $0 != 0 }
    guard digits.count <= 20, digits.allSatisfy({ 48...55 ~= $0 }),
      field.drop(while: { $0 == 32 }).dropFirst(digits.count).allSatisfy({ $0 == 32 || $0 == 0 })
    else { return nil }
    return digits.reduce(0) { $0 << 3 | Int($1 - 48) }
  }
}
