/// What a line search in the buffer came to.
package enum LineSearch: Equatable {
  /// The line without its CRLF.
  case line(ArraySlice<UInt8>)
  /// More bytes are needed.
  case incomplete
  /// The content is longer than the limit, whether or not its end has arrived.
  case tooLong
  /// A line feed without a carriage return before it.
  case bareLineFeed
}

/// Bytes received and not yet consumed. A search that found no line end goes on where it stopped, so bytes
/// that arrive one at a time cost the same as bytes that arrive together.
package struct ReceiveBuffer: Sendable {
  private var storage: [UInt8] = []
  private var start = 0
  /// Bytes after `start` that are known to hold no line feed.
  private var searched = 0

  package init() {}

  /// Unconsumed bytes.
  package var count: Int { storage.count - start }
  package var isEmpty: Bool { start == storage.count }
  package var first: UInt8? { isEmpty ? nil : storage[start] }

  package mutating func append(_ bytes: some Collection<UInt8>) {
    if isEmpty {
      storage.removeAll(keepingCapacity: true)
      start = 0
    } else if start > 16_384 {
      storage.removeFirst(start)
      start = 0
    }
    storage.append(contentsOf: bytes)
  }

  /// Gives back the memory of a large body, so that a connection that waits costs little.
  package mutating func shrink() {
    if isEmpty, storage.capacity > 16_384 { self = ReceiveBuffer() }
  }

  /// Takes the next line, whose content has at most `limit` bytes. The answer is the same however the bytes
  /// were split: a line is too long as soon as no line feed is among its first `limit` + 2 bytes.
  package mutating func takeLine(limit: Int) -> LineSearch {
    let end = min(storage.count, start + limit + 2)
    guard let lineFeed = storage[min(start + searched, end)..<end].firstIndex(of: Octet.lineFeed) else {
      searched = end - start
      return count >= limit + 2 ? .tooLong : .incomplete
    }
    guard lineFeed > start, storage[lineFeed - 1] == Octet.carriageReturn else { return .bareLineFeed }
    let line = storage[start..<lineFeed - 1]
    start = lineFeed + 1
    searched = 0
    return .line(line)
  }

  /// Takes up to `maximum` bytes.
  package mutating func take(atMost maximum: Int) -> ArraySlice<UInt8> {
    let end = start + min(maximum, count)
    let bytes = storage[start..<end]
    start = end
    searched = 0
    return bytes
  }
}
