/// Where a reader's bytes come from.
protocol ByteSource {
  /// The next bytes; none at the end.
  mutating func next() throws(DatasetError) -> [UInt8]
}

/// Bytes in order with a place in them, so that a fault can be located.
struct ByteReader {
  /// The file's name in messages.
  let name: String
  /// How many bytes have been taken.
  private(set) var offset = 0
  private var source: any ByteSource
  private var buffer: [UInt8] = []
  private var position = 0

  init(name: String, source: any ByteSource) {
    self.name = name
    self.source = source
  }

  /// Bytes that are in memory already.
  init(name: String, bytes: [UInt8]) {
    self.init(name: name, source: MemorySource(bytes: bytes))
  }

  /// A file, decompressed where it starts as compressed files do.
  init(file: File, limits: DatasetLimits) throws(DatasetError) {
    let compression = Compression(firstBytes: try file.read(6, at: 0))
    let plain = FileSource(file: file, range: 0..<file.size)
    self.init(
      name: file.path,
      source: compression.map {
        DecompressedSource(name: file.path, $0, limits: limits, compressed: plain)
      } ?? plain)
  }

  private mutating func fill() throws(DatasetError) -> Bool {
    guard position == buffer.count else { return true }
    buffer = try source.next()
    position = 0
    return !buffer.isEmpty
  }

  /// Whether every byte has been taken.
  mutating func isAtEnd() throws(DatasetError) -> Bool { try !fill() }

  /// The next byte; nil at the end.
  mutating func byte() throws(DatasetError) -> UInt8? {
    guard try fill() else { return nil }
    defer {
      position += 1
      offset += 1
    }
    return buffer[position]
  }

  /// As many bytes as are at hand, none at the end.
  mutating func some(atMost limit: Int = .max) throws(DatasetError) -> ArraySlice<UInt8> {
    guard try fill() else { return [] }
    let end = min(buffer.count, limit < buffer.count - position ? position + limit : buffer.count)
    defer {
      offset += end - position
      position = end
    }
    return buffer[position..<end]
  }

  /// Exactly `count` bytes, which are `what` in the message when they aren't there.
  mutating func bytes(_ count: Int, _ what: String) throws(DatasetError) -> [UInt8] {
    var taken: [UInt8] = []
    // A length that a file claims reserves nothing before that many bytes have come.
    taken.reserveCapacity(min(count, 1 << 20))
    while taken.count < count {
      let more = try some(atMost: count - taken.count)
      guard !more.isEmpty else { throw .truncated(file: name, offset: offset, expected: what) }
      taken.append(contentsOf: more)
    }
    return taken
  }

  /// Nothing may follow.
  mutating func expectEnd() throws(DatasetError) {
    guard try isAtEnd() else {
      throw .malformed(file: name, place: .offset(offset), reason: "more bytes than its header announces")
    }
  }
}

/// A stretch of a file.
struct FileSource: ByteSource {
  let file: File
  private var range: Range<Int>

  init(file: File, range: Range<Int>) {
    self.file = file
    self.range = range
  }

  mutating func next() throws(DatasetError) -> [UInt8] {
    guard !range.isEmpty else { return [] }
    let bytes = try file.read(min(range.count, 1 << 18), at: range.lowerBound)
    range = min(range.upperBound, range.lowerBound + bytes.count)..<range.upperBound
    return bytes
  }
}

/// Bytes at hand.
struct MemorySource: ByteSource {
  private var bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() throws(DatasetError) -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }
}

/// A source followed through; what it gives is bytes of `reader` in chunks of its own.
struct ReaderSource: ByteSource {
  var reader: ByteReader

  mutating func next() throws(DatasetError) -> [UInt8] { Array(try reader.some()) }
}
