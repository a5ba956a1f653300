import Foundation
import Service
import Synchronization
import Testing

/// What takes long is made once for all who ask, and one at a time.
@Suite struct SharedValueTests {
  /// Makes values as a test says, and counts.
  private final class Workshop: Sendable {
    private let state = Mutex((begun: 0, running: 0, most: 0))
    private let bell = Wakeup()

    var begun: Int { state.withLock { $0.begun } }
    /// How many were under way at the same time, at most.
    var most: Int { state.withLock { $0.most } }

    /// Ends what is being made, and whatever will be.
    func open() { bell.ring() }

    func make<T>(_ value: T) async -> T {
      state.withLock { state in
        state.begun += 1
        state.running += 1
        state.most = max(state.most, state.running)
      }
      await bell.wait(after: 0, timeout: .seconds(3600))
      state.withLock { $0.running -= 1 }
      return value
    }
  }

  private final class Clock: Sendable {
    private let instant = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { instant.withLock { $0 } }
    func advance(_ seconds: Int) { instant.withLock { $0 += .seconds(seconds) } }
  }

  private typealias Values = SharedValues<Int>
  private let thing = UUID()

  private func stamp(_ version: Int64, shape: Int64 = 1) -> Values.Stamp {
    Values.Stamp(shape: [shape], version: version)
  }

  @Test(.timeLimit(.minutes(5))) func concurrentReadersShareOneComputation() async throws {
    let (values, workshop, thing) = (Values(), Workshop(), thing)
    let readers = (0..<20).map { _ in
      Task { try await values.value(of: thing, at: stamp(1)) { await workshop.make(7) } }
    }
    _ = try await eventually("it is begun") { workshop.begun > 0 ? true : nil }
    workshop.open()
    for reader in readers { #expect(try await reader.value == 7) }
    #expect(workshop.begun == 1)
    // And whoever comes later has it too.
    #expect(try await values.value(of: thing, at: stamp(1)) { await workshop.make(8) } == 7)
    #expect(workshop.begun == 1)
  }

  @Test(.timeLimit(.minutes(5))) func oneIsMadeAtATimeOfEachThing() async throws {
    let (values, workshop, thing) = (Values(), Workshop(), thing)
    func ask(_ version: Int64) -> Task<Int, any Error> {
      Task { try await values.value(of: thing, at: stamp(version)) { await workshop.make(Int(version)) } }
    }
    let first = ask(1)
    _ = try await eventually("it is begun") { workshop.begun == 1 ? true : nil }
    let newer = (Int64(2)...9).map { ask($0) }
    let other = UUID()
    let apart = Task { try await values.value(of: other, at: stamp(1)) { 5 } }
    // Another thing's waits for nothing.
    #expect(try await apart.value == 5)
    workshop.open()
    #expect(try await first.value == 1)
    // Those who came while the first was made may share what was begun after they came.
    for task in newer { #expect((2...9).contains(try await task.value)) }
    #expect(workshop.most == 1)
  }

  @Test func whatGoesOnChangingIsMadeNowAndThen() async throws {
    let clock = Clock()
    let values = Values(now: { clock.now })
    func ask(_ version: Int64, shape: Int64 = 1, mayBeOlder: Bool = true) async throws -> Int {
      try await values.value(of: thing, at: stamp(version, shape: shape), mayBeOlder: mayBeOlder) {
        clock.advance(10)
        return Int(version)
      }
    }
    #expect(try await ask(1) == 1)
    clock.advance(39)
    #expect(try await ask(2) == 1)
    clock.advance(1)
    #expect(try await ask(3) == 3)
    // Of a thing that has ended, or that has other parts by now, there is nothing older.
    #expect(try await ask(4, mayBeOlder: false) == 4)
    #expect(try await ask(5, shape: 2) == 5)
  }

  @Test(.timeLimit(.minutes(5))) func whoIsCalledOffWaitsNoLongerAndTheValueIsMade() async throws {
    let (values, workshop, thing) = (Values(), Workshop(), thing)
    let late = Task { try await values.value(of: thing, at: stamp(1)) { await workshop.make(7) } }
    _ = try await eventually("it is begun") { workshop.begun == 1 ? true : nil }
    late.cancel()
    await #expect(throws: CancellationError.self) { try await late.value }
    workshop.open()
    #expect(try await values.value(of: thing, at: stamp(1)) { await workshop.make(8) } == 7)
    #expect(workshop.begun == 1)
  }

  @Test func whatFailsIsMadeAgain() async throws {
    let values = Values()
    await #expect(throws: TimedOut.self) {
      try await values.value(of: thing, at: stamp(1)) { throw TimedOut(what: "it") }
    }
    #expect(try await values.value(of: thing, at: stamp(1)) { 7 } == 7)
  }
}
