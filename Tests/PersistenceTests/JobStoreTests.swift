import Foundation
import Persistence
import Testing

@Suite struct JobStoreTests {
  /// Texts that break careless SQL, careless arrays and careless encodings.
  static let awkwardTexts = [
    "'; DROP TABLE jobs; --", "$1 %s \\ \" ' {a,b} NULL", "naïve 数据 🧠 \u{202E}", "line\nbreak\ttab",
    "",
  ]

  @Test func textsComeBackAsTheyWere() async throws {
    try await withDatabase { database in
      for text in Self.awkwardTexts { try await roundTrip(text, in: database) }
      #expect(
        try await JobStore(database: database, engineRevision: 1).count() == Self.awkwardTexts.count)
    }
  }

  private func roundTrip(_ text: String, in database: Database) async throws {
    let jobs = JobStore(database: database, engineRevision: 1)
    // Spaces, order of keys, escapes and repeated keys: all of it stays.
    let specification = #"{ "b":1.0,"a" : "\u00e9\u0000", "a":[ ] }"#
    let submitted = try await jobs.submit(specification: specification, name: text)
    let job = try #require(try await jobs.job(submitted.id))
    #expect(job == submitted)
    #expect(job.name == text)
    #expect(job.specification == specification)
    #expect(job.state == .queued)
    #expect(
      job.startedAt == nil && job.finishedAt == nil && job.result == nil && job.error == nil)
    #expect(abs(job.createdAt.timeIntervalSinceNow) < 60)
    let advanced = try await jobs.advanced(job.id) { _ in .fail(error: text) }
    #expect(advanced?.error == text)
  }

  @Test func aNulCharacterIsRefused() async throws {
    try await withDatabase { database async throws in
      let jobs = JobStore(database: database, engineRevision: 1)
      await #expect(throws: DatabaseError.nulCharacter(statement: "submit jobs", parameter: 2)) {
        try await jobs.submit(specification: "{}", name: "a\0b")
      }
      #expect(try await jobs.count() == 0)
    }
  }

  @Test func aSpecificationThatDoesNotParseIsRefused() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      await #expect {
        try await jobs.submit(specification: "{")
      } throws: { error in
        guard case DatabaseError.refused(_, let state, _, _) = error else { return false }
        return state == .invalidTextRepresentation
      }
    }
  }

  @Test func listsNewestFirstInPages() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      var submitted: [JobRecord] = []
      for number in 0..<7 {
        submitted.append(try await jobs.submit(specification: #"{"n": \#(number)}"#))
      }
      _ = try await jobs.cancel(submitted[2].id)
      _ = try await jobs.cancel(submitted[5].id)
      var pages: [[UUID]] = []
      var cursor: JobCursor?
      repeat {
        let page = try await jobs.page(after: cursor, limit: 3)
        pages.append(page.records.map(\.id))
        cursor = page.next
      } while cursor != nil
      #expect(pages.map(\.count) == [3, 3, 1])
      #expect(pages.flatMap { $0 } == submitted.reversed().map(\.id))
      let cancelled = try await jobs.page(JobFilter(states: [.cancelled]), limit: 10).records
      #expect(cancelled.map(\.id) == [submitted[5].id, submitted[2].id])
    }
  }

  @Test func cancelEndsALiveJobOnce() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let job = try await jobs.submit(specification: "{}")
      guard case .done(let cancelled) = try await jobs.cancel(job.id) else {
        Issue.record("not cancelled")
        return
      }
      #expect(cancelled.state == .cancelled)
      #expect(cancelled.finishedAt != nil)
      #expect(try await jobs.cancel(job.id) == .refused(.cancelled))
      #expect(try await jobs.cancel(UUID()) == .notFound)
      let advanced = try await jobs.advanced(job.id) { _ in .succeed(result: "{}", progress: nil) }
      #expect(advanced == nil)
    }
  }

  @Test func whatAJobRunsOnIsWrittenOnce() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 3)
      let submitted = try await jobs.submit(
        JobSubmission(
          specification: "{}", admission: JobAdmission(sampleLimit: 100, classes: 10), waitingFor: "the data",
          labels: #"{"by": "me"}"#, priority: 2, requestID: "r-1"))
      #expect(submitted.admission.engineRevision == 3)
      #expect(submitted.waitingFor == "the data")
      #expect(submitted.labels == #"{"by": "me"}"#)
      #expect(submitted.priority == 2 && submitted.requestID == "r-1")
      let pinned = try #require(
        try await jobs.pin(
          submitted.id, datasetDigest: digest(7),
          JobAdmission(sampleLimit: 200, memoryLimitSamples: 50, shape: "[2]", classes: 3, parameterCount: 9))
      )
      #expect(pinned.datasetDigest == digest(7))
      #expect(pinned.admission.sampleLimit == 100 && pinned.admission.classes == 10)
      #expect(pinned.admission.memoryLimitSamples == 50 && pinned.admission.parameterCount == 9)
      #expect(pinned.admission.shape == "[2]")
      #expect(pinned.version > submitted.version)
      let again = try await jobs.pin(submitted.id, datasetDigest: digest(8), JobAdmission())
      #expect(again?.datasetDigest == digest(7))
      try await jobs.setWaitingFor(nil, of: submitted.id)
      #expect(try await jobs.job(submitted.id)?.waitingFor == nil)
      #expect(try await jobs.pin(UUID(), datasetDigest: digest(8), JobAdmission()) == nil)
    }
  }

  @Test func identifiersAreOfVersion7AndInOrderOfTime() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: 1)
      let before = UInt64(Date().timeIntervalSince1970 * 1000)
      let id = try await jobs.submit(specification: "{}").id
      let after = UInt64(Date().timeIntervalSince1970 * 1000)
      let hexadecimal = id.uuidString.replacingOccurrences(of: "-", with: "")
      let milliseconds = try #require(UInt64(hexadecimal.prefix(12), radix: 16))
      #expect((before...after).contains(milliseconds))
      let digits = Array(hexadecimal)
      #expect(digits[12] == "7")
      #expect("89AB".contains(digits[16]))
    }
  }
}
