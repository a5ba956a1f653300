/// A sequence that reports when its iterator is let go of.
struct Watched<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable
where Base.Element == [UInt8], Base.Failure == any Error {
  typealias Element = [UInt8]
  typealias Failure = any Error

  let base: Base
  let whenReleased: @Sendable () -> Void

  init(_ base: Base, whenReleased: @escaping @Sendable () -> Void) {
    self.base = base
    self.whenReleased = whenReleased
  }

  func makeAsyncIterator() -> Iterator {
    Iterator(base: base.makeAsyncIterator(), release: Release(action: whenReleased))
  }

  final class Release: Sendable {
    let action: @Sendable () -> Void
    init(action: @escaping @Sendable () -> Void) { self.action = action }
    deinit { action() }
  }

  struct Iterator: AsyncIteratorProtocol {
    var base: Base.AsyncIterator
    let release: Release

    mutating func next() async throws -> [UInt8]? { try await next(isolation: nil) }

    mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
      try await base.next(isolation: actor)
    }
  }
}
