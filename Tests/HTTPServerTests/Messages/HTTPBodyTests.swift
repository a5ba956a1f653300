import HTTPServer
import Synchronization
import Testing

@Suite struct HTTPBodyTests {
  /// A body that comes in the given pieces, and how many of them have been asked for.
  private func body(
    _ pieces: [[UInt8]], declaredLength: Int? = nil, limit: Int = 100
  ) -> (body: HTTPBody, reads: @Sendable () -> Int) {
    final class Source: Sendable { let next = Mutex(0) }
    let source = Source()
    let body = HTTPBody(declaredLength: declaredLength, limit: limit) {
      let index = source.next.withLock { next in
        defer { next += 1 }
        return next
      }
      return index < pieces.count ? pieces[index] : nil
    }
    return (body, { source.next.withLock { $0 } })
  }

  @Test("Collecting yields every piece in order")
  func collect() async throws {
    #expect(try await body([[1, 2], [3], [4, 5]]).body.collect() == [1, 2, 3, 4, 5])
    #expect(try await HTTPBody([1, 2, 3]).collect() == [1, 2, 3])
    #expect(try await HTTPBody().collect().isEmpty)
  }

  @Test("A declared length over the limit is refused before anything is read")
  func declaredLength() async {
    let (body, reads) = body([[1, 2, 3]], declaredLength: 3)
    await #expect(throws: HTTPBodyError.tooLarge(limit: 2)) { try await body.collect(upTo: 2) }
    #expect(reads() == 0)
  }

  @Test("Content of unknown length is refused as soon as it passes the limit, which counts to the byte")
  func unknownLength() async throws {
    let (long, reads) = body([[1, 2], [3, 4], [5, 6]])
    await #expect(throws: HTTPBodyError.tooLarge(limit: 3)) { try await long.collect(upTo: 3) }
    #expect(reads() == 2)
    #expect(try await body([[1, 2], [3, 4]]).body.collect(upTo: 4).count == 4)
  }

  @Test("A handler's limit takes the place of the server's; another iterator doesn't start the count anew")
  func limits() async throws {
    let (first, _) = body([[UInt8](repeating: 1, count: 150)])
    #expect(try await first.limited(to: 200).collect().count == 150)
    let (second, _) = body([[1, 2], [3, 4]], limit: 3)
    var iterator = second.makeAsyncIterator()
    #expect(try await iterator.next() == [1, 2])
    await #expect(throws: HTTPBodyError.tooLarge(limit: 3)) { try await second.collect() }
  }
}
