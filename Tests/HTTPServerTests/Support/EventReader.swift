import Foundation

/// Reads an event stream as WHATWG HTML §9.2.6 says, from the standard alone.
struct EventReader {
  struct Event: Equatable {
    var id: String
    var name: String
    var data: String
  }

  private(set) var events: [Event] = []
  private(set) var comments = 0
  private(set) var retry: Int?

  init(_ text: String) {
    var (id, name, data) = ("", "", [String]())
    var normalized = text.replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(
      of: "\r", with: "\n")
    if normalized.hasPrefix("\u{FEFF}") { normalized.removeFirst() }
    for line in normalized.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty {
        if !data.isEmpty { events.append(Event(id: id, name: name, data: data.joined(separator: "\n"))) }
        (name, data) = ("", [])
        continue
      }
      if line.hasPrefix(":") {
        comments += 1
        continue
      }
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let value = parts.count > 1 ? String(parts[1].drop { $0 == " " && parts[1].first == " " }) : ""
      switch parts[0] {
      case "id": id = value
      case "event": name = value
      case "data":
        data.append(parts.count > 1 && parts[1].hasPrefix(" ") ? String(parts[1].dropFirst()) : value)
      case "retry": retry = Int(value)
      default: break
      }
    }
  }
}
