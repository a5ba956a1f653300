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
  struct State {
    var isConnected = false
    var isClosed = false
    /// Raised whenever what is known is forgotten: what was read before isn't noted after.
    var epoch = 0
    /// The last version that was heard of each job; nil: it was deleted.
    var versions: [UUID: Int64?] = [:]
    /// Those who wait for a job.
    var bells: [UUID: (bell: Wakeup, waiting: Int)] = [:]
    var subscribers: [ObjectIdentifier: EventSubscriber] = [:]
  }

  let state = Mutex(State())
  private let events: NotificationListener
  let jobs: JobStore
  let studies: StudyStore
  let logger: Logger
  /// Rings at any change of any job.
  let anyChange = Wakeup()
  /// Rings when somebody comes who has missed something.
  let newcomers = Wakeup()

  /// Jobs whose versions are known at a time.
  private static let knownLimit = 200_000

  /// - Parameter database: answers who listens; the pool of requests.
  package init(events: NotificationListener, database: Database, logger: Logger) {
    self.events = events
    jobs = JobStore(database: database, engineRevision: engineRevision)
    studies = StudyStore(jobs: jobs)
    self.logger = logger
  }

  /// Listens until graceful shutdown; then nobody waits any longer and every stream ends.
  package func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        group.addTask { await self.listen() }
        group.addTask { await self.serve() }
        group.addTask { await self.bringUpThoseBehind() }
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
        // Deletions have no version that could be missed.
        lookForDeletions()
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
        tellDeletion(of: id)
        lookAfterStudies(of: id)
        ring(id)
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
}

extension UUID {
  /// As the API writes it.
  var shown: String { uuidString.lowercased() }
}
