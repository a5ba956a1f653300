import Compute
import Foundation
import Synchronization

/// Trains the probes of several measurements on a few threads: each content once, whoever asks for it, and of those that
/// ask each in turn, so that many probes of one measurement don't hold up the few of another.
package final class ProbePool: Sendable {
  /// Trains a probe on so many threads.
  package typealias Training = @Sendable (_ threads: Int) throws -> ProbeResult

  /// A probe that is asked for.
  package struct Request: Sendable {
    let digest: String
    let address: ProbeAddress
    /// Bytes that training it takes.
    let memory: Int
    let training: Training

    /// A probe of a content.
    package init(digest: String, address: ProbeAddress, memory: Int, training: @escaping Training) {
      self.digest = digest
      self.address = address
      self.memory = memory
      self.training = training
    }
  }

  /// How many probes were asked for, and what became of them.
  package struct Counts: Sendable, Hashable {
    /// Asked for by measurements.
    package var asked = 0
    /// Trained here.
    package var trained = 0
    /// Known from an earlier run.
    package var known = 0
    /// Answered by a probe that another measurement had asked for.
    package var shared = 0
    /// Steps of what was trained here.
    package var steps = 0
    /// Seconds that this took, of all threads together.
    package var seconds = 0.0
  }

  private struct State {
    var results: [String: ProbeResult]
    let known: Set<String>
    /// What has been asked for.
    var wanted: Set<String> = []
    /// Under way or waiting for a thread.
    var pending: Set<String> = []
    /// Each asking's probes that wait for a thread; the first is served next.
    var waiting: [[Request]] = []
    var running = 0
    var memory = 0
    /// Why probes could not be trained, by their digests.
    var failures: [String: any Error] = [:]
    var isClosed = false
    var counts = Counts()

    /// Lets those of these wait for a thread that nobody else has asked for; what one measurement stopped another may still want.
    mutating func wait(for requests: [Request]) {
      for request in requests where failures[request.digest] is CancellationError {
        failures[request.digest] = nil
        pending.remove(request.digest)
      }
      let missing = requests.filter { results[$0.digest] == nil && pending.insert($0.digest).inserted }
      if !missing.isEmpty { waiting.append(missing) }
    }
  }

  private let state: Mutex<State>
  /// Signalled at every change. Its lock is held where the state is read for what to wait for.
  private let changed = NSCondition()
  private let workers: Int
  private let memoryLimit: Int
  private let onEnd: @Sendable (String, ProbeResult) -> Void
  private let threads = DispatchGroup()

  /// A pool whose threads run until it is closed.
  ///
  /// - Parameters:
  ///   - workers: how many probes are trained at once.
  ///   - memoryLimit: bytes that they may take together; one that takes more by itself is trained alone.
  ///   - known: probes that have ended before, by their content addresses.
  ///   - onEnd: called from a thread of the pool with each probe that has been trained.
  package init(
    workers: Int, memoryLimit: Int, known: [String: ProbeResult] = [:],
    onEnd: @escaping @Sendable (String, ProbeResult) -> Void = { _, _ in }
  ) {
    precondition(workers > 0, "a pool needs a worker")
    self.workers = workers
    self.memoryLimit = memoryLimit
    self.onEnd = onEnd
    state = Mutex(State(results: known, known: Set(known.keys)))
    for _ in 0..<workers {
      threads.enter()
      startThread("emc training") { [self] in
        work()
        threads.leave()
      }
    }
  }

  /// How many probes have been asked for and trained.
  package var counts: Counts { state.withLock { $0.counts } }

  /// Ends the threads once what is waiting has been trained.
  package func close() {
    change { $0.isClosed = true }
    threads.wait()
  }

  /// The results of these probes, in their order, when all have ended.
  ///
  /// - Parameters:
  ///   - shouldStop: whether the asking measurement is to end. A probe that another one stopped is trained for this one still.
  ///   - onResult: called, from this thread, with each result as it comes.
  /// - Throws: what training one of them threw.
  package func train(
    _ requests: [Request], shouldStop: () -> Bool = { false }, onResult: (ProbeResult) -> Void = { _ in }
  ) throws -> [ProbeResult] {
    change { state in
      state.counts.asked += requests.count
      for request in requests {
        if !state.wanted.insert(request.digest).inserted {
          state.counts.shared += 1
        } else if state.known.contains(request.digest) {
          state.counts.known += 1
        }
      }
      state.wait(for: requests)
    }
    var told: Set<Int> = []
    while true {
      changed.lock()
      let (found, failure) = state.withLock { state -> ([ProbeResult?], (any Error)?) in
        (
          requests.map { state.results[$0.digest]?.at($0.address) },
          requests.first { state.failures[$0.digest] != nil }.flatMap { state.failures[$0.digest] }
        )
      }
      let news = found.enumerated().filter { $0.element != nil && !told.contains($0.offset) }
      if news.isEmpty, failure == nil, told.count < requests.count { changed.wait() }
      changed.unlock()
      for (index, result) in news {
        told.insert(index)
        if let result { onResult(result) }
      }
      if told.count == requests.count { return found.compactMap(\.self) }
      if shouldStop() { throw CancellationError() }
      guard let failure else { continue }
      guard failure is CancellationError else { throw failure }
      change { $0.wait(for: requests) }
    }
  }

  private func change<R>(_ body: (inout State) -> R) -> R {
    changed.lock()
    defer {
      changed.broadcast()
      changed.unlock()
    }
    return state.withLock { body(&$0) }
  }

  private func work() {
    while let (request, threads) = next() {
      let started = ContinuousClock.now
      let result = Result { try request.training(threads) }
      let seconds = (ContinuousClock.now - started) / .seconds(1)
      if case .success(let result) = result { onEnd(request.digest, result) }
      change { state in
        state.running -= 1
        state.memory -= request.memory
        state.counts.seconds += seconds
        switch result {
        case .success(let result):
          state.results[request.digest] = result
          state.counts.trained += 1
          state.counts.steps += result.steps
        case .failure(let error): state.failures[request.digest] = error
        }
      }
    }
  }

  /// The next probe to train with the threads that its shards may have; waits for one. Nil when the pool is closed.
  private func next() -> (Request, Int)? {
    changed.lock()
    defer { changed.unlock() }
    while true {
      let (taken, isOver) = state.withLock { state -> ((Request, Int)?, Bool) in
        (take(&state), state.isClosed && state.waiting.isEmpty)
      }
      if let taken { return taken }
      if isOver { return nil }
      changed.wait()
    }
  }

  private func take(_ state: inout State) -> (Request, Int)? {
    guard
      let place = state.waiting.firstIndex(where: {
        state.running == 0 || state.memory + $0[0].memory <= memoryLimit
      })
    else { return nil }
    var asking = state.waiting.remove(at: place)
    let request = asking.removeFirst()
    if !asking.isEmpty { state.waiting.append(asking) }
    state.running += 1
    state.memory += request.memory
    // Workers that would have no probe of their own take shards.
    let probes = state.running + state.waiting.reduce(0) { $0 + $1.count }
    return (request, threadShare(workers: workers, probes: min(workers, probes)))
  }
}
