import Foundation
import Logging
import Persistence
import Synchronization

/// What the workers of a process train: claims probes for those that are idle, a few ahead where probes are
/// short, and keeps the leases of all that the process holds.
actor ProbeSupply {
  private let queue: ProbeQueue
  private let team: WorkerTeam
  private let memoryLimit: Int
  /// What this machine lacks: probes that draw from it are left to others for a while.
  private let lacks: Lacks
  private let logger: Logger
  /// Rings when there may be something to claim, or somebody to claim for.
  nonisolated let bell: Wakeup

  /// Every claim of this process that has not been recorded or handed back.
  private var holdings: [ProbeFence: Holding] = [:]
  /// Claimed and not begun.
  private var ahead: [ClaimedProbe] = []
  private var idle: [CheckedContinuation<ClaimedProbe?, Never>] = []
  private var isClosed = false
  /// A moving mean of what probes took lately.
  private var usualSeconds: Double?
  /// Since when no call of the database has failed.
  private var connectedSince = ContinuousClock.now

  private struct Holding {
    let claim: ClaimedProbe
    let stop = StopFlag()
  }

  /// How long a probe stays with a worker that gives no sign of life.
  static let lease = Duration.seconds(30)
  /// Six beats a lease; also how long a probe that nobody wants any more may go on.
  static let heartbeatInterval = lease / 6
  /// How long a process must have had the database before it takes back what others abandoned: those that
  /// were cut off like itself have extended their leases by then.
  static let reclaimPatience = lease / 2
  /// How long a worker waits for a notification before it looks for itself.
  private static let pollInterval = Duration.seconds(1)
  /// Seconds of training that are claimed ahead, and probes at most.
  private static let secondsAhead = 0.1
  private static let mostAhead = 32

  init(
    queue: ProbeQueue, team: WorkerTeam, memoryLimit: Int = .max, lacks: Lacks, bell: Wakeup = Wakeup(),
    logger: Logger
  ) {
    self.queue = queue
    self.team = team
    self.memoryLimit = memoryLimit
    self.lacks = lacks
    self.bell = bell
    self.logger = logger
  }

  // MARK: For workers

  /// The next probe to train, with the flag that says when to stop; nil once the supply is closed.
  func next() async -> (claim: ClaimedProbe, stop: StopFlag)? {
    let claim: ClaimedProbe?
    if isClosed {
      claim = nil
    } else if !ahead.isEmpty {
      claim = ahead.removeFirst()
      if ahead.count <= wantedAhead / 2 { bell.ring() }
    } else {
      claim = await withCheckedContinuation { continuation in
        idle.append(continuation)
        bell.ring()
      }
    }
    guard let claim, let holding = holdings[claim.fence] else { return nil }
    return (claim, holding.stop)
  }

  /// The claim is recorded, handed back or lost: it needs no lease any more.
  func release(_ fence: ProbeFence) {
    holdings[fence] = nil
  }

  /// Notes how long a probe took.
  func trained(seconds: Double) {
    usualSeconds = usualSeconds.map { 0.8 * $0 + 0.2 * seconds } ?? seconds
  }

  // MARK: Claiming

  /// Claims for idle workers until it is closed.
  func claimForWorkers() async {
    while !isClosed {
      let rings = bell.rings
      var isAway = false
      do {
        if wants, try await claim() { continue }
      } catch {
        noteFailure()
        isAway = true
        logger.warning("workers have no database", metadata: ["error": "\(error)"])
      }
      let isWaiting = !idle.isEmpty
      await bell.wait(
        after: isAway ? .max : rings, timeout: isWaiting || isAway ? Self.pollInterval : .seconds(60))
    }
  }

  private var wants: Bool { !idle.isEmpty || ahead.count < wantedAhead / 2 }

  /// How many probes are claimed beyond those that are trained.
  private var wantedAhead: Int {
    guard let usualSeconds, usualSeconds < Self.secondsAhead else { return 0 }
    return min(Self.mostAhead, Int((Self.secondsAhead / max(usualSeconds, 1e-4)).rounded(.up)) * team.count)
  }

  /// Claims; false where nothing was there.
  private func claim() async throws -> Bool {
    let used = holdings.values.reduce(0) { $0 + ($1.claim.memory ?? 0) }
    let claimant = ProbeClaimant(
      worker: team.name, memory: max(0, memoryLimit - used), lackingDatasets: lacks.postponed)
    let claims = try await queue.claim(claimant, limit: idle.count + max(0, wantedAhead - ahead.count))
    // All of them before anything is awaited: whatever becomes of one, the leases of the others are kept.
    for claim in claims { holdings[claim.fence] = Holding(claim: claim) }
    var left = claimant.memory
    var surplus: [ClaimedProbe] = []
    for claim in claims {
      guard !isClosed, claim.memory ?? 0 <= left else {
        surplus.append(claim)
        continue
      }
      left -= claim.memory ?? 0
      if idle.isEmpty { ahead.append(claim) } else { idle.removeFirst().resume(returning: claim) }
    }
    for claim in surplus { await handBack(claim) }
    return !claims.isEmpty
  }

  /// Hands a claim back that nobody here begins. Where the database is away its lease runs out.
  private func handBack(_ claim: ClaimedProbe) async {
    do {
      try await queue.handBack(claim)
    } catch {
      noteFailure()
      logger.warning(
        "a claim was not handed back", metadata: ["probe": "\(claim.digest)", "error": "\(error)"])
    }
    release(claim.fence)
  }

  // MARK: Leases

  /// Extends the leases of all that is held, again and again until the task is cancelled. What is lost or
  /// wanted by nobody stops.
  func keepLeases() async {
    var wait = Self.heartbeatInterval
    while (try? await Task.sleep(for: wait)) != nil {
      do {
        try await beat()
        wait = Self.heartbeatInterval
      } catch {
        // As soon as the database is back, leases are extended before anybody takes over.
        noteFailure()
        wait = .seconds(1)
      }
    }
  }

  private func beat() async throws {
    let beaten = Array(holdings.values)
    let held = try await queue.heartbeat(beaten.map(\.claim))
    for holding in beaten where !held.contains(holding.claim.digest) {
      holding.stop.raise()
      if let index = ahead.firstIndex(where: { $0.fence == holding.claim.fence }) {
        ahead.remove(at: index)
        release(holding.claim.fence)
      }
    }
  }

  /// A call of the database has failed.
  func noteFailure() { connectedSince = .now }

  /// Takes back what other processes abandoned, unless the database has only just come back.
  func reclaim() async throws {
    guard ContinuousClock.now - connectedSince >= Self.reclaimPatience else { return }
    do {
      let taken = try await queue.reclaim()
      if !taken.isEmpty {
        logger.notice(
          "probes of workers that are gone go back into the queue", metadata: ["probes": "\(taken.count)"])
      }
    } catch {
      noteFailure()
      throw error
    }
  }

  // MARK: Closing

  /// Hands back what is still being trained: a thread that is inside one long step hears of nothing, and what it
  /// may yet find is fenced off.
  ///
  /// - Parameter delivered: what has ended and is on its way into the database, which would refuse it afterwards.
  func handBackHeld(but delivered: Set<ProbeFence>) async {
    for (fence, holding) in holdings where !delivered.contains(fence) {
      _ = try? await queue.handBack(holding.claim)
    }
  }

  /// Stops what is trained and claims nothing more; what was claimed ahead is handed back.
  func close() async {
    isClosed = true
    for holding in holdings.values { holding.stop.raise() }
    for waiter in idle { waiter.resume(returning: nil) }
    idle = []
    let unbegun = ahead
    ahead = []
    bell.ring()
    for claim in unbegun {
      do {
        try await queue.handBack(claim)
      } catch {
        // Its lease runs out, or the next start takes it back.
        return
      }
      release(claim.fence)
    }
  }
}

/// The workers of one process.
struct WorkerTeam: Sendable {
  /// What their claims are kept under, in this process alone.
  let name: String
  let count: Int
}
