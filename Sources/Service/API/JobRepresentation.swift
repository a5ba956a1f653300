import Capacity
import Foundation
import Persistence

extension JobRecord {
  /// The job as the API shows it. What is stored as JSON goes out as it is.
  ///
  /// - Parameter probes: the reports of its finished probes, by size and then by replicate, which a result carries; lists
  ///   leave them out.
  func json(probes: JSONText? = nil) -> JSONText {
    var members: [String: JSONText] = [
      "id": .value(.string(id.shown)),
      "name": .value(name.map(JSONValue.string) ?? .null),
      "state": .value(.string(state.rawValue)),
      "specification": .stored(specification),
      "progress": .stored(progress),
      "result": .stored(result),
      "error": .value(error.map { .object(["detail": .string($0)]) } ?? .null),
      "created_at": .value(JSONValue(createdAt)),
      "started_at": .value(JSONValue(startedAt)),
      "finished_at": .value(JSONValue(finishedAt)),
    ]
    members["version"] = .value(.integer(Int(version)))
    members["labels"] = .stored(labels)
    members["priority"] = .value(.integer(priority))
    members["source"] = .value(source.map { .string($0.shown) } ?? .null)
    members["request_id"] = .value(requestID.map(JSONValue.string) ?? .null)
    members["traceparent"] = .value(traceParent.map(JSONValue.string) ?? .null)
    members["waiting_for"] = .value(waitingFor.map(JSONValue.string) ?? .null)
    if let probes, let result {
      members["result"] = .extended(.stored(result), "probes", probes)
    }
    return .object(members)
  }
}

extension ProbeRecord {
  /// The probe as the API lists it: its state, and once it has ended everything that was measured.
  var json: JSONText {
    let own: [String: JSONText] = [
      "digest": .value(.string(digest)), "state": .value(.string(state.rawValue)),
    ]
    guard let report else {
      return .object(
        own.merging([
          "samples": .value(.integer(samples)), "replicate": .value(.integer(replicate)),
          "outcome": .value(.null),
        ]) { $1 })
    }
    return own.sorted { $0.key < $1.key }.reduce(.stored(report)) { text, member in
      .extended(text, member.key, member.value)
    }
  }
}

extension JSONValue {
  /// A time in RFC 3339, UTC, to the millisecond.
  init(_ date: Date?) {
    self =
      date.map { .string($0.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))) } ?? .null
  }
}
