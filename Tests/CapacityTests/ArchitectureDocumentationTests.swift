import Capacity
import Foundation
import Networks
import Testing

/// The specifications of `docs/architectures.md`, as they stand there.
@Suite("docs/architectures.md") struct ArchitectureDocumentationTests {
  private static func text() throws -> String {
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    return try String(contentsOf: root.appending(path: "docs/architectures.md"), encoding: .utf8)
  }

  @Test("every example is admitted and has as many parameters as the page says")
  func examples() throws {
    let examples = try Self.text().matches(of: /(?s)```json\n(.*?)```\n\n([0-9,]+) parameters\./)
    #expect(examples.count == 5)
    for example in examples {
      let count = try #require(Int(String(example.2).replacing(",", with: "")))
      let admission = try Admission(json: JSONValue(parsing: String(example.1).utf8), memoryLimit: 64 << 30)
      #expect(admission.terms.parameterCount == count)
    }
  }

  @Test("every layer is in the table")
  func layers() throws {
    let text = try Self.text()
    // What the reader allows is what the page lists.
    let error = try #require(throws: SpecificationError.self) {
      try MeasurementSpecification(
        json: JSONValue(
          parsing:
            #"{"dataset": {"name": "mnist"}, "model": {"kind": "sequential", "layers": [{"kind": ""}]}}"#.utf8
        ))
    }
    let allowed = try #require(error.faults.first).allowed
    let kinds = allowed.replacing("one of ", with: "").split(separator: ", ")
    #expect(kinds.count == 22)
    for kind in kinds { #expect(text.contains("`\(kind)`"), "\(kind)") }
  }
}
