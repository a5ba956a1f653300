import Capacity
import Foundation
import HTTPServer
import Persistence

/// Streams of events: those who have had everything up to now are served by one task that reads what has changed once for all
/// of them; `JobFeed+Missed` brings the others up to there.
extension JobFeed {
  /// Changes that are read from the database at a time.
  static let batch = 200
  /// How often streams are served without having heard anything: what a lost notification would have told.
  static let poll = Duration.seconds(5)
  static let pause = Duration.milliseconds(20)
  /// Bytes that wait for a client: a few hundred jobs, or probes with their curves.
  private static let streamLimit = 2 << 20

  /// A stream of what happens from now on, after what has happened since the version that the client saw last.
  ///
  /// - Parameter last: the id of the last event that the client has; nil: it has none.
  func stream(ofAllSince last: Int64?) async throws -> EventStream {
    let position = if let last { last } else { try await jobs.latestVersion() }
    let stream = EventStream(limit: Self.streamLimit)
    subscribe(EventSubscriber(stream, .everything, position: position, isBehind: last != nil))
    return stream
  }

  /// The same for one job: its state at once where the client doesn't have it. It ends after the job's end.
  ///
  /// - Returns: nil where the job has ended and the client knows.
  /// - Throws: 404 where there is no such job.
  func stream(of id: UUID, since last: Int64?) async throws -> EventStream? {
    let start = try await jobs.latestVersion()
    guard let current = try await jobs.job(id) else { throw ProblemDocument.noJob(id.shown) }
    if current.state.hasEnded, let last, last >= current.version { return nil }
    let stream = EventStream(limit: Self.streamLimit)
    let subscriber = EventSubscriber(stream, .job(id), position: last ?? 0, isBehind: last != nil)
    if last == nil {
      // Up to here nothing is missing: whatever was there when the first, or the job, was read.
      let known = max(start, current.version)
      let news = News(changed: [current], ends: [], batch: Self.batch, upTo: known)
      for item in news.items { subscriber.take(item.event(), version: item.version) }
      subscriber.reach(known)
      if current.state.hasEnded {
        stream.finish()
        return stream
      }
    }
    subscribe(subscriber)
    return stream
  }

  /// The same for a study and its jobs: how it stands at once, then what has happened since the version that the client saw
  /// last. It ends after the study's end.
  ///
  /// - Returns: nil where the study has ended and the client knows.
  /// - Throws: 404 where there is no such study.
  func stream(ofStudy id: UUID, since last: Int64?) async throws -> EventStream? {
    let start = try await jobs.latestVersion()
    guard let study = try await studies.study(id) else { throw ProblemDocument.noStudy(id.shown) }
    if study.state.hasEnded, let last, last >= study.version { return nil }
    let members = try await studies.jobs(of: id)
    let known = max(start, study.version)
    let stream = EventStream(limit: Self.streamLimit)
    let subscriber = EventSubscriber(stream, .study(id), position: last ?? known, isBehind: last != nil)
    subscriber.admit(members)
    subscriber.show(study, id: last == nil ? known : nil)
    if last == nil, study.state.hasEnded {
      stream.finish()
      return stream
    }
    subscribe(subscriber)
    return stream
  }

  private func subscribe(_ subscriber: EventSubscriber) {
    let key = ObjectIdentifier(subscriber)
    let isClosed = state.withLock { state in
      if !state.isClosed { state.subscribers[key] = subscriber }
      return state.isClosed
    }
    if isClosed { return subscriber.stream.finish() }
    subscriber.stream.whenEnded { [weak self] in
      _ = self?.state.withLock { $0.subscribers.removeValue(forKey: key) }
    }
    (subscriber.isBehind ? newcomers : anyChange).ring()
  }

  var subscribers: [EventSubscriber] { state.withLock { Array($0.subscribers.values) } }

  /// Tells those who watch a job what has no version.
  func tell(_ id: UUID, _ event: ServerSentEvent) {
    for subscriber in subscribers where subscriber.wants(id) { subscriber.stream.send(event) }
  }

  /// Tells those who watch a job that it was deleted; of it alone nothing can come any more.
  func tellDeletion(of id: UUID) {
    for subscriber in subscribers where subscriber.wants(id) {
      if subscriber.subject == .job(id) {
        subscriber.endAsDeleted(id)
      } else {
        subscriber.stream.send(.deletion(of: id))
      }
    }
  }

