import Foundation
import Persistence
import Testing

/// What a study's jobs make of it when they change places or go.
@Suite struct StudyStoreTests {
  /// The part of a study's document that its cells follow from.
  private static func specification(_ axes: [Int]...) -> String {
    let axes = axes.map { #"{"values": \#($0)}"# }.joined(separator: ", ")
    return #"{"combine": "grid", "axes": [\#(axes)]}"#
  }

  private func study(
    _ specification: String, cells: Int, in studies: StudyStore
  ) async throws -> (id: UUID, jobs: [UUID]) {
    let id = try await studies.submit(
      StudySubmission(name: nil, preset: nil, scale: nil, specification: specification),
      jobs: { _ in (0..<cells).map { _ in JobSubmission(specification: "{}") } }
    ).id
    return (id, try await studies.cells(of: id).map(\.job.id))
  }

  /// Has all probes trained that are in the queue.
  private func train(_ queue: ProbeQueue) async throws {
    while let claim = try await queue.claim(worker: "w") {
      #expect(try await queue.finish(claim, outcome: .fit))
    }
  }

  @Test func anExtensionOfAHeldStudyHidesNothing() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let studies = StudyStore(jobs: jobs)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let (id, old) = try await study(Self.specification([1, 2], [1]), cells: 2, in: studies)
      for (job, numbers) in zip(old, [1...2, 2...4]) {
        _ = try await jobs.advance(id: job) { _ in
          .enqueue(numbers.map(request), progress: #"{"probes_finished": 1}"#)
        }
      }
      try await train(queue)
      guard case .done(let held) = try await studies.pause(id) else {
        Issue.record("not paused")
        return
      }
      let cost = try #require(try await studies.cost(of: id))
      #expect(held.startedAt != nil && cost.asked == 5 && cost.distinct == 4)

      // With another value on its last axis the second cell becomes the third; both are measured anew.
      let added = zip(0..<4, [0, nil, 1, nil] as [Int?]).map {
        (cell: $0, before: $1, job: JobSubmission(specification: "{}"))
      }
      guard
        case .done(let extended) = try await studies.extend(
          id, revision: 0, specification: Self.specification([1, 2], [1, 2]), kept: [:], added: added)
      else {
        Issue.record("not extended")
        return
      }
      #expect(extended.state == .paused && extended.revision == 1)
      #expect(extended.startedAt == held.startedAt)
      #expect(try await studies.cost(of: id) == cost)
      let new = try await studies.cells(of: id).map(\.job.id)
      #expect(Set(new).isDisjoint(with: old))
      let rows = try await studies.rows(of: id).mapValues { $0.map(\.digest) }
      #expect(rows == [new[0]: [1, 2].map(digest), new[2]: [2, 3, 4].map(digest)])
      let standings = try await studies.standings(of: id)
      #expect(standings[0]?.progress?.contains("probes_finished") == true)
      #expect(standings[1]?.progress == nil && standings[2]?.progress != nil && standings[2]?.job == new[2])

      // A further extension reaches back as far; the same for one that is cancelled without having begun.
      guard
        case .done = try await studies.extend(
          id, revision: 1, specification: Self.specification([1, 2], [1, 2]), kept: [new[1]: 1, new[3]: 3],
          added: [0, 2].map { (cell: $0, before: $0, job: added[$0].job) }),
        case .done = try await studies.resume(id)
      else {
        Issue.record("not extended or not resumed")
        return
      }
      let last = try await studies.cells(of: id).map(\.job.id)
      // Who has asked for probes tells of these alone.
      _ = try await jobs.advance(id: last[0]) { _ in .enqueue([2, 9].map(request), progress: "{}") }
      guard case .done(let cancelled) = try await studies.cancel(id) else {
        Issue.record("not cancelled")
        return
      }
      #expect(cancelled.startedAt == held.startedAt)
      let known = try await studies.rows(of: id).mapValues { $0.map(\.digest) }
      #expect(known == [last[0]: [digest(2)], last[2]: [2, 3, 4].map(digest)])
      #expect(try await studies.cost(of: id)?.asked == 4)
    }
  }

  @Test func aStudyStaysWhatItWasWhenItsJobsAreDeleted() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let studies = StudyStore(jobs: jobs)
      let queue = ProbeQueue(database: database, engineRevision: 1)
      let (id, cells) = try await study(Self.specification([1, 2]), cells: 2, in: studies)
      let decide: @Sendable (JobHistory) -> JobAdvance = { history in
        history.rows.isEmpty ? .enqueue([request(1)], progress: nil) : .succeed(result: "{}", progress: nil)
      }
      _ = try await jobs.advance(id: cells[0], decide: decide)
      try await train(queue)
      for cell in cells { _ = try await jobs.advance(id: cell, decide: decide) }
      let ended = try #require(try await studies.study(id))
      #expect(ended.state == .succeeded && ended.startedAt != nil && ended.finishedAt != nil)
      #expect(ended.deletedCount == 0)
      for cell in cells {
        guard case .done = try await jobs.delete(cell) else {
          Issue.record("not deleted")
          return
        }
      }
      let left = try #require(try await studies.study(id))
      #expect(left.state == .succeeded)
      #expect(left.startedAt == ended.startedAt && left.finishedAt == ended.finishedAt)
      #expect(left.deletedCount == 2 && left.counts.values.allSatisfy { $0 == 0 })
    }
  }
}
