import Foundation
import Synchronization
import Testing
import Training

@Suite("Teams of threads")
struct ThreadTeamTests {
  /// What the tasks of one round after another find and leave.
  private final class Ledger: Sendable {
    let round = Atomic(0)
    /// The round in which each task ran last, and how often it ran.
    let entries = Mutex([(round: Int, runs: Int)](repeating: (-1, 0), count: 16))
    let caller = pthread_self()
    let strangersAtZero = Atomic(0)

    func note(_ task: Int) {
      let round = round.load(ordering: .relaxed)
      entries.withLock { $0[task] = (round, $0[task].runs + 1) }
      if task == 0, pthread_self() != caller { strangersAtZero.add(1, ordering: .relaxed) }
    }
  }

  @Test("every task of every round runs once, the first on the caller", arguments: [2, 3, 8])
  func tasks(members: Int) {
    let ledger = Ledger()
    let team = ThreadTeam(members: members) { ledger.note($0) }
    var runs = [Int](repeating: 0, count: 16)
    for round in 0..<3000 {
      let tasks = 1 + round % 16
      ledger.round.store(round, ordering: .relaxed)
      team.run(tasks: tasks)
      for task in 0..<tasks { runs[task] += 1 }
      // Now and then so long that the helpers fall asleep.
      if round % 500 == 499 { Thread.sleep(forTimeInterval: 0.005) }
      let entries = ledger.entries.withLock { $0 }
      #expect(entries.prefix(tasks).allSatisfy { $0.round == round })
      #expect(entries.map(\.runs) == runs)
    }
    #expect(ledger.strangersAtZero.load(ordering: .relaxed) == 0)
  }

  @Test("a helper that is held up keeps one task, and no more")
  func aBusyHelper() {
    let caller = pthread_self()
    let others = Atomic(0)
    let isHeld = Atomic(false)
    let team = ThreadTeam(members: 2) { _ in
      guard pthread_self() != caller, !isHeld.exchange(true, ordering: .acquiringAndReleasing) else {
        others.add(1, ordering: .acquiringAndReleasing)
        return
      }
      // Until the fifteen others have ended, which nobody but the caller can see to.
      let began = ContinuousClock.now
      while others.load(ordering: .acquiring) < 15, began.duration(to: .now) < .seconds(60) { sched_yield() }
      #expect(others.load(ordering: .acquiring) == 15)
    }
    team.run(tasks: 16)
    let held = isHeld.load(ordering: .acquiring) ? 1 : 0
    #expect(others.load(ordering: .acquiring) + held == 16)
  }
}