  /// Has everything looked at that a deletion nobody heard of may have changed.
  func lookForDeletions() {
    lookAfterStudies(of: nil)
    for subscriber in subscribers where subscriber.job != nil { subscriber.setDue() }
  }

  /// Has studies looked at whose jobs may have changed without anything that has a version.
  ///
  /// - Parameter job: nil: any.
  func lookAfterStudies(of job: UUID?) {
    for subscriber in subscribers where subscriber.study != nil && job.map(subscriber.wants) ?? true {
      subscriber.setDue()
    }
  }

  /// Sends what has changed, in the order of versions, to everybody who has had what was before.
  func serve() async {
    while !Task.isCancelled {
      let rings = anyChange.rings
      var isMore = false
      do {
        isMore = try await sendChanges()
      } catch {
        logger.debug("events wait for the database", metadata: ["error": "\(error)"])
        lookForDeletions()
        if (try? await Task.sleep(for: .milliseconds(500))) == nil { return }
      }
      // Changes that come together are read together.
      if (try? await Task.sleep(for: Self.pause)) == nil { return }
      if !isMore { await anyChange.wait(after: rings, timeout: Self.poll) }
    }
  }

  /// Whether there may be more.
  private func sendChanges() async throws -> Bool {
    let subscribers = subscribers.filter { !$0.isBehind }
    guard let first = subscribers.map(\.reached).min() else { return false }
    // What is read afterwards is complete up to here. What is newer comes the next time: somebody rings for it.
    let latest = try await jobs.latestVersion()
    var news = News(upTo: latest)
    if latest > first {
      let changed = try await jobs.changes(since: first, limit: Self.batch)
      let ends = try await jobs.ends(since: first, limit: Self.batch)
      news = News(changed: changed, ends: ends, batch: Self.batch, upTo: latest)
    }
    let ending = try await showStudies(to: subscribers, news)
    for item in news.items {
      let wanting = subscribers.filter { $0.wants(item.job) && $0.reached < item.version }
      guard !wanting.isEmpty else { continue }
      let event = item.event()
      for subscriber in wanting {
        subscriber.take(event, version: item.version)
        if item.isEnd, subscriber.subject == .job(item.job) { subscriber.stream.finish() }
      }
    }
    for subscriber in subscribers { subscriber.reach(news.complete) }
    for subscriber in ending { subscriber.stream.finish() }
    try await endThoseOfDeletedJobs(subscribers)
    return news.isFull
  }

  /// Ends the streams of jobs that were deleted while nobody listened, or before their streams were among the others.
  private func endThoseOfDeletedJobs(_ subscribers: [EventSubscriber]) async throws {
    for subscriber in subscribers {
      guard let id = subscriber.job, subscriber.takeDue() else { continue }
      if try await jobs.version(of: id) == nil { subscriber.endAsDeleted(id) }
    }
  }

  /// Sends the studies that have changed to those who watch them, before what has changed them.
  ///
  /// - Returns: those whose streams end after these news.
  private func showStudies(
    to subscribers: [EventSubscriber], _ news: News
  ) async throws -> [EventSubscriber] {
    let watching = subscribers.filter { $0.study != nil }
    guard !watching.isEmpty else { return [] }
    let touched = Set(news.items.map(\.job))
    if !touched.isEmpty {
      let placed = try await studies.placed(Array(touched), in: Array(Set(watching.compactMap(\.study))))
      let members = Dictionary(grouping: placed, by: \.study)
      for subscriber in watching {
        if let jobs = subscriber.study.flatMap({ members[$0] }) { subscriber.admit(jobs.map(\.job)) }
      }
    }
    let due = watching.filter { subscriber in
      subscriber.takeDue()
        || news.items.contains { $0.version > subscriber.reached && subscriber.wants($0.job) }
    }
    guard !due.isEmpty else { return [] }
    let records = try await studies.studies(Array(Set(due.compactMap(\.study))))
    let found = Dictionary(uniqueKeysWithValues: records.map { ($0.id, $0) })
    return due.filter { subscriber in
      // One that is gone tells nothing any more.
      guard let record = subscriber.study.flatMap({ found[$0] }) else { return true }
      subscriber.show(record)
      return record.state.hasEnded && record.version <= news.complete
    }
  }
}
