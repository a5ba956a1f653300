import HTTPServer
import Synchronization
import Testing

@Suite struct EventStreamTests {
  private func text(_ stream: EventStream) async throws -> String {
    try await within(.seconds(20)) {
      var bytes: [UInt8] = []
      for try await piece in stream { bytes += piece }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  @Test("Events are read back as they were, whatever stands in their data")
  func format() async throws {
    let stream = EventStream(retry: .milliseconds(1_500))
    let events = [
      ServerSentEvent(id: "v17", name: "progress", data: #"{"probes_finished": 3}"#),
      ServerSentEvent(data: "a\nb\r\nc\rd"), ServerSentEvent(id: "", data: ""),
      ServerSentEvent(name: "x", data: " leading, id: 5\n\nretry: 1\n"),
      ServerSentEvent(id: "v18", data: "data: \u{2028}é😀\0"),
    ]
    for event in events { #expect(stream.send(event)) }
    stream.finish()
    #expect(!stream.send(events[0]))
    let reader = EventReader(try await text(stream))
    #expect(reader.retry == 1_500)
    // An event without data isn't dispatched, an id stays until the next one.
    #expect(
      reader.events == [
        .init(id: "v17", name: "progress", data: #"{"probes_finished": 3}"#),
        .init(id: "v17", name: "", data: "a\nb\nc\nd"),
        .init(id: "", name: "", data: ""), .init(id: "", name: "x", data: " leading, id: 5\n\nretry: 1\n"),
        .init(id: "v18", name: "", data: "data: \u{2028}é😀\0"),
      ])
  }

  @Test("Whoever doesn't read is lost at a bound of memory; the source is told")
  func fallingBehind() async throws {
    let ended = Flag()
    let stream = EventStream(limit: 10_000)
    stream.whenEnded { ended.raise() }
    let event = ServerSentEvent(data: String(repeating: "x", count: 100))
    var sent = 0
    while stream.send(event) { sent += 1 }
    #expect((50..<100).contains(sent) && ended.isRaised)
    await #expect(throws: EventStream.FellBehind.self) { try await text(stream) }
  }

  @Test("Whoever sends only where there is room never leaves the reader behind")
  func room() async throws {
    let stream = EventStream(limit: 1_000)
    let event = ServerSentEvent(data: String(repeating: "x", count: 100))
    var iterator = stream.makeAsyncIterator()
    for _ in 0..<3 {
      var sent = 0
      while stream.hasRoom, sent < 100 {
        #expect(stream.send(event))
        sent += 1
      }
      #expect((4...5).contains(sent))
      _ = try await iterator.next()
    }
  }

  @Test("A reader that keeps up is never lost, however much is sent")
  func keepingUp() async throws {
    let stream = EventStream(limit: 1_000)
    let count = try await within(.seconds(30)) {
      var (count, iterator) = (0, stream.makeAsyncIterator())
      _ = try await iterator.next()
      for index in 0..<5_000 {
        #expect(stream.send(ServerSentEvent(data: "\(index)")))
        count += EventReader(String(decoding: try await iterator.next() ?? [], as: UTF8.self)).events.count
      }
      return count
    }
    #expect(count == 5_000)
  }

  @Test("Silence is broken by comments; when the reader lets go, the stream has ended")
  func heartbeat() async throws {
    let ended = Flag()
    let stream = EventStream(heartbeat: .milliseconds(5))
    stream.whenEnded { ended.raise() }
    let text = try await within(.seconds(20)) {
      var (text, iterator) = ("", stream.makeAsyncIterator())
      while EventReader(text).comments < 3 {
        text += String(decoding: try await iterator.next() ?? [], as: UTF8.self)
      }
      return text
    }
    #expect(EventReader(text).events.isEmpty)
    #expect(ended.isRaised && !stream.send(ServerSentEvent(data: "")))
  }

  @Test("A reader whose task is cancelled stops waiting")
  func cancellation() async throws {
    let stream = EventStream()
    let reader = Task { for try await _ in stream {} }
    reader.cancel()
    let result = try await within(.seconds(20)) { await reader.result }
    #expect(throws: CancellationError.self) { try result.get() }
  }

  @Test("Last-Event-ID")
  func lastEventID() throws {
    func id(_ headers: HTTPHeaders) throws -> String? {
      try HTTPRequest(method: .get, target: "/", headers: headers).lastEventID
    }
    #expect(try id(["Last-Event-ID": "v17"]) == "v17")
    #expect(try id(["Last-Event-ID": ""]) == nil)
    #expect(try id([:]) == nil)
    #expect(try id(["Last-Event-ID": "a", "last-event-id": "b"]) == nil)
  }
}

/// Raised once, from any thread.
final class Flag: Sendable {
  private let state = Mutex(false)
  var isRaised: Bool { state.withLock { $0 } }
  func raise() { state.withLock { $0 = true } }
}
