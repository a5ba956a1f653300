/// The forms of compression of whole files that are read.
enum Compression: String, CaseIterable, Sendable {
  /// RFC 1952.
  case gzip
  /// The .xz format, of liblzma.
  case xz
  /// RFC 8878, as .zst.
  case zstd
  /// RFC 1950; within other formats alone, since its first bytes show nothing.
  case zlib

  /// The form that a file's first bytes show.
  init?(firstBytes start: some Sequence<UInt8>) {
    let start = Array(start.prefix(6))
    if start.starts(with: [0x1f, 0x8b]) {
      self = .gzip
    } else if start == [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0] {
      self = .xz
    } else if start.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) {
      self = .zstd
    } else {
      return nil
    }
  }

  fileprivate func decompressor() -> any Decompressor {
    switch self {
    case .gzip: Inflater(.gzip)
    case .xz: XzDecompressor()
    case .zstd: ZstdDecompressor()
    case .zlib: Inflater(.zlib)
    }
  }
}

/// A decompressor of one stream, a step at a time.
protocol Decompressor: AnyObject {
  /// Feeds `input`; gives up to `decompressedBytes` and says how much was taken.
  func step(_ input: [UInt8]) -> DecompressionStep
}

/// What came of feeding a decompressor.
struct DecompressionStep {
  enum State {
    case more, end
    case corrupt(String)
  }

  /// Bytes of output at once.
  static let size = 1 << 18

  let output: [UInt8]
  let consumed: Int
  let state: State

  /// Whether there may be more output without more input.
  var outputIsFull: Bool { output.count == Self.size }
}

/// Decompresses a file as it is read; streams that follow one another count as one.
struct DecompressedSource: ByteSource {
  private let name: String
  private let compression: Compression
  private let limits: DatasetLimits
  private var compressed: any ByteSource
  private var decompressor: (any Decompressor)?
  private var input: [UInt8] = []
  private var consumed = 0
  private var produced = 0
  private var outputWasFull = false

  init(name: String, _ compression: Compression, limits: DatasetLimits, compressed: any ByteSource) {
    self.name = name
    self.compression = compression
    self.limits = limits
    self.compressed = compressed
  }

  mutating func next() throws(DatasetError) -> [UInt8] {
    while true {
      // A full output may have left more behind than the input still shows.
      if input.isEmpty, !outputWasFull {
        input = try compressed.next()
        if input.isEmpty {
          guard decompressor == nil else {
            throw .truncated(
              file: name, offset: consumed, expected: "the rest of the \(compression.rawValue) stream")
          }
          return []
        }
      }
      guard let decompressor else {
        if consumed > 0, input.allSatisfy({ $0 == 0 }) {
          // The zero bytes that tapes leave behind.
          consumed += input.count
          input = []
        } else {
          decompressor = compression.decompressor()
        }
        continue
      }
      let step = decompressor.step(input)
      consumed += step.consumed
      input.removeFirst(step.consumed)
      outputWasFull = step.outputIsFull
      switch step.state {
      case .more: break
      case .end:
        self.decompressor = nil
        outputWasFull = false
      case .corrupt(let reason):
        throw .malformed(
          file: name, place: .offset(consumed), reason: "corrupt \(compression.rawValue) stream (\(reason))")
      }
      produced += step.output.count
      guard produced <= limits.decodedBytes else {
        throw .limitExceeded(file: name, limit: "more than \(limits.decodedBytes) bytes decompressed")
      }
      if !step.output.isEmpty { return step.output }
    }
  }
}
