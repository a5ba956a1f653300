import CZlib

/// Compresses in the gzip format (RFC 1952), in as many pieces as come.
final class Gzip {
  /// zlib's state points back at it, so it must not move.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private var output = [UInt8](repeating: 0, count: 32_768)

  /// A level at which JSON shrinks to a fifth at more than 100 MB/s.
  private static let level: Int32 = 3

  init() {
    stream.initialize(to: z_stream())
    // 15 bits of window, and 16 for gzip's header and trailer.
    let result = deflateInit2_(
      stream, Self.level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(result == Z_OK, "zlib refuses only parameters that don't exist, or is out of memory")
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// What the content so far has become; all that is left of it where this is its end.
  func compress(_ content: [UInt8], isLast: Bool) -> [UInt8] {
    var compressed: [UInt8] = []
    var content = content
    content.withUnsafeMutableBufferPointer { input in
      stream.pointee.next_in = input.baseAddress
      stream.pointee.avail_in = UInt32(input.count)
      repeat {
        output.withUnsafeMutableBufferPointer { output in
          stream.pointee.next_out = output.baseAddress
          stream.pointee.avail_out = UInt32(output.count)
          _ = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
        }
        compressed += output[..<(output.count - Int(stream.pointee.avail_out))]
      } while stream.pointee.avail_out == 0
    }
    stream.pointee.next_in = nil
    return compressed
  }

  static func compress(_ content: [UInt8]) -> [UInt8] {
    Gzip().compress(content, isLast: true)
  }
}

/// A sequence of pieces, compressed. What comes out is held back until there is enough of it: for content that
/// is waited for piece by piece, compression is not the thing.
struct GzipSequence: AsyncSequence, Sendable {
  typealias Element = [UInt8]
  typealias Failure = any Error

  let base: any AsyncSequence<[UInt8], any Error> & Sendable

  func makeAsyncIterator() -> Iterator { Iterator(base.makeAsyncIterator()) }

  struct Iterator: AsyncIteratorProtocol {
    private var base: any AsyncIteratorProtocol<[UInt8], any Error>
    private let gzip = Gzip()
    private var hasEnded = false

    init(_ base: any AsyncIteratorProtocol<[UInt8], any Error>) { self.base = base }

    mutating func next() async throws -> [UInt8]? { try await next(isolation: nil) }

    mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
      while !hasEnded {
        let piece = try await base.next(isolation: actor)
        hasEnded = piece == nil
        let compressed = gzip.compress(piece ?? [], isLast: hasEnded)
        if !compressed.isEmpty { return compressed }
      }
      return nil
    }
  }
}
