import Capacity
import Foundation

/// What is known of a measurement, as its progress or its result tells it.
struct ReadingSoFar {
  let json: JSONValue

  init(_ json: JSONValue) { self.json = json }

  /// Those that have ended.
  var probes: Int { json["probes_finished"]?.integerValue ?? 0 }

  /// `1216 [1150, 1290]`, with ? and … for what isn't known yet.
  var emc: String {
    let end = { (name: String) in json["interval"]?[name]?.integerValue.map(String.init) ?? "…" }
    return "\(json["emc"]?.integerValue.map(String.init) ?? "?") [\(end("lower")), \(end("upper"))]"
  }

  /// How near the interval is to the relative width that the search asks for, 0 to 1: each halving of its width is an equal
  /// part. 0 where it asks for none.
  func nearness(to goal: Double?) -> Double {
    guard let goal, goal > 0, let now = json["relative_width"]?.doubleValue, now.isFinite, now > 0 else {
      return 0
    }
    let start = max(16, now)
    return min(1, max(0, log2(start / now) / log2(start / goal)))
  }

  /// `[██████··············]`
  static func bar(_ nearness: Double) -> String {
    let width = 20
    let filled = Int(nearness * Double(width))
    return "[" + String(repeating: "█", count: filled) + String(repeating: "·", count: width - filled) + "]"
  }
}
