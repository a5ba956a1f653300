import Capacity
import Foundation

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
    guard let known, let emc = known["emc"]?.integerValue else { return "–" }
    let end = { (name: String) in known["interval"]?[name]?.integerValue.map(String.init) ?? "…" }
    return "\(emc) [\(end("lower")), \(end("upper"))]"
  }

  var probes: Int { job["progress"]?["probes_finished"]?.integerValue ?? 0 }

  /// How near the interval is to the width that the search asks for, 0 to 1: each halving of its width is an equal part.
  var nearness: Double {
    if state == "succeeded" { return 1 }
    guard let goal = job["specification"]?["search"]?["relative_width"]?.doubleValue, goal > 0,
      let now = job["progress"]?["relative_width"]?.doubleValue, now.isFinite, now > 0
    else { return 0 }
    let start = max(16, now)
    return min(1, max(0, log2(start / now) / log2(start / goal)))
  }

  /// As one line, whatever the service says: `[██████··············] running  EMC 1216 [1150, 1290]  24 probes  name`
  func line(width: Int = 20) -> String {
    let filled = Int(nearness * Double(width))
    let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: width - filled)
    let waits = job["waiting_for"]?.stringValue.map { "  waits for \($0)" } ?? ""
    return "[\(bar)] \(Self.padded(state, 9))  EMC \(reading)  \(probes) probes  \(name)\(waits)".visible
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

/// Several lines on a terminal that are written over; elsewhere a line whenever one has changed.
struct StatusBlock {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var shown: [String] = []

  mutating func show(_ lines: [String]) {
    guard lines != shown else { return }
    if isTerminal {
      let up = shown.isEmpty ? "" : "\u{1B}[\(shown.count)A"
      write(up + lines.map { "\r\u{1B}[K\($0)\n" }.joined())
    } else {
      for (index, line) in lines.enumerated() where !shown.indices.contains(index) || shown[index] != line {
        write(line + "\n")
      }
    }
    shown = lines
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
