/// Decodes the chunked transfer coding (RFC 9112 §7.1). Extensions are checked and ignored; trailer fields
/// are checked and dropped, as §7.1.2 allows.
struct ChunkedDecoder: Sendable {
  private enum State {
    case size
    case data(remaining: Int)
    case dataEnd
    case trailers
    case end
  }

  /// A chunk size line without extensions: 16 digits, with room for leading zeros.
  private static let sizeBytes = 32

  private var state = State.size
  private var trailers: FieldSection
  private var remainingExtensionBytes: Int

  init(limits: HTTPLimits) {
    trailers = FieldSection(limits: limits)
    remainingExtensionBytes = limits.chunkExtensionBytes
  }

  /// Appends up to `maximum` bytes of content to `output`. True: the body has ended; false: more bytes are
  /// needed or `maximum` is reached.
  mutating func decode(
    _ buffer: inout ReceiveBuffer, into output: inout [UInt8], atMost maximum: Int
  ) throws(RequestFault) -> Bool {
    while true {
      switch state {
      case .size:
        switch buffer.takeLine(limit: Self.sizeBytes + remainingExtensionBytes) {
        case .incomplete: return false
        case .tooLong: throw .malformed("The chunk extensions are too long.")
        case .bareLineFeed: throw .malformed("A chunk size must end with CRLF.")
        case .line(let line):
          let size = try parse(line)
          state = size == 0 ? .trailers : .data(remaining: size)
        }
      case .data(let remaining):
        let bytes = buffer.take(atMost: min(remaining, maximum - output.count))
        if bytes.isEmpty { return false }
        output.append(contentsOf: bytes)
        state = bytes.count == remaining ? .dataEnd : .data(remaining: remaining - bytes.count)
      case .dataEnd:
        switch buffer.takeLine(limit: 0) {
        case .incomplete: return false
        case .tooLong, .bareLineFeed: throw .malformed("Chunk data must be followed by CRLF.")
        case .line: state = .size
        }
      case .trailers:
        do throws(RequestFault) {
          guard try trailers.consume(&buffer) else { return false }
        } catch .headersTooLarge {
          // 431 is about the header of a request, which was in order.
          throw .malformed("The trailer fields are too large.")
        }
        state = .end
      case .end: return true
      }
    }
  }

  private mutating func parse(_ line: ArraySlice<UInt8>) throws(RequestFault) -> Int {
    let digits = line.prefix { $0.hexadecimalValue != nil }
    guard !digits.isEmpty, digits.count <= Self.sizeBytes else {
      throw .malformed("A chunk size is not a hexadecimal number.")
    }
    var size = 0
    for digit in digits {
      guard size <= Int.max >> 4 else { throw .malformed("A chunk size is too large.") }
      size = size << 4 | (digit.hexadecimalValue ?? 0)
    }
    let extensions = line[digits.endIndex...]
    guard extensions.count <= remainingExtensionBytes else {
      throw .malformed("The chunk extensions are too long.")
    }
    remainingExtensionBytes -= extensions.count
    guard ChunkExtensions.areValid(extensions) else { throw .malformed("A chunk extension is not valid.") }
    return size
  }
}
