import Datasets
import Foundation
import Testing

@Suite("What is said of every kind of data")
struct InferenceTests {
  let folder: TemporaryFolder
  let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(directory: folder.url.appending(path: "data"))
  }

  func add(_ text: String, _ name: String = "table", isDryRun: Bool = false) throws -> Addition {
    let path = try folder.write(Array(text.utf8), "\(UUID().uuidString).csv")
    return try library.add(name: name, format: .csv(TableOptions()), contentsOf: path, isDryRun: isDryRun)
  }

  @Test("duplicates and their conflicts are counted, constant columns named")
  func duplicates() throws {
    // Three times (1, 5), once with another class; twice (2, 5); the last column is always 5.
    let addition = try add("a,b,y\n1,5,p\n1,5,q\n2,5,p\n1,5,p\n2,5,p\n3,5,q\n")
    let inference = try #require(addition.dataset.inference)
    let warnings = Dictionary(uniqueKeysWithValues: inference.warnings.map { ($0.kind, $0.detail) })
    #expect(warnings[.duplicateRows]?.hasPrefix("3 of 6 ") == true)
    #expect(warnings[.conflictingLabels]?.hasPrefix("3 ") == true)
    #expect(warnings[.constantColumn]?.hasSuffix(": b") == true)
    #expect(inference.classes.map(\.name) == ["p", "q"])
    #expect(inference.classes.map(\.trainingSamples) == [4, 2])
    // As it was kept.
    #expect(try library.stored(named: "table")?.inference == inference)
  }

  @Test("a dry run answers what adding answers, refuses what it refuses, and keeps nothing")
  func dryRun() throws {
    let text = "a,y\n1,p\n2,q\n"
    let tried = try add(text, isDryRun: true)
    #expect(tried.isNew)
    #expect(try library.stored().isEmpty)
    let left = try FileManager.default.subpathsOfDirectory(atPath: folder.path + "/data")
    #expect(left.allSatisfy { $0 == "blocks" || $0.hasPrefix("locks") }, "\(left)")
    let added = try add(text)
    #expect(
      added.dataset.digest == tried.dataset.digest && added.dataset.inference == tried.dataset.inference)
    let error = try datasetError { _ = try add("a,y\n1,p\n3,q\n", isDryRun: true) }
    #expect(error == .nameTaken(name: "table"))
  }

  @Test(
    "the same numbers with classes or columns of other names are other data",
    arguments: ["a,y\n1,b\n2,c\n", "b,y\n1,p\n2,q\n"])
  func names(text: String) throws {
    let first = try add("a,y\n1,p\n2,q\n")
    #expect(try datasetError { _ = try add(text) } == .nameTaken(name: "table"))
    // No measurement depends on a name: under another one it shares the content.
    #expect(try add(text, "other").dataset.digest == first.dataset.digest)
  }

  @Test("the table of an earlier version is read, and made again where its file is at hand")
  func versionOne() throws {
    let path = try folder.write(Array("a,y\n0.1,p\n0.2,q\n".utf8), "table.csv")
    _ = try library.open(.table(path: path, options: TableOptions()))
    let blocks = folder.path + "/data/blocks"
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: blocks).first)
    let before = try Data(contentsOf: URL(filePath: "\(blocks)/\(name)"))
    // As version 1 kept it: floats of 32 bits.
    let rewritten = try Block(before).asVersionOne()
    try rewritten.write(to: URL(filePath: "\(blocks)/\(name)"))
    let again = DatasetLibrary(directory: folder.url.appending(path: "data"))
    _ = try again.open(.table(path: path, options: TableOptions()))
    #expect(try Data(contentsOf: URL(filePath: "\(blocks)/\(name)")) == before)
    let digest = try again.add(name: "kept", format: .csv(TableOptions()), contentsOf: path).dataset.digest
    try rewritten.write(to: URL(filePath: "\(blocks)/content-\(digest).block"))
    let kept = try DatasetLibrary(directory: folder.url.appending(path: "data")).open(.stored(name: "kept"))
    #expect(try Samples(kept).values == [[0.1], [0.2]])
  }
}
