import Compute
import Foundation
import Synchronization
import Testing

@Suite struct ThreadTests {
  /// Threads still live for a moment after the last has said that it is done: what they were started with must not be held
  /// against the caller, whose state they used, and is gone by then.
  @Test func manyTeamsComeAndGo() {
    for _ in 0..<2000 {
      let calls = Atomic(0)
      onThreads(3, named: "team") { calls.add(1, ordering: .relaxed) }
      #expect(calls.load(ordering: .relaxed) == 3)
    }
  }

  @Test func oneThreadIsTheCallersOwn() {
    let calls = Atomic(0)
    onThreads(0, named: "nobody") { calls.add(1, ordering: .relaxed) }
    #expect(calls.load(ordering: .relaxed) == 1)
  }

  /// Threads that train stand behind those that answer, and so do those that they start; the starter's own place stays.
  @Test func trainingThreadsAndTheirHelpersAreNicer() async {
    let before = niceness()
    let (own, helpers) = await withCheckedContinuation { continuation in
      startThread("trainer", priority: .training) {
        let helpers = Mutex<[Int32]>([])
        onThreads(3, named: "helper") { helpers.withLock { $0.append(niceness()) } }
        continuation.resume(returning: (niceness(), helpers.withLock { $0 }))
      }
    }
    let inherited = await withCheckedContinuation { continuation in
      startThread("answerer") { continuation.resume(returning: niceness()) }
    }
    #expect(own >= 5 && helpers == [own, own, own])
    #expect(inherited == before)
  }
}

/// Of the calling thread.
private func niceness() -> Int32 { getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) }
