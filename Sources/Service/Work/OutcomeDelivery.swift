import Foundation
import Logging
import Persistence

/// Records how probes ended: those that end together in one transaction, and whatever happens to the database
/// in between, each until it is recorded or another attempt has taken its probe.
///
/// While the database is away outcomes are files of the data directory, so that a process that is ended
/// meanwhile delivers them at its next start.
actor OutcomeDelivery {
  private let queue: ProbeQueue
  private let outbox: Outbox
  private let logger: Logger
  /// Told of the probes that have ended, and of claims that need no lease any more.
  private let onDelivered: @Sendable ([ProbeFence]) async -> Void
  private let onFailure: @Sendable () async -> Void
  private nonisolated let bell = Wakeup()
  private var pending: [KeptOutcome] = []
  private var isClosed = false

  /// Outcomes in one transaction at most.
  private static let batch = 64

  init(
    queue: ProbeQueue, outbox: Outbox, logger: Logger,
    onDelivered: @escaping @Sendable ([ProbeFence]) async -> Void,
    onFailure: @escaping @Sendable () async -> Void
  ) {
    self.queue = queue
    self.outbox = outbox
    self.logger = logger
    self.onDelivered = onDelivered
    self.onFailure = onFailure
  }

  /// Takes an outcome on; the worker goes on with its next probe.
  func deliver(_ fence: ProbeFence, _ measurement: ProbeMeasurement) {
    pending.append(KeptOutcome(fence: fence, measurement: measurement))
    bell.ring()
  }

  /// The probes whose outcomes are not recorded yet.
  var underWay: Set<ProbeFence> { Set(pending.map(\.fence)) }

  /// A probe has ended without an outcome: its jobs are advanced.
  func hasEnded(_ fence: ProbeFence) async { await onDelivered([fence]) }

  /// Records what an earlier process left. To be done before its probes are taken back. Throws when the
  /// database is away.
  func deliverLeftovers() async throws {
    for outcome in outbox.load() { try await record([outcome]) }
  }

  /// Delivers until `close`, and then what is left.
  func run() async {
    var wait = Duration.milliseconds(200)
    while !(isClosed && pending.isEmpty) {
      let rings = bell.rings
      guard !pending.isEmpty else {
        await bell.wait(after: rings, timeout: .seconds(60))
        continue
      }
      let outcomes = Array(pending.prefix(Self.batch))
      do {
        try await record(outcomes)
        pending.removeFirst(outcomes.count)
        wait = .milliseconds(200)
      } catch {
        for outcome in pending { outbox.keep(outcome, logger) }
        await onFailure()
        logger.warning(
          "outcomes wait for the database", metadata: ["outcomes": "\(pending.count)", "error": "\(error)"])
        // Nobody takes the probes over meanwhile: whoever reclaims has been without the database as well.
        if isClosed { return }
        await bell.wait(after: .max, timeout: wait)
        wait = min(wait * 2, .seconds(2))
      }
    }
  }

  /// Delivers what is left, and ends `run`; with the database away the files stay for the next start.
  func close() {
    isClosed = true
    bell.ring()
  }

  /// Records outcomes; throws when the database is away or in trouble, and then any part may have been
  /// recorded.
  private func record(_ outcomes: [KeptOutcome]) async throws {
    do {
      let recorded = try await queue.finish(outcomes.map { ($0.fence, $0.measurement) })
      for outcome in outcomes where !recorded.contains(outcome.fence.digest) {
        // Recorded by a call whose answer was lost, or another attempt's by now.
        logger.info(
          "an outcome was not this attempt's to record", metadata: ["probe": "\(outcome.fence.digest)"])
      }
    } catch let error as DatabaseError where !error.isOutage {
      // One of them can't be stored; the others can.
      guard outcomes.count == 1 else {
        for outcome in outcomes { try await record([outcome]) }
        return
      }
      logger.error(
        "an outcome can't be stored", metadata: ["probe": "\(outcomes[0].fence.digest)", "error": "\(error)"])
      try await queue.fail(outcomes[0].fence, error: "the probe's report can't be stored: \(error)")
    }
    for outcome in outcomes { outbox.delete(outcome) }
    await onDelivered(outcomes.map(\.fence))
  }
}

/// An outcome on its way.
struct KeptOutcome: Sendable, Hashable, Codable {
  let fence: ProbeFence
  let measurement: ProbeMeasurement
}

/// Outcomes as files of the data directory, one a file, in a folder of this process's identity.
struct Outbox: Sendable {
  let folder: URL

  /// Writes an outcome to disk, once. What fails is logged: the outcome is in memory all the same.
  func keep(_ outcome: KeptOutcome, _ logger: Logger) {
    let file = file(of: outcome)
    guard !FileManager.default.fileExists(atPath: file.path) else { return }
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try JSONEncoder().encode(outcome).write(to: file, options: .atomic)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    } catch {
      logger.error(
        "an outcome can't be written to disk", metadata: ["file": "\(file.path)", "error": "\(error)"])
    }
  }

  /// Deletes an outcome that needs no delivery any more.
  func delete(_ outcome: KeptOutcome) {
    try? FileManager.default.removeItem(at: file(of: outcome))
  }

  /// What is there; files that can't be read are removed, since their probes are trained again.
  func load() -> [KeptOutcome] {
    let files =
      (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.sorted { $0.path < $1.path }.compactMap { file in
      let outcome = (try? Data(contentsOf: file)).flatMap {
        try? JSONDecoder().decode(KeptOutcome.self, from: $0)
      }
      if outcome == nil { try? FileManager.default.removeItem(at: file) }
      return outcome
    }
  }

  private func file(of outcome: KeptOutcome) -> URL {
    folder.appending(path: "\(outcome.fence.digest)-\(outcome.fence.attempt).json")
  }
}
