import Capacity
import Foundation
import HTTPServer
import Persistence
import Synchronization

/// One who is sent events, and up to which version everything was.
final class EventSubscriber: Sendable {
  /// What is told of.
  enum Subject: Sendable, Hashable {
    case everything
    case job(UUID)
    case study(UUID)
  }

  private struct State {
    var position: Int64
    /// It is sent what it has missed, by queries of its own.
    var isBehind: Bool
    /// A study's jobs, as far as they have been heard of.
    var jobs: Set<UUID> = []
    /// How many of a study's cells stood in each state when it was told last.
    var counts: [JobState: Int]?
    /// A study may have changed otherwise than by what has a version; a job may have been deleted.
    var isDue = false
    /// It was told that its job was deleted.
    var isOfDeleted = false
  }

  let stream: EventStream
  let subject: Subject
  private let state: Mutex<State>

  /// - Parameter isBehind: whether there may be much that it has missed since its position.
  init(_ stream: EventStream, _ subject: Subject, position: Int64, isBehind: Bool) {
    self.stream = stream
    self.subject = subject
    var first = State(position: position, isBehind: isBehind)
    // It may have been deleted between being read and being watched.
    if case .job = subject { first.isDue = true }
    state = Mutex(first)
  }

  /// The job, for one who is told of a job alone.
  var job: UUID? {
    if case .job(let id) = subject { id } else { nil }
  }

  /// The study, for one who is told of a study.
  var study: UUID? {
    if case .study(let id) = subject { id } else { nil }
  }

  func wants(_ job: UUID) -> Bool {
    switch subject {
    case .everything: true
    case .job(let id): job == id
    case .study: state.withLock { $0.jobs.contains(job) }
    }
  }

  var reached: Int64 { state.withLock { $0.position } }

  /// Everything up to a version was sent, or is of no concern.
  func reach(_ version: Int64) { state.withLock { $0.position = max($0.position, version) } }

  var isBehind: Bool { state.withLock { $0.isBehind } }

  /// It has missed nothing any more, and is served with the others.
  func join() { state.withLock { $0.isBehind = false } }

  /// Sends what is new to it.
  func take(_ event: ServerSentEvent, version: Int64) {
    let isNew = state.withLock { state in
      guard version > state.position else { return false }
      state.position = version
      return true
    }
    if isNew { stream.send(event) }
  }

  // MARK: Deletions

  /// Its job is gone: it is told so, once, and nothing more.
  func endAsDeleted(_ id: UUID) {
    let isNew = state.withLock { state in
      defer { state.isOfDeleted = true }
      return !state.isOfDeleted
    }
    guard isNew else { return }
    stream.send(.deletion(of: id))
    stream.finish()
  }

  /// The study, or the job, is to be looked at.
  func setDue() { state.withLock { $0.isDue = true } }

  /// Whether it was to be looked at; it is now.
  func takeDue() -> Bool {
    state.withLock { state in
      defer { state.isDue = false }
      return state.isDue
    }
  }

  // MARK: Studies

  /// Jobs belong to the study.
  func admit(_ jobs: some Sequence<UUID>) { state.withLock { $0.jobs.formUnion(jobs) } }

  /// Sends the study where its state or progress is another than what was sent last.
  ///
  /// - Parameter id: the event's id; nil: what has changed the study comes after it, and whoever misses some of that is
  ///   told of the study again.
  func show(_ record: StudyRecord, id: Int64? = nil) {
    let isNew = state.withLock { state in
      guard state.counts != record.counts else { return false }
      state.counts = record.counts
      return true
    }
    guard isNew else { return }
    stream.send(ServerSentEvent(id: id.map { String($0) }, name: "study", data: record.json.text()))
  }
}

extension ServerSentEvent {
  /// A job was deleted; without an id, since it has no version.
  static func deletion(of id: UUID) -> ServerSentEvent {
    ServerSentEvent(name: "deleted", data: JSONValue.object(["id": .string(id.shown)]).text())
  }
}
