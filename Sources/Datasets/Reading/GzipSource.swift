import CZlib

/// Decompresses gzip (RFC 1952) as it is read; members that follow one another count as one file.
struct GzipSource: ByteSource {
  private let name: String
  private let limits: DatasetLimits
  private var compressed: any ByteSource
  private var inflater: Inflater?
  private var input: [UInt8] = []
  private var consumed = 0
  private var produced = 0
  private var outputWasFull = false

  init(name: String, limits: DatasetLimits, compressed: any ByteSource) {
    self.name = name
    self.limits = limits
    self.compressed = compressed
  }

  mutating func next() throws(DatasetError) -> [UInt8] {
    while true {
      // A full output may have left more behind than the input still shows.
      if input.isEmpty, !outputWasFull {
        input = try compressed.next()
        if input.isEmpty {
          guard inflater == nil else {
            throw .truncated(file: name, offset: consumed, expected: "the rest of the gzip stream")
          }
          return []
        }
      }
      guard let inflater else {
        if consumed > 0, input.allSatisfy({ $0 == 0 }) {
          // The zero bytes that tapes leave behind.
          consumed += input.count
          input = []
        } else {
          inflater = Inflater(.gzip)
        }
        continue
      }
      let step = inflater.step(input)
      consumed += step.consumed
      input.removeFirst(step.consumed)
      outputWasFull = step.outputIsFull
      switch step.state {
      case .more: break
      case .end:
        self.inflater = nil
        outputWasFull = false
      case .corrupt(let reason):
        throw .malformed(file: name, place: .offset(consumed), reason: "corrupt gzip stream (\(reason))")
      }
      produced += step.output.count
      guard produced <= limits.decodedBytes else {
        throw .limitExceeded(file: name, limit: "more than \(limits.decodedBytes) bytes decompressed")
      }
      if !step.output.isEmpty { return step.output }
    }
  }
}

/// zlib's inflate, one step at a time.
final class Inflater {
  enum Format: Int32 {
    /// 15 bits of window, and 16 for the gzip wrapper.
    case gzip = 31
    /// Deflate without a wrapper, as in zip files.
    case raw = -15
  }

  enum State {
    case more, end
    case corrupt(String)
  }

  struct Step {
    let output: [UInt8]
    let consumed: Int
    let state: State

    var outputIsFull: Bool { output.count == Inflater.outputSize }
  }

  private static let outputSize = 1 << 18
  private var stream = z_stream()

  init(_ format: Format) {
    let status = inflateInit2_(
      &stream, format.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib can't be initialised")
  }

  deinit { inflateEnd(&stream) }

  /// Feeds `input`; gives up to 256 KiB and says how much was taken.
  func step(_ input: [UInt8]) -> Step {
    var state = State.more
    var consumed = 0
    let output = [UInt8](unsafeUninitializedCapacity: Self.outputSize) { output, initialized in
      input.withUnsafeBufferPointer { input in
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        let status = inflate(&stream, Z_NO_FLUSH)
        consumed = input.count - Int(stream.avail_in)
        initialized = output.count - Int(stream.avail_out)
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: state = .end
        default: state = .corrupt(stream.msg.map { String(cString: $0) } ?? "code \(status)")
        }
      }
    }
    return Step(output: output, consumed: consumed, state: state)
  }
}
