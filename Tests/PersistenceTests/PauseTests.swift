import Foundation
import Persistence
import Testing

/// Pausing, resuming and deleting jobs.
@Suite struct PauseTests {
  @Test func aPausedJobHoldsUntilItIsResumed() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let id = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: id) { _ in .enqueue((1...3).map(request), progress: nil) }
      let claim = try #require(try await queue.claim(worker: "w"))
      guard case .done(let paused) = try await jobs.pause(id) else {
        Issue.record("not paused")
        return
      }
      #expect(paused.state == .paused && !paused.state.hasEnded && !paused.state.isLive)
      #expect(try await jobs.pause(id) == .refused(.paused))
      // What waited is out of the queue, what runs goes back, and nobody advances the job.
      #expect(try await queue.claim(worker: "w") == nil)
      #expect(try await queue.heartbeat(claim) == false)
      #expect(try await queue.claim(worker: "w") == nil)
      #expect(try await jobs.jobsToAdvance().isEmpty)
      #expect(try await jobs.advanced(id) { _ in .fail(error: "advanced") } == nil)
      // Its data are not to go.
      _ = try await jobs.pin(id, datasetDigest: digest(9), JobAdmission())
      #expect(try await jobs.liveJob(onDataset: digest(9)) { Issue.record("removed") } == id)

      guard case .done(let resumed) = try await jobs.resume(id) else {
        Issue.record("not resumed")
        return
      }
      #expect(resumed.state == .running && resumed.version > paused.version)
      #expect(try await jobs.resume(id) == .refused(.running))
      let order = try await queue.claim(ProbeClaimant(worker: "w"), limit: 10)
      #expect(order.map(\.digest) == (1...3).map(digest))
      #expect(order.first?.attempt == 2)
    }
  }

  @Test func nothingOfAPausedJobIsUnderWay() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let id = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: id) { _ in
        .enqueue(
          (1...3).map(request),
          progress: """
            {"probes_finished": 5, "probes_under_way": 3, "training": [{"samples": 64}],
              "current_samples": 64, "seconds_left": 9.5}
            """)
      }
      let claim = try #require(try await queue.claim(worker: "w"))
      func progress() async throws -> [String: Any] {
        let text = try #require(try await jobs.job(id)?.progress)
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      }
      _ = try await jobs.pause(id)
      let held = try await progress()
      #expect(held["probes_under_way"] as? Int == 0 && held["probes_finished"] as? Int == 5)
      #expect((held["training"] as? [Any])?.isEmpty == true)
      #expect(held["current_samples"] is NSNull && held["seconds_left"] is NSNull)
      // One ends all the same; the others are under way again with the job.
      #expect(try await queue.finish(claim, outcome: .fit))
      _ = try await jobs.resume(id)
      let resumed = try await progress()
      #expect(resumed["probes_under_way"] as? Int == 2)
      _ = try await jobs.advance(id: id) { _ in .wait(progress: #"{"seconds_left": 4}"#) }
      let advanced = try await progress()
      #expect(advanced["seconds_left"] as? Int == 4)
    }
  }

  @Test func aResumedJobTakesItsTurnAmongOthers() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let first = try await jobs.submit(specification: "{}").id
      #expect(try await jobs.pause(first) != .notFound)
      guard case .done(let queued) = try await jobs.resume(first) else {
        Issue.record("not resumed")
        return
      }
      #expect(queued.state == .queued)
      _ = try await jobs.advance(id: first) { _ in .enqueue((1...4).map(request), progress: nil) }
      _ = try await jobs.pause(first)
      let second = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: second) { _ in .enqueue((11...20).map(request), progress: nil) }
      #expect(
        try await queue.claim(ProbeClaimant(worker: "w"), limit: 5).map(\.digest) == (11...15).map(digest))
      _ = try await jobs.resume(first)
      let order = try await queue.claim(ProbeClaimant(worker: "w"), limit: 4).map(\.digest)
      #expect(Set(order) == Set([1, 2, 16, 17].map(digest)))
    }
  }

  /// A probe that two of its jobs want has a new turn too, and not the one that the second had before.
  @Test func aResumedStudyTakesItsTurnAmongOthers() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let studies = StudyStore(jobs: jobs)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let study = try await studies.submit(
        StudySubmission(name: nil, preset: nil, scale: nil, specification: "{}"),
        jobs: { _ in (0..<25).map { _ in JobSubmission(specification: "{}") } }
      ).id
      for (id, numbers) in zip(try await studies.jobs(of: study), [1...2, 2...3]) {
        _ = try await jobs.advance(id: id) { _ in .enqueue(numbers.map(request), progress: nil) }
      }
      guard case .done(let paused) = try await studies.pause(study) else {
        Issue.record("not paused")
        return
      }
      #expect(paused.state == .paused && paused.counts[.paused] == 25)
      let other = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: other) { _ in .enqueue((11...20).map(request), progress: nil) }
      #expect(
        try await queue.claim(ProbeClaimant(worker: "w"), limit: 5).map(\.digest) == (11...15).map(digest))
      guard case .done(let resumed) = try await studies.resume(study) else {
        Issue.record("not resumed")
        return
      }
      #expect(resumed.state == .queued && resumed.version > paused.version)
      let order = try await queue.claim(ProbeClaimant(worker: "w"), limit: 5).map(\.digest)
      #expect(order == [1, 2, 16, 3, 17].map(digest))
      guard case .done(let cancelled) = try await studies.cancel(study),
        case .refused = try await studies.cancel(study)
      else {
        Issue.record("not cancelled once")
        return
      }
      #expect(cancelled.counts[.cancelled] == 25)
      guard case .done = try await studies.delete(study) else {
        Issue.record("not deleted")
        return
      }
      #expect(try await jobs.page(limit: 50).records.map(\.id) == [other])
    }
  }

  @Test func aProbeThatAnotherJobWantsStaysInTheQueue() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      var ids: [UUID] = []
      for numbers in [1...2, 2...3] {
        let id = try await jobs.submit(specification: "{}").id
        _ = try await jobs.advance(id: id) { _ in .enqueue(numbers.map(request), progress: nil) }
        ids.append(id)
      }
      _ = try await jobs.pause(ids[0])
      #expect(
        try await queue.claim(ProbeClaimant(worker: "w"), limit: 10).map(\.digest) == [2, 3].map(digest))
    }
  }

  @Test func onlyWhatHasEndedIsDeleted() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let id = try await jobs.submit(specification: "{}").id
      _ = try await jobs.advance(id: id) { _ in .enqueue([request(1)], progress: nil) }
      let claim = try #require(try await queue.claim(worker: "w"))
      #expect(try await queue.finish(claim, outcome: .fit))
      #expect(try await jobs.delete(id) == .refused(.running))
      _ = try await jobs.pause(id)
      #expect(try await jobs.delete(id) == .refused(.paused))
      guard case .done(let cancelled) = try await jobs.cancel(id) else {
        Issue.record("not cancelled")
        return
      }
      #expect(try await jobs.delete(id) == .done(cancelled))
      #expect(try await jobs.job(id) == nil)
      #expect(try await jobs.delete(id) == .notFound)
      // The outcome belongs to no job: the next one that asks has it.
      let next = try await jobs.submit(specification: "{}").id
      let advanced = try await jobs.advanced(next) { history in
        history.rows.isEmpty ? .enqueue([request(1)], progress: nil) : .succeed(result: "{}", progress: nil)
      }
      #expect(advanced?.state == .succeeded)
    }
  }
}
