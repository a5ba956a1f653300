import Foundation
import HTTPServer
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
}
