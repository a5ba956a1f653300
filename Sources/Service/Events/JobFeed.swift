import Capacity
import Foundation
import HTTPServer
import Logging
import Persistence
import ServiceLifecycle
import Synchronization

/// What this process knows of jobs' changes, from one connection that listens: the versions that jobs have, for who asks
/// whether something has changed; a bell for who waits for it; and streams of events.
///
/// Versions are only known while there is a connection: whoever asks in between looks into the database.
package final class JobFeed: ServiceLifecycle.Service, Sendable {
  private struct State {
    var isConnected = false
    var isClosed = false
    /// Raised whenever what is known is forgotten: what was read before isn't noted after.
    var epoch = 0
    /// The last version that was heard of each job; nil: it was deleted.
    var versions: [UUID: Int64?] = [:]
    /// Those who wait for a job.
    var bells: [UUID: (bell: Wakeup, waiting: Int)] = [:]
    var subscribers: [ObjectIdentifier: Subscriber] = [:]
  }

  private let state = Mutex(State())
  private let events: NotificationListener
  private let jobs: JobStore
  private let logger: Logger
  /// Rings at any change of any job.
  private let anyChange = Wakeup()

  /// Jobs whose versions are known at a time.
  private static let knownLimit = 200_000
  /// Changes that are read from the database at a time.
  private static let batch = 200
  /// How often streams are served without having heard anything: what a lost notification would have told.
  private static let poll = Duration.seconds(5)
  private static let pause = Duration.milliseconds(20)

  /// - Parameter database: answers who listens; the pool of requests.
  package init(events: NotificationListener, database: Database, logger: Logger) {
    self.events = events
    jobs = JobStore(database: database, engineRevision: engineRevision)
    self.logger = logger
  }

  /// Listens until graceful shutdown; then nobody waits any longer and every stream ends.
  package func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        group.addTask { await self.listen() }
        group.addTask { await self.serve() }
      }
    }
    close()
  }

  private func close() {
    let (bells, streams) = state.withLock { state in
      state.isClosed = true
      state.isConnected = false
      return (state.bells.values.map(\.bell), state.subscribers.values.map(\.stream))
    }
    for bell in bells { bell.ring() }
    anyChange.ring()
    for stream in streams { stream.finish() }
  }

  // MARK: Versions

  /// When something was read: noting it later tells whether it still stands.
  struct Mark: Sendable { fileprivate let epoch: Int }

  /// To be taken before a job is read.
  var mark: Mark { state.withLock { Mark(epoch: $0.epoch) } }

  /// The version that a job has; nil where that isn't known.
  func version(of id: UUID) -> Int64? {
    state.withLock { state in state.isConnected ? state.versions[id] ?? nil : nil }
  }

  /// A job was read, or changed by this process.
  func note(_ id: UUID, version: Int64, since mark: Mark) {
    state.withLock { state in
      guard state.epoch == mark.epoch, state.isConnected else { return }
      guard let known = state.versions[id] else { return Self.set(version, of: id, &state) }
      // What was deleted stays so.
      if let known { state.versions[id] = max(known, version) }
    }
  }

  /// Nothing is known of some jobs any more: this process has changed them.
  func forget(_ ids: [UUID]) {
    state.withLock { state in
      for id in ids { state.versions.removeValue(forKey: id) }
    }
  }

  private static func set(_ version: Int64?, of id: UUID, _ state: inout State) {
    if state.versions.count >= knownLimit {
      state.versions = [:]
      state.epoch += 1
    }
    state.versions[id] = .some(version)
  }

  // MARK: Waiting

  /// Whether nobody is to wait any longer: the process ends.
  var isClosed: Bool { state.withLock { $0.isClosed } }

  /// Waits for a change of a job, or of any; `body` gets a function that returns at the next change after the body began, or
  /// when the time is up.
  func watching<T>(
    _ id: UUID?, _ body: (_ next: (_ timeout: Duration) async -> Void) async throws -> T
  ) async rethrows -> T {
    let bell = id.map(bell) ?? anyChange
    defer { if let id { leave(id) } }
    var rings = bell.rings
    return try await body { timeout in
      guard !isClosed else { return }
      await bell.wait(after: rings, timeout: timeout)
      rings = bell.rings
    }
  }

  private func bell(_ id: UUID) -> Wakeup {
    state.withLock { state in
      let bell = state.bells[id]?.bell ?? Wakeup()
      state.bells[id] = (bell, (state.bells[id]?.waiting ?? 0) + 1)
      return bell
    }
  }

  private func leave(_ id: UUID) {
    state.withLock { state in
      guard let entry = state.bells[id] else { return }
      state.bells[id] = entry.waiting > 1 ? (entry.bell, entry.waiting - 1) : nil
    }
  }

  private func ring(_ id: UUID) {
    state.withLock { $0.bells[id]?.bell }?.ring()
    anyChange.ring()
  }

  // MARK: Listening

  private func listen() async {
    for await event in events.events() {
      switch event {
      case .connected:
        let ids = forget(isConnected: true)
        for id in ids { ring(id) }
        anyChange.ring()
      case .disconnected: _ = forget(isConnected: false)
      case .job(let id, _, let version):
        state.withLock { state in
          let known = state.versions[id] ?? nil
          Self.set(max(version, known ?? 0), of: id, &state)
        }
        ring(id)
      case .jobDeleted(let id, _):
        state.withLock { Self.set(nil, of: id, &$0) }
        ring(id)
        tell(id, ServerSentEvent(name: "deleted", data: JSONValue.object(["id": .string(id.shown)]).text()))
      case .probeEnded(let id, _): ring(id)
      case .training(let id, let text): tell(id, ServerSentEvent(name: "training", data: text))
      case .probesQueued: break
      }
    }
  }

  /// Nothing is known; the jobs that somebody waits for.
  private func forget(isConnected: Bool) -> [UUID] {
    state.withLock { state in
      state.isConnected = isConnected && !state.isClosed
      state.epoch += 1
      state.versions = [:]
      return Array(state.bells.keys)
    }
  }

  // MARK: Streams

  /// One who is sent events, and up to which version everything was.
  private final class Subscriber: Sendable {
    let stream: EventStream
    let job: UUID?
    private let position: Mutex<Int64>

    init(_ stream: EventStream, job: UUID?, position: Int64) {
      self.stream = stream
      self.job = job
      self.position = Mutex(position)
    }

    func wants(_ id: UUID) -> Bool { job == nil || job == id }

    var reached: Int64 { position.withLock { $0 } }

    /// Everything up to a version was sent, or is of no concern.
    func reach(_ version: Int64) { position.withLock { $0 = max($0, version) } }

    /// Sends what is new to it.
    func take(_ event: ServerSentEvent, version: Int64) {
      let isNew = position.withLock { position in
        guard version > position else { return false }
        position = version
        return true
      }
      if isNew { stream.send(event) }
    }
  }

  /// A stream of what happens from now on, after what has happened since the version that the client saw last.
  ///
  /// - Parameter last: the id of the last event that the client has; nil: it has none.
  func stream(ofAllSince last: Int64?) async throws -> EventStream {
    let position = if let last { last } else { try await jobs.latestVersion() }
    let stream = EventStream(limit: Self.streamLimit)
    subscribe(Subscriber(stream, job: nil, position: position))
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
    let ends =
      if let last { try await jobs.ends(since: last, of: id, limit: Self.batch) } else { [Self.End]() }
    // Up to here nothing is missing: whatever was there when the first, or the job, was read.
    var complete = max(start, current.version)
    if ends.count == Self.batch, let end = ends.last { complete = min(complete, end.version) }
    let stream = EventStream(limit: Self.streamLimit)
    let subscriber = Subscriber(stream, job: id, position: last ?? 0)
    for end in ends where end.version < min(current.version, complete) {
      subscriber.take(Self.event(end), version: end.version)
    }
    if current.version <= complete {
      subscriber.take(Self.event(current), version: current.version)
      for end in ends where end.version <= complete { subscriber.take(Self.event(end), version: end.version) }
      if current.state.hasEnded {
        stream.finish()
        return stream
      }
    }
    subscriber.reach(complete)
    subscribe(subscriber)
    return stream
  }

  /// Bytes that wait for a client: a few hundred jobs, or probes with their curves.
  private static let streamLimit = 2 << 20

  private typealias End = (job: UUID, version: Int64, probe: ProbeRecord)

  private func subscribe(_ subscriber: Subscriber) {
    let key = ObjectIdentifier(subscriber)
    let isClosed = state.withLock { state in
      if !state.isClosed { state.subscribers[key] = subscriber }
      return state.isClosed
    }
    if isClosed { return subscriber.stream.finish() }
    subscriber.stream.whenEnded { [weak self] in
      _ = self?.state.withLock { $0.subscribers.removeValue(forKey: key) }
    }
    anyChange.ring()
  }

  private var subscribers: [Subscriber] { state.withLock { Array($0.subscribers.values) } }

  /// Tells those who watch a job what has no version.
  private func tell(_ id: UUID, _ event: ServerSentEvent) {
    for subscriber in subscribers where subscriber.wants(id) { subscriber.stream.send(event) }
  }

  /// Sends what has changed, in the order of versions, to everybody who hasn't had it.
  private func serve() async {
    while !Task.isCancelled {
      let rings = anyChange.rings
      var isMore = false
      do {
        isMore = try await sendChanges()
      } catch {
        logger.debug("events wait for the database", metadata: ["error": "\(error)"])
        if (try? await Task.sleep(for: .milliseconds(500))) == nil { return }
      }
      // Changes that come together are read together.
      if (try? await Task.sleep(for: Self.pause)) == nil { return }
      if !isMore { await anyChange.wait(after: rings, timeout: Self.poll) }
    }
  }

  /// Whether there may be more.
  private func sendChanges() async throws -> Bool {
    let subscribers = subscribers
    guard let first = subscribers.map(\.reached).min() else { return false }
    // What is read afterwards is complete up to here. What is newer comes the next time: somebody rings for it.
    var complete = try await jobs.latestVersion()
    guard complete > first else { return false }
    let changed = try await jobs.changes(since: first, limit: Self.batch)
    let ends = try await jobs.ends(since: first, limit: Self.batch)
    let isFull = changed.count == Self.batch || ends.count == Self.batch
    if changed.count == Self.batch, let last = changed.last { complete = min(complete, last.version) }
    if ends.count == Self.batch, let last = ends.last { complete = min(complete, last.version) }
    var news: [(version: Int64, job: UUID, isEnd: Bool, event: () -> ServerSentEvent)] = []
    for job in changed { news.append((job.version, job.id, job.state.hasEnded, { Self.event(job) })) }
    for end in ends { news.append((end.version, end.job, false, { Self.event(end) })) }
    for item in news.sorted(by: { $0.version < $1.version }) where item.version <= complete {
      let wanting = subscribers.filter { $0.wants(item.job) && $0.reached < item.version }
      guard !wanting.isEmpty else { continue }
      let event = item.event()
      for subscriber in wanting {
        subscriber.take(event, version: item.version)
        if item.isEnd, subscriber.job != nil { subscriber.stream.finish() }
      }
    }
    for subscriber in subscribers { subscriber.reach(complete) }
    return isFull
  }

  private static func event(_ job: JobRecord) -> ServerSentEvent {
    ServerSentEvent(
      id: String(job.version), name: "job", data: String(decoding: job.json().bytes, as: UTF8.self))
  }

  private static func event(_ end: End) -> ServerSentEvent {
    let text = JSONText.extended(end.probe.json, "job", .value(.string(end.job.shown)))
    return ServerSentEvent(
      id: String(end.version), name: "probe", data: String(decoding: text.bytes, as: UTF8.self))
  }
}

extension UUID {
  /// As the API writes it.
  var shown: String { uuidString.lowercased() }
}
