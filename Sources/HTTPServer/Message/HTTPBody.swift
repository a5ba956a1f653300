import Synchronization

/// Why a request's body can't be read to its end. A handler may let these pass: the router answers 413, 408
/// or 400.
package enum HTTPBodyError: Error, Equatable, Sendable {
  /// The body is longer than the reader allows.
  case tooLarge(limit: Int)
  /// The client sent too slowly.
  case timedOut
  /// The client went away.
  case disconnected
  /// All requests together have filled the memory that the server has for collected content.
  case budgetSpent
  /// The framing of the body is broken; the text says which rule.
  case malformed(String)
  /// The response has been sent, so the body is no longer there to read.
  case detached
}

/// The content of a request as it arrives: read once, in pieces, no faster than the reader asks for them.
/// What a handler leaves unread is dropped with the connection or, when there is little of it, skipped.
package struct HTTPBody: AsyncSequence, Sendable {
  /// A piece of the content; never empty.
  package typealias Element = [UInt8]

  private final class Progress: Sendable {
    let delivered = Mutex(0)
    /// Bytes that are taken out of the budget until the request is over.
    let collected = Mutex(0)
    let budget: ByteBudget?

    init(_ budget: ByteBudget?) { self.budget = budget }
    deinit { budget?.giveBack(collected.withLock { $0 }) }

    func collect(_ bytes: Int) throws(HTTPBodyError) {
      guard let budget else { return }
      guard budget.take(bytes) else { throw .budgetSpent }
      collected.withLock { $0 += bytes }
    }
  }

  /// The length that the client declared; nil when the content comes in chunks.
  package let declaredLength: Int?
  /// Reading throws `HTTPBodyError.tooLarge` beyond this many bytes.
  package let limit: Int

  private let progress: Progress
  private let read: @Sendable () async throws -> [UInt8]?

  /// Content from a source that answers nil at its end. `read` throws `HTTPBodyError`.
  ///
  /// - Parameter budget: where the memory of what is collected comes from.
  package init(
    declaredLength: Int?, limit: Int, budget: ByteBudget? = nil,
    read: @escaping @Sendable () async throws -> [UInt8]?
  ) {
    self.init(declaredLength: declaredLength, limit: limit, progress: Progress(budget), read: read)
  }

  private init(
    declaredLength: Int?, limit: Int, progress: Progress,
    read: @escaping @Sendable () async throws -> [UInt8]?
  ) {
    self.declaredLength = declaredLength
    self.limit = limit
    self.progress = progress
    self.read = read
  }

  /// Content that is in memory already.
  package init(_ bytes: [UInt8] = [], limit: Int = .max) {
    let rest = Rest(bytes)
    self.init(declaredLength: bytes.count, limit: limit) { rest.take() }
  }

  private final class Rest: Sendable {
    private let bytes: Mutex<[UInt8]?>
    init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes.isEmpty ? nil : bytes) }
    func take() -> [UInt8]? { bytes.withLock { $0.take() } }
  }

  /// The same content under another limit, in place of the server's: for a handler that takes large uploads,
  /// or only small ones.
  package func limited(to bytes: Int) -> HTTPBody {
    HTTPBody(declaredLength: declaredLength, limit: bytes, progress: progress, read: read)
  }

  /// All of it. Throws `HTTPBodyError.tooLarge` when there is more than `maximum` (the body's own limit when
  /// not given), before anything is read if the declared length says so, and `budgetSpent` where there is no
  /// memory for it.
  package func collect(upTo maximum: Int? = nil) async throws -> [UInt8] {
    var content: [UInt8] = []
    for try await piece in limited(to: maximum ?? limit) {
      try progress.collect(piece.count)
      content.append(contentsOf: piece)
    }
    return content
  }

  /// An iterator over what is left: the content can be read only once.
  package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: self) }

  /// Hands out the pieces as they arrive.
  package struct AsyncIterator: AsyncIteratorProtocol {
    let body: HTTPBody

    /// The next piece, nil at the end. Throws `HTTPBodyError`.
    package mutating func next() async throws -> [UInt8]? { try await body.nextPiece() }
  }

  private func nextPiece() async throws -> [UInt8]? {
    guard declaredLength ?? 0 <= limit else { throw HTTPBodyError.tooLarge(limit: limit) }
    guard let piece = try await read() else { return nil }
    let total = progress.delivered.withLock { delivered in
      delivered += piece.count
      return delivered
    }
    guard total <= limit else { throw HTTPBodyError.tooLarge(limit: limit) }
    return piece
  }
}
