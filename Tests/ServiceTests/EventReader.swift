import Capacity
import Foundation
import HTTPServer
import Testing

/// Reads events as WHATWG HTML §9.2.6 has it.
struct EventReader {
  struct Event: Sendable {
    var id: String?
    var name = "message"
    var data = ""

    var json: JSONValue { (try? JSONValue(parsing: data.utf8)) ?? .null }
  }

  private var iterator: EventStream.AsyncIterator
  private var rest = ""

  init(_ response: HTTPResponse) throws {
    guard case .events(let stream) = response.body else {
      throw TimedOut(what: "a stream, not \(response.status)")
    }
    iterator = stream.makeAsyncIterator()
  }

  /// The next event; nil at the stream's end.
  mutating func next() async throws -> Event? {
    while true {
      while let end = rest.range(of: "\n\n") {
        let block = rest[..<end.lowerBound]
        rest = String(rest[end.upperBound...])
        var event = Event()
        var hasData = false
        for line in block.split(separator: "\n") {
          let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
          guard parts.count == 2, !parts[0].isEmpty else { continue }
          let value = String(parts[1].drop { $0 == " " })
          switch parts[0] {
          case "id": event.id = value
          case "event": event.name = value
          case "data":
            event.data += (hasData ? "\n" : "") + value
            hasData = true
          default: break
          }
        }
        if hasData { return event }
      }
      guard let bytes = try await iterator.next() else { return nil }
      rest += String(decoding: bytes, as: UTF8.self)
    }
  }

  /// Events up to one that is wanted.
  mutating func until(_ isWanted: (Event) -> Bool) async throws -> [Event] {
    var events: [Event] = []
    while let event = try await next() {
      events.append(event)
      if isWanted(event) { return events }
    }
    throw TimedOut(what: "an event; the stream ended after \(events.map(\.name))")
  }

  /// All events up to the stream's end.
  consuming func all() async throws -> [Event] {
    var events: [Event] = []
    while let event = try await next() { events.append(event) }
    return events
  }
}
