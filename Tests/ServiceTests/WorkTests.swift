import Foundation
import Logging
import Service
import Synchronization
import Testing

/// What waiting, stopping and waking rest on.
@Suite struct WorkTests {
  @Test func aTimeoutThatIsOverBeforeTheWaitHasBegunEndsIt() async {
    let bell = Wakeup()
    // Whichever comes first, the timeout or the wait: each order occurs many times here.
    for _ in 0..<20_000 { await bell.wait(after: 0, timeout: .zero) { _ in } }
  }

  @Test func aRingBetweenLookingAndWaitingIsNotMissed() async {
    let bell = Wakeup()
    let rings = bell.rings
    bell.ring()
    await bell.wait(after: rings, timeout: .seconds(3600))
    #expect(bell.rings == rings + 1)
  }

  @Test func aRingWakesEveryoneAndACancellationOnlyOne() async {
    let bell = Wakeup()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<10 { group.addTask { await bell.wait(after: 0, timeout: .seconds(3600)) } }
      let cancelled = Task { await bell.wait(after: 0, timeout: .seconds(3600)) }
      cancelled.cancel()
      await cancelled.value
      #expect(bell.rings == 0)
      bell.ring()
    }
  }

  /// A thread that is inside one long step hears of nothing: nobody waits for it.
  @Test func whoDoesNotEndInTimeIsNotWaitedFor() async throws {
    let begun = DispatchSemaphore(value: 0)
    let release = DispatchSemaphore(value: 0)
    defer { release.signal() }
    let task = Task {
      try await detachedFromCancellation(after: .milliseconds(20)) {
        begun.signal()
        release.wait()
      }
    }
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        begun.wait()
        continuation.resume()
      }
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func whoEndsWithinTheGraceIsHeard() async throws {
    let task = Task {
      try await detachedFromCancellation(after: .seconds(3600)) { () -> Int in
        // Until the cancellation, which has its own way of telling the thread.
        usleep(1000)
        return 7
      }
    }
    task.cancel()
    let result = await task.result
    // Cancelled before it began, or heard to its end.
    switch result {
    case .success(let value): #expect(value == 7)
    case .failure(let error): #expect(error is CancellationError)
    }
  }

  @Test func theProcessEndsAFixedTimeAfterTheSignalWhateverRuns() async throws {
    // Until the source listens, the signal does nothing.
    signal(SIGUSR2, SIG_IGN)
    let hasEnded = Atomic(false)
    let deadline = ExitDeadline(after: 0.01, signals: [SIGUSR2], logger: quiet) {
      hasEnded.store(true, ordering: .relaxed)
    }
    _ = try await eventually("the end") {
      kill(getpid(), SIGUSR2)
      return hasEnded.load(ordering: .relaxed) ? true : nil
    }
    withExtendedLifetime(deadline) {}
  }

  @Test func aBudgetLetsInWhatFitsInOrderOfArrival() async throws {
    let budget = Budget(10, patience: .milliseconds(50))
    let gauge = Gauge()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for amount in [4, 6, 3, 7, 10, 20, 1] {
        group.addTask {
          for _ in 0..<50 {
            do {
              try await budget.holding(amount) {
                gauge.add(min(10, amount))
                await Task.yield()
                gauge.add(-min(10, amount))
              }
            } catch is BudgetError {}
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(gauge.most <= 10 && gauge.now == 0)
    // Who finds none for too long is told so.
    try await budget.holding(10) {
      _ = await #expect(throws: BudgetError.self) { try await budget.holding(1) {} }
    }
    try await budget.holding(10) {}
  }
}

/// What is held at once, and the most that ever was.
private final class Gauge: Sendable {
  private let state = Mutex([0, 0])
  var now: Int { state.withLock { $0[0] } }
  var most: Int { state.withLock { $0[1] } }
  func add(_ amount: Int) {
    state.withLock { state in
      state[0] += amount
      state[1] = max(state[0], state[1])
    }
  }
}
