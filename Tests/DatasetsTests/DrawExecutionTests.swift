import Datasets
import Foundation
import Synchronization
import Testing
@Suite("How a draw is carried out")
struct DrawExecutionTests {
  private static let width = 1 << 12
  private static let rows = 4_096

  @Test("every row is written once, on no more threads than were asked for", arguments: [1, 2, 5])
  func threads(_ threads: Int) throws {
    let written = Mutex<[Int]>(Array(repeating: 0, count: Self.rows))
    let seen = Mutex<Set<UInt>>([])
    let caller = pthread_self()
    try DrawExecution(threads: threads).forEachRange(of: Self.rows, width: Self.width) { rows in
      written.withLock { written in for row in rows { written[row] += 1 } }
      seen.withLock { _ = $0.insert(UInt(pthread_self())) }
    }
    #expect(written.withLock { $0.allSatisfy { $0 == 1 } })
    #expect(seen.withLock { 1...threads ~= $0.count })
    if threads == 1 { #expect(seen.withLock { $0 } == [UInt(caller)]) }
  }

  @Test("threads beside the caller's have its priority, not the process's")
  func priority() async throws {
    // The caller holds on to its first rows until another thread has come by.
    let priorities = try await withCheckedThrowingContinuation { continuation in
      let thread = Thread {
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 7)
        let caller = UInt(pthread_self())
        let helped = DispatchSemaphore(value: 0)
        let found = Mutex<[Int32]>([])
        let result = Result {
          try DrawExecution(threads: 2).forEachRange(of: Self.rows, width: Self.width) { _ in
            if UInt(pthread_self()) == caller {
              helped.wait()
              helped.signal()
            } else {
              found.withLock { $0.append(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)) }
              helped.signal()
            }
          }
        }
        continuation.resume(with: result.map { _ in found.withLock { $0 } })
      }
      thread.start()
    }
    #expect(!priorities.isEmpty)
    #expect(priorities.allSatisfy { $0 == 7 })
  }

  @Test("a draw that is called off ends between two rows, on all threads", arguments: [1, 3])
  func calledOff(_ threads: Int) throws {
    let calls = Mutex(0)
    let execution = DrawExecution(threads: threads, shouldStop: { calls.withLock { $0 } >= 5 })
    #expect(throws: DatasetError.interrupted) {
      try execution.forEachRange(of: Self.rows, width: Self.width) { _ in calls.withLock { $0 += 1 } }
    }
    // Each thread may have begun one range before the fifth ended.
    #expect(calls.withLock { 5...(5 + threads) ~= $0 })
  }

  @Test(
    "every kind of data polls within a draw",
    arguments: [
      DatasetReference.gaussian(dimensions: 1_000_000, classes: 2),
      .prototypes(Large.prototypes), .teacher(Large.teacher),
    ])
  func sourcesPoll(_ reference: DatasetReference) throws {
    let folder = try TemporaryFolder()
    let library = DatasetLibrary(directory: folder.url)
    let polls = Mutex(0)
    let execution = DrawExecution(shouldStop: {
      polls.withLock {
        $0 += 1; return $0 > 4
      }
    })
    // To its end it would take minutes.
    #expect(throws: DatasetError.interrupted) {
      try library.open(reference).subset(
        SubsetRequest(samples: 100, key: SubsetKey(seed: 1, samples: 100, replicate: 0)), execution: execution
      )
    }
    #expect(polls.withLock { $0 } == 5)
  }

  @Test("the drawn bits depend on neither threads nor polls")
  func bits() throws {
    let folder = try TemporaryFolder()
    let dataset = try DatasetLibrary(directory: folder.url).open(.gaussian(dimensions: 40_000, classes: 3))
    let request = SubsetRequest(samples: 130, key: SubsetKey(seed: 9, samples: 130, replicate: 1))
    let one = try dataset.subset(request)
    let three = try dataset.subset(request, execution: DrawExecution(threads: 3))
    #expect(Array(one.inputs.elements) == Array(three.inputs.elements))
    #expect(one.labels == three.labels)
  }
}

/// Options of data whose draw takes long.
private enum Large {
  static var prototypes: PrototypeOptions {
    var options = PrototypeOptions()
    (options.height, options.width, options.channels) = (256, 256, 16)
    return options
  }
  static var teacher: TeacherOptions {
    var options = TeacherOptions()
    (options.dimensions, options.hidden) = (100_000, 4_096)
    return options
  }
}
