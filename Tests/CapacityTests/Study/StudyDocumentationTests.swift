import Capacity
import Foundation
import Testing

/// The studies that `docs/studies.md` shows can be run.
@Suite struct StudyDocumentationTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test func everyExampleIsAdmitted() throws {
    let text = try String(contentsOf: Self.root.appending(path: "docs/studies.md"), encoding: .utf8)
    let blocks = text.matches(of: /```json\n((?:.|\n)*?)```/).map { String($0.1) }
    #expect(blocks.count == 3)
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.root.appending(path: "presets").path)
    let presets = StudyPresets(
      texts: try names.map {
        try String(contentsOf: Self.root.appending(path: "presets/\($0)"), encoding: .utf8)
      })
    for block in blocks {
      let study = try StudyAdmission(
        json: JSONValue(parsing: block.utf8), presets: presets, memoryLimit: 4 << 30)
      #expect(study.cells.count >= 2)
    }
    for preset in presets.all { #expect(text.contains("`\(preset.name)`"), "\(preset.name)") }
  }
}
