import Foundation
import HTTPServer
import Persistence
import Service
import Testing

/// `docs/errors.md` lists every kind of problem, with its status, and no other.
@Suite struct ProblemTypeTests {
  @Test func theDocumentListsEveryKind() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "docs/errors.md"), encoding: .utf8)
    let listed = text.matches(of: /\n\| `([a-z0-9-]+)` \| (\d{3}) \|/).map { "\($0.1) \($0.2)" }
    #expect(listed.sorted() == ProblemType.all.map { "\($0.name) \($0.status.code)" }.sorted())
    #expect(listed.count > 25 && Set(listed).count == listed.count)
  }

  @Test func aFullDiskOfTheDatabaseIsAProblemWithAName() throws {
    let full = DatabaseError.refused(
      statement: "store a job", state: SQLState(rawValue: "53100"), message: "No space left on device",
      constraint: nil)
    let document = try #require(problem(of: full))
    #expect(document.type == "urn:emc:problem:insufficient-storage" && document.status.code == 507)
    #expect(document.headers[.retryAfter] == "60")
  }

  /// Only where nothing can have been committed is a client told that nothing was changed.
  @Test func whatMayHaveBeenCommittedIsToldSo() throws {
    let errors: [(DatabaseError, String)] = [
      (.connectionLost(reason: "gone", mayHaveCommitted: true), "outcome-unknown"),
      (.timedOut(statement: "commit", mayHaveCommitted: true), "outcome-unknown"),
      (.connectionLost(reason: "gone", mayHaveCommitted: false), "database-unavailable"),
      (.timedOut(statement: "store a job", mayHaveCommitted: false), "database-unavailable"),
    ]
    for (error, type) in errors {
      let document = try #require(problem(of: error))
      #expect(document.type == "urn:emc:problem:\(type)" && document.headers[.retryAfter] != nil)
      #expect((document.detail?.contains("nothing was changed") == true) == (type != "outcome-unknown"))
    }
  }

  @Test(arguments: ["40001", "40P01"])
  func whoIsInAnothersWayIsToldToComeAgain(_ state: String) throws {
    let conflict = DatabaseError.refused(
      statement: "store a job", state: SQLState(rawValue: state), message: "deadlock detected",
      constraint: nil)
    let document = try #require(problem(of: conflict))
    #expect(document.status == .serviceUnavailable && document.headers[.retryAfter] == "1")
  }

  @Test func whoFindsNoRoomIsToldWhatItIsSpentOn() async throws {
    let budget = Budget(1, for: "drawing as many pictures as it can", patience: .zero, retry: 7)
    try await budget.holding(1) {
      let refusal = await #expect(throws: BudgetError.self) { try await budget.holding(1) {} }
      let document = try #require(refusal.flatMap { problem(of: $0) })
      #expect(document.type == "urn:emc:problem:unavailable" && document.headers[.retryAfter] == "7")
      #expect(document.detail?.contains("drawing as many pictures") == true)
    }
  }
}
