import Capacity
import Datasets
import Foundation
import Synchronization
import Testing
import Training

@Suite struct ProbeCheckpointTests {
  private let runner = ProbeRunner(library: DatasetLibrary(directory: FileManager.default.temporaryDirectory))

  private func probe(_ change: String = "", doublings: Int = 0) throws -> ProbeSpecification {
    let text = """
      {"dataset": {"name": "gaussian", "dimensions": 20}, "model": {"kind": "mlp", "hidden": [6]},
       "training": {"max_steps": 300, "convergence": {"loss_change": 1e-12}\(change)}, "seed": 4}
      """
    let specification = try MeasurementSpecification(json: JSONValue(parsing: text.utf8))
    return try runner.plan(specification)
      .probe(ProbeAddress(samples: 200, replicate: 0, doublings: doublings))
  }

  /// Runs a probe, perhaps from a state, and counts how often it asks whether to stop, which it does once a
  /// step.
  private func run(
    _ probe: ProbeSpecification, from bytes: Data? = nil, stopAt limit: Int = .max
  ) throws -> (run: ProbeRun, polls: Int, faults: [CheckpointError]) {
    let polls = Mutex(0)
    let faults = Mutex<[CheckpointError]>([])
    let run = try runner.run(
      probe,
      checkpoints: ProbeCheckpoints(
        resume: bytes, onUnusable: { fault in faults.withLock { $0.append(fault) } })
    ) {
      polls.withLock { polls in
        polls += 1
        return polls > limit
      }
    }
    return (run, polls.withLock { $0 }, faults.withLock { $0 })
  }

  private func result(_ run: ProbeRun) throws -> ProbeResult {
    guard case .ended(let result, _) = run else { throw CheckpointError.unreadable }
    return result
  }

  /// A result's text but for the time.
  private func text(_ result: ProbeResult) -> String {
    guard case .object(var members) = result.json else { return "" }
    members["seconds"] = nil
    return JSONValue.object(members).text()
  }

  @Test func whatWasStoppedGoesOnWithTheSameBits() throws {
    let probe = try probe()
    let (whole, polls, _) = try run(probe)
    guard case .stopped(let state?) = try run(probe, stopAt: polls - 100).run else {
      Issue.record("not stopped with a state")
      return
    }
    #expect(state.steps > 100)
    let (resumed, rest, faults) = try run(probe, from: try state.encoded())
    #expect(try text(result(resumed)) == text(result(whole)))
    #expect(faults.isEmpty)
    // Only what was left was trained.
    #expect(rest < 150)
  }

  @Test func aDoubledGuardGoesOnFromTheEnd() throws {
    guard case .ended(let short, let end?) = try run(try probe()).run else {
      Issue.record("no end to go on from")
      return
    }
    #expect(short.outcome == .budget && end.steps == 300)
    let doubled = try probe(doublings: 1)
    #expect(doubled.trajectory == end.trajectory)
    let (whole, polls, _) = try run(doubled)
    let (longer, rest, faults) = try run(doubled, from: try end.encoded())
    #expect(try text(result(longer)) == text(result(whole)))
    #expect(faults.isEmpty && rest < polls - 200)
  }

  /// A state of another run is told and left: the probe is trained from the start.
  @Test(arguments: [
    #", "optimizer": {"kind": "sgd", "learning_rate": 0.01}"#,
    #", "regularization": {"label_smoothing": 0.1}"#,
    #", "schedule": {"kind": "cosine"}"#,
  ])
  func anotherRunsStateIsLeft(change: String) throws {
    let (foreign, own) = (try probe(change), try probe())
    guard case .stopped(let state?) = try run(foreign, stopAt: 200).run else {
      Issue.record("not stopped with a state")
      return
    }
    let (run, _, faults) = try run(own, from: try state.encoded())
    #expect(faults == [.otherProbe])
    #expect(try text(result(run)) == text(result(self.run(own).run)))
    #expect(try self.run(own, from: Data([1, 2, 3])).faults == [.unreadable])
  }

  @Test func aScheduleThatFollowsTheGuardIsATrajectoryOfItsOwn() throws {
    let cosine = #", "schedule": {"kind": "cosine"}"#
    #expect(try probe(cosine).trajectory == probe(cosine).digest)
    #expect(try probe(cosine).trajectory != probe(cosine, doublings: 1).trajectory)
    #expect(try probe().trajectory == probe(doublings: 3).trajectory)
    #expect(try probe().trajectory != probe().digest)
  }
}
