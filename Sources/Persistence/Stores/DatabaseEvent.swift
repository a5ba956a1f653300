import Foundation

/// What `NotificationListener` hears.
package enum DatabaseEvent: Sendable, Hashable {
  /// A job was submitted, or its state or progress changed.
  case job(id: UUID, state: JobState)
  /// A probe was created, taken up, ended or went back to the queue.
  case probe(digest: String, state: ProbeState)
  /// Listening has begun, or begun again after the connection was lost: events may have been missed, so
  /// look at everything once.
  case connected

  /// The channels that the database's triggers announce changes on.
  static let channels = ["emc_jobs", "emc_probes"]

  /// Reads a payload `<id> <state>`; nil for one of another form (a newer program's, for one).
  init?(channel: String, payload: String) {
    let words = payload.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard words.count == 2 else { return nil }
    switch channel {
    case "emc_jobs":
      guard let id = UUID(uuidString: words[0]), let state = JobState(rawValue: words[1]) else { return nil }
      self = .job(id: id, state: state)
    case "emc_probes":
      guard let state = ProbeState(rawValue: words[1]) else { return nil }
      self = .probe(digest: words[0], state: state)
    default: return nil
    }
  }
}
