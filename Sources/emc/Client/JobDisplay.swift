import Capacity

/// A job in a line of text.
struct JobDisplay {
  let job: JSONValue

  var id: String { job["id"]?.stringValue ?? "" }
  var state: String { job["state"]?.stringValue ?? "" }
  var name: String { job["name"]?.stringValue ?? Self.subject(job["specification"] ?? .null) }
  var hasEnded: Bool { ["succeeded", "failed", "cancelled"].contains(state) }

  /// What is measured, for a job without a name.
  private static func subject(_ specification: JSONValue) -> String {
    "\(specification["model"]?["kind"]?.stringValue ?? "?") on \(specification["dataset"]?["name"]?.stringValue ?? "?")"
  }

  private var known: JSONValue? {
    for name in ["result", "progress"] {
      if let value = job[name], value != .null { return value }
    }
    return nil
  }

  /// `1216 [1150, 1290]`
  var reading: String {
    guard let known, known["emc"]?.integerValue != nil else { return "–" }
    return ReadingSoFar(known).emc
  }

  private var progress: ReadingSoFar { ReadingSoFar(job["progress"] ?? .null) }
  var probes: Int { progress.probes }

  /// `[██████··············] running  EMC 1216 [1150, 1290]  24 probes  name`
  var line: String {
    let goal = job["specification"]?["search"]?["relative_width"]?.doubleValue
    let bar = ReadingSoFar.bar(state == "succeeded" ? 1 : progress.nearness(to: goal))
    let waits = job["waiting_for"]?.stringValue.map { "  waits for \($0)" } ?? ""
    return "\(bar) \(Self.padded(state, 9))  EMC \(reading)  \(probes) probes  \(name)\(waits)"
  }

  /// One job after the other in columns.
  static func table(_ jobs: [JSONValue]) -> [String] {
    let rows =
      [["id", "state", "emc", "probes", "name"]]
      + jobs.map(JobDisplay.init).map {
        [$0.id, $0.state, $0.reading, String($0.probes), $0.name].map(\.visible)
      }
    let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = row.indices.map { padded(row[$0], widths[$0]) }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
