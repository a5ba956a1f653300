import CLZMA
import CZlib
import CZstd

/// zlib's inflate.
final class Inflater: Decompressor {
  enum Format: Int32 {
    /// 15 bits of window, and 16 for the gzip wrapper.
    case gzip = 31
    /// zlib's own wrapper (RFC 1950), as in MAT-files.
    case zlib = 15
    /// Deflate without a wrapper, as in zip files.
    case raw = -15
  }

  private var stream = z_stream()

  init(_ format: Format) {
    let status = inflateInit2_(
      &stream, format.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib can't be initialised")
  }

  deinit { inflateEnd(&stream) }

  func step(_ input: [UInt8]) -> DecompressionStep {
    DecompressionStep(input) { input, output in
      stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      stream.avail_in = UInt32(input.count)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(output.count)
      let state: DecompressionStep.State =
        switch inflate(&stream, Z_NO_FLUSH) {
        case Z_OK, Z_BUF_ERROR: .more
        case Z_STREAM_END: .end
        case let status: .corrupt(stream.msg.map { String(cString: $0) } ?? "code \(status)")
        }
      return (Int(stream.avail_in), Int(stream.avail_out), state)
    }
  }
}

/// liblzma's decoder of .xz.
final class XzDecompressor: Decompressor {
  /// Enough for `xz -9` and a dictionary four times as large.
  private static let memory = 320 << 20
  private var stream = lzma_stream()

  init() {
    let status = lzma_stream_decoder(&stream, UInt64(Self.memory), 0)
    precondition(status == LZMA_OK, "liblzma can't be initialised")
  }

  deinit { lzma_end(&stream) }

  func step(_ input: [UInt8]) -> DecompressionStep {
    DecompressionStep(input) { input, output in
      stream.next_in = input.baseAddress
      stream.avail_in = input.count
      stream.next_out = output.baseAddress
      stream.avail_out = output.count
      let state: DecompressionStep.State =
        switch lzma_code(&stream, LZMA_RUN) {
        case LZMA_OK, LZMA_BUF_ERROR: .more
        case LZMA_STREAM_END: .end
        case LZMA_MEMLIMIT_ERROR: .corrupt("a dictionary that needs more than \(Self.memory >> 20) MiB")
        case LZMA_DATA_ERROR: .corrupt("damaged data")
        case LZMA_FORMAT_ERROR: .corrupt("no xz stream")
        case let status: .corrupt("code \(status.rawValue)")
        }
      return (stream.avail_in, stream.avail_out, state)
    }
  }
}

/// libzstd's decoder, with windows up to 128 MiB as `zstd` itself has them unless told otherwise.
final class ZstdDecompressor: Decompressor {
  private let stream: OpaquePointer

  init() {
    guard let stream = ZSTD_createDStream() else { preconditionFailure("libzstd can't be initialised") }
    self.stream = stream
  }

  deinit { ZSTD_freeDStream(stream) }

  func step(_ input: [UInt8]) -> DecompressionStep {
    DecompressionStep(input) { input, output in
      var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
      var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
      let left = ZSTD_decompressStream(stream, &target, &source)
      let state: DecompressionStep.State =
        ZSTD_isError(left) != 0
        ? .corrupt(String(cString: ZSTD_getErrorName(left))) : left == 0 ? .end : .more
      return (source.size - source.pos, target.size - target.pos, state)
    }
  }
}

extension DecompressionStep {
  /// One call of a library: `body` gets input and output and gives what is left of both.
  fileprivate init(
    _ input: [UInt8],
    _ body: (UnsafeBufferPointer<UInt8>, UnsafeMutableBufferPointer<UInt8>) -> (Int, Int, State)
  ) {
    var left = input.count
    var state = State.more
    output = [UInt8](unsafeUninitializedCapacity: Self.size) { output, initialized in
      let output = UnsafeMutableBufferPointer(rebasing: output[..<Self.size])
      input.withUnsafeBufferPointer { input in
        let result = body(input, output)
        (left, initialized, state) = (result.0, output.count - result.1, result.2)
      }
    }
    consumed = input.count - left
    self.state = state
  }
}
