import Compute
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
}
