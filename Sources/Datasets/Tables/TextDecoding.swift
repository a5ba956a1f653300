/// Text as UTF-8, whatever it was written in. What isn't in the stated encoding is refused with its line.
struct TextSource: ByteSource {
  private var reader: ByteReader
  private let encoding: TextEncoding
  private let name: String
  private var line = 1
  /// Bytes of a character that the last chunk ended in.
  private var rest: [UInt8] = []

  init(_ reader: ByteReader, encoding: TextEncoding) {
    self.reader = reader
    self.encoding = encoding
    name = reader.name
  }

  mutating func next() throws(DatasetError) -> [UInt8] {
    while true {
      let chunk = try reader.some()
      guard !chunk.isEmpty else {
        guard rest.isEmpty else { throw refused(rest[0], at: line) }
        return []
      }
      let text = try decode(chunk)
      if !text.isEmpty { return text }
    }
  }

  private mutating func decode(_ chunk: ArraySlice<UInt8>) throws(DatasetError) -> [UInt8] {
    switch encoding {
    case .utf8: return try checked(chunk)
    case .latin1, .windows1252: return widened(chunk)
    case .utf16LittleEndian, .utf16BigEndian: return try narrowed(chunk)
    }
  }

  private mutating func checked(_ chunk: ArraySlice<UInt8>) throws(DatasetError) -> [UInt8] {
    // ASCII, which most files are, needs no look at each character.
    if rest.isEmpty, chunk.reduce(0, |) < 0x80 {
      guard !chunk.contains(0) else { throw try fault(Array(chunk)) }
      line += chunk.count { $0 == 10 }
      return Array(chunk)
    }
    var bytes = rest + chunk
    rest = []
    // A character may go on in the next chunk: from its first byte on it waits.
    for length in 1...3 where bytes.count >= length {
      let byte = bytes[bytes.count - length]
      guard byte >= 0xc0 else { continue }
      let needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      if needed > length {
        rest = Array(bytes.suffix(length))
        bytes.removeLast(length)
      }
      break
    }
    guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(0) else { throw try fault(bytes) }
    line += bytes.count { $0 == 10 }
    return bytes
  }

  /// Where `bytes` stop being UTF-8.
  private func fault(_ bytes: [UInt8]) throws(DatasetError) -> DatasetError {
    var low = 0
    var high = bytes.count
    // The longest prefix that is text, up to a character that is cut.
    while low < high {
      let middle = (low + high + 1) / 2
      let isText = (0...3).contains { cut in
        cut < middle && String(validating: bytes[..<(middle - cut)], as: UTF8.self) != nil
      }
      if isText { low = middle } else { high = middle - 1 }
    }
    let end = bytes.firstIndex(of: 0).map { min($0, low) } ?? low
    // Up to three bytes may belong to the character that isn't one.
    let start = (max(0, end - 3)..<min(bytes.count, end + 1)).first { bytes[$0] >= 0x80 } ?? end
    let place = min(start, bytes.count - 1)
    return refused(bytes[place], at: line + bytes[..<place].count { $0 == 10 })
  }

  private func refused(_ byte: UInt8, at line: Int) -> DatasetError {
    guard byte != 0 else {
      return .malformed(
        file: name, place: .row(line), reason: "a zero byte: it is no text, or encoding has to be set")
    }
    return .malformed(
      file: name, place: .row(line),
      reason:
        "the byte 0x\(hexadecimal([byte])) is not \(encoding.rawValue): set encoding, to windows-1252 or "
        + "latin-1 where it was written by an older program")
  }

  private mutating func widened(_ chunk: ArraySlice<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(chunk.count)
    for byte in chunk {
      guard byte >= 0x80 else {
        text.append(byte)
        continue
      }
      let scalar =
        encoding == .windows1252 && byte < 0xa0 ? Self.windows[Int(byte - 0x80)] : UInt32(byte)
      text.append(contentsOf: UTF8.encode(Unicode.Scalar(scalar) ?? "\u{fffd}")!)
    }
    return text
  }

  /// What windows-1252 has at 0x80 to 0x9f; the five that it leaves open are Latin-1's control characters.
  private static let windows: [UInt32] = [
    0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152,
    0x8d,
    0x017d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161,
    0x203a,
    0x0153, 0x9d, 0x017e, 0x0178,
  ]

  private mutating func narrowed(_ chunk: ArraySlice<UInt8>) throws(DatasetError) -> [UInt8] {
    let bytes = rest + chunk
    rest = []
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count / 2)
    func unit(_ position: Int) -> UInt16 {
      let (first, second) = (UInt16(bytes[position]), UInt16(bytes[position + 1]))
      return encoding == .utf16BigEndian ? first << 8 | second : second << 8 | first
    }
    var position = 0
    while position + 2 <= bytes.count {
      let first = unit(position)
      var scalar = UInt32(first)
      var length = 2
      if first & 0xfc00 == 0xd800 {
        guard position + 4 <= bytes.count else { break }
        let second = unit(position + 2)
        guard second & 0xfc00 == 0xdc00 else { throw refused(bytes[position], at: line) }
        scalar = 0x10000 + (UInt32(first & 0x3ff) << 10 | UInt32(second & 0x3ff))
        length = 4
      }
      guard scalar != 0, let character = Unicode.Scalar(scalar) else {
        throw refused(bytes[position], at: line)
      }
      if scalar == 10 { line += 1 }
      text.append(contentsOf: UTF8.encode(character)!)
      position += length
    }
    rest = Array(bytes[position...])
    return text
  }
}

/// The encoding that the first bytes of a text show.
struct TextMark {
  let encoding: TextEncoding
  /// Bytes of the byte order mark.
  let length: Int

  init(_ start: [UInt8], stated: TextEncoding?) {
    let marks: [(TextEncoding, [UInt8])] = [
      (.utf8, [0xef, 0xbb, 0xbf]), (.utf16LittleEndian, [0xff, 0xfe]), (.utf16BigEndian, [0xfe, 0xff]),
    ]
    if let mark = marks.first(where: { start.starts(with: $0.1) && stated ?? $0.0 == $0.0 }) {
      (encoding, length) = (mark.0, mark.1.count)
      return
    }
    length = 0
    if let stated {
      encoding = stated
      return
    }
    // Letters, digits and delimiters have a zero byte each in UTF-16, and none in any other encoding; now and then
    // another character's half is zero too.
    let pairs = start.count / 2
    func zeros(_ offset: Int) -> Int { (0..<pairs).count { start[$0 * 2 + offset] == 0 } }
    if pairs >= 2, zeros(1) * 2 > pairs, zeros(0) * 8 < pairs {
      encoding = .utf16LittleEndian
    } else if pairs >= 2, zeros(0) * 2 > pairs, zeros(1) * 8 < pairs {
      encoding = .utf16BigEndian
    } else {
      encoding = .utf8
    }
  }
}
