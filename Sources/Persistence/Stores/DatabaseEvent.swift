import Foundation

/// What `NotificationListener` hears.
package enum DatabaseEvent: Sendable, Hashable {
  /// A job was submitted, or changed in any way.
  case job(id: UUID, state: JobState, version: Int64)
  /// A job was deleted.
  case jobDeleted(id: UUID, version: Int64)
  /// A job came to know of a probe's end, with the version that its link has.
  case probeEnded(job: UUID, version: Int64)
  /// How far a probe under way is: the text of a JSON object for those who watch the job.
  case training(job: UUID, text: String)
  /// There are probes to claim that there weren't before.
  case probesQueued
  /// The connection was lost: nothing is heard until the next `connected`.
  case disconnected
  /// Listening has begun, or begun again after the connection was lost: events may have been missed, so
  /// look at everything once.
  case connected

  /// The channels that the database's triggers announce changes on.
  static let channels = ["emc_jobs", "emc_probes", "emc_training"]

  /// Reads a payload, `<id> <state> <version>`, `<id> probe <version>`, `queued`, or `<id> <JSON text>`; nil for one of
  /// another form (a newer program's, for one).
  init?(channel: String, payload: String) {
    if channel == "emc_training" {
      let parts = payload.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, let id = UUID(uuidString: String(parts[0])) else { return nil }
      self = .training(job: id, text: String(parts[1]))
      return
    }
    let words = payload.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    switch (channel, words.count) {
    case ("emc_jobs", 3):
      guard let id = UUID(uuidString: words[0]), let version = Int64(words[2]) else { return nil }
      if words[1] == "deleted" {
        self = .jobDeleted(id: id, version: version)
      } else if words[1] == "probe" {
        self = .probeEnded(job: id, version: version)
      } else if let state = JobState(rawValue: words[1]) {
        self = .job(id: id, state: state, version: version)
      } else {
        return nil
      }
    case ("emc_probes", 1) where words[0] == "queued": self = .probesQueued
    default: return nil
    }
  }
}
