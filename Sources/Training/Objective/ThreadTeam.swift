import Compute
import Foundation
import Synchronization

/// A fixed team of threads that share out the tasks of one round after another, the caller being one of them. A task
/// goes to whoever is free: a thread that the system doesn't run takes none, and nobody waits for it. Starting a
/// round allocates nothing; members wait for it by spinning briefly (a round follows the last one within a fraction
/// of a millisecond while a small network trains) and then on a condition. `onThreads`, which starts threads for one piece of
/// work, would cost more than such a round. Members have the priority of the thread that makes the team.
package final class ThreadTeam: Sendable {
  private let shared: TeamState

  /// `members` threads, the caller included; `body` gets a task's number.
  package init(members: Int, body: @escaping @Sendable (Int) -> Void) {
    precondition(members >= 2)
    let shared = TeamState(body: body)
    self.shared = shared
    for member in 1..<members {
      startThread("shard \(member)") { shared.help() }
    }
  }

  deinit { shared.dismiss() }

  /// Runs the body for each of the tasks 0..<`tasks` (fewer than 65,536) and returns when all have ended. Task 0 is
  /// the caller's.
  package func run(tasks: Int) { shared.lead(tasks) }
}

/// The state that the members of a team share.
private final class TeamState: Sendable {
  private let body: @Sendable (Int) -> Void
  private let offer = Atomic(Offer.none.bits)
  /// Tasks of this round that have not ended.
  private let remaining = Atomic<Int>(0)
  private let condition = NSCondition()
  /// More than lies between two rounds of a small network. Being woken costs less than that, but once for every round.
  private let patience = Duration.milliseconds(1)

  init(body: @escaping @Sendable (Int) -> Void) { self.body = body }

  func lead(_ tasks: Int) {
    remaining.store(tasks, ordering: .relaxed)
    announce(Offer(next: 1, end: tasks))
    perform(0)
    while let task = claim() { perform(task) }
    wait { remaining.load(ordering: .acquiring) == 0 }
  }

  func help() {
    while true {
      wait { !Offer(bits: offer.load(ordering: .relaxed)).isEmpty }
      if Offer(bits: offer.load(ordering: .relaxed)) == .dismissal { return }
      while let task = claim() { perform(task) }
    }
  }

  func dismiss() { announce(.dismissal) }

  private func announce(_ new: Offer) {
    condition.lock()
    offer.store(new.bits, ordering: .releasing)
    condition.broadcast()
    condition.unlock()
  }

  /// The next task, if there is one. It is of the round that is under way, even if the offer looked at was that of an
  /// earlier one: the round can't end before the task does.
  private func claim() -> Int? {
    while true {
      let current = Offer(bits: offer.load(ordering: .relaxed))
      if current.isEmpty || current == .dismissal { return nil }
      let rest = Offer(next: current.next + 1, end: current.end)
      let isOurs = offer.weakCompareExchange(
        expected: current.bits, desired: rest.bits, ordering: .acquiringAndReleasing
      ).exchanged
      if isOurs { return current.next }
    }
  }

  private func perform(_ task: Int) {
    body(task)
    if remaining.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
      condition.lock()
      condition.broadcast()
      condition.unlock()
    }
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

/// The tasks next..<end that nobody has taken, in one word.
private struct Offer: Equatable {
  let next: Int
  let end: Int

  static let none = Offer(next: 0, end: 0)
  /// That there will be no more rounds.
  static let dismissal = Offer(next: 0, end: 0xFFFF)

  init(next: Int, end: Int) { (self.next, self.end) = (next, end) }
  init(bits: UInt32) { (next, end) = (Int(bits >> 16), Int(bits & 0xFFFF)) }

  var bits: UInt32 { UInt32(next) << 16 | UInt32(end) }
  var isEmpty: Bool { next >= end }
}
