import Compute
import Foundation
import Synchronization

/// A fixed team of threads that run one body together, the caller being member 0. Starting a round allocates
/// nothing; members wait for it by spinning briefly (a round follows the last one within a fraction of a
/// millisecond while a small network trains) and then on a condition.
final class ThreadTeam: Sendable {
  private let shared: TeamState

  /// `members` threads, the caller included; `body` gets the member's number.
  init(members: Int, body: @escaping @Sendable (Int) -> Void) {
    precondition(members >= 2)
    let shared = TeamState(helpers: members - 1, body: body)
    self.shared = shared
    for member in 1..<members {
      let thread = Thread {
        // A name given before the start does not reach the system.
        Thread.current.name = "shard \(member)"
        shared.help(as: member)
      }
      // The default stack of secondary threads is small on some systems.
      thread.stackSize = 1 << 21
      thread.start()
    }
  }

  deinit { shared.dismiss() }

  /// Runs the body on every member and returns when all have ended.
  func run() { shared.lead() }
}

/// The state that the members of a team share.
private final class TeamState: Sendable {
  private let helpers: Int
  private let body: @Sendable (Int) -> Void
  /// Counts rounds; a negative value dismisses the helpers.
  private let round = Atomic<Int>(0)
  private let finished = Atomic<Int>(0)
  private let condition = NSCondition()
  /// More than lies between two rounds of a small network. Being woken costs less than that, but once for every round.
  private let patience = Duration.milliseconds(1)

  init(helpers: Int, body: @escaping @Sendable (Int) -> Void) {
    self.helpers = helpers
    self.body = body
  }

  func lead() {
    finished.store(0, ordering: .relaxed)
    condition.lock()
    round.add(1, ordering: .releasing)
    condition.broadcast()
    condition.unlock()
    body(0)
    wait { finished.load(ordering: .acquiring) == helpers }
  }

  func help(as member: Int) {
    var seen = 0
    while true {
      wait { round.load(ordering: .acquiring) != seen }
      let current = round.load(ordering: .acquiring)
      if current < 0 { return }
      seen = current
      body(member)
      if finished.add(1, ordering: .acquiringAndReleasing).newValue == helpers {
        condition.lock()
        condition.broadcast()
        condition.unlock()
      }
    }
  }

  func dismiss() {
    condition.lock()
    round.store(-1, ordering: .releasing)
    condition.broadcast()
    condition.unlock()
  }

  private func wait(until isDue: () -> Bool) {
    if isDue() { return }
    let began = ContinuousClock.now
    repeat {
      // Reading the clock takes longer than looking.
      for _ in 0..<64 {
        spinPause()
        if isDue() { return }
      }
    } while began.duration(to: .now) < patience
    condition.lock()
    while !isDue() { condition.wait() }
    condition.unlock()
  }
}
