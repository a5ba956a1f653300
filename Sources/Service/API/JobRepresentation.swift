import Capacity
import Foundation
import Persistence

extension JobRecord {
  /// The job as the API shows it.
  ///
  /// - Parameter probes: what the result carries; lists leave them out.
  func json(probes: [ProbeRecord]? = nil) -> JSONValue {
    var result = JSONValue(stored: result)
    if let probes, case .object(var members) = result {
      let ended = probes.sorted { ($0.samples, $0.replicate) < ($1.samples, $1.replicate) }
      members["probes"] = .array(ended.compactMap(\.report).map { JSONValue(stored: $0) })
      result = .object(members)
    }
    return .object([
      "id": .string(id.uuidString.lowercased()),
      "name": name.map(JSONValue.string) ?? .null,
      "state": .string(state.rawValue),
      "specification": JSONValue(stored: specification),
      "progress": JSONValue(stored: progress),
      "result": result,
      "error": error.map { .object(["detail": .string($0)]) } ?? .null,
      "created_at": JSONValue(createdAt),
      "started_at": JSONValue(startedAt),
      "finished_at": JSONValue(finishedAt),
    ])
  }
}

extension ProbeRecord {
  /// The probe as the API lists it: its state, and once it has ended everything that was measured.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "samples": .integer(samples), "replicate": .integer(replicate), "outcome": .null,
    ]
    if case .object(let report) = JSONValue(stored: report) {
      members.merge(report) { _, measured in measured }
    }
    members["digest"] = .string(digest)
    members["state"] = .string(state.rawValue)
    return .object(members)
  }
}

extension JSONValue {
  /// The tree of a text that this service has stored; null when there is none.
  init(stored text: String?) {
    self = text.flatMap { try? JSONValue(parsing: $0.utf8) } ?? .null
  }

  /// A time in RFC 3339, UTC, to the millisecond.
  init(_ date: Date?) {
    self =
      date.map { .string($0.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))) } ?? .null
  }
}
