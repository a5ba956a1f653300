import Datasets
import Foundation
import Testing

/// What a file is to become: a shape with its counts, or a refusal with these words.
enum TableCase: Sendable {
  case read(_ inputs: Int, classes: Int, _ train: Int, _ test: Int = 0)
  case refused(_ words: [String])
}

@Suite("Tables as people have them")
struct TableCaseTests {
  let folder: TemporaryFolder
  let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(directory: folder.url.appending(path: "data"))
  }

  static func options(_ change: (inout TableOptions) -> Void) -> TableOptions {
    var options = TableOptions()
    change(&options)
    return options
  }

  static let cases: [(String, TableOptions, TableCase)] = [
    ("plain.csv", TableOptions(), .read(2, classes: 2, 60)),
    ("numeric_late_text.csv", TableOptions(), .read(2, classes: 2, 3_001)),
    ("missing_none.csv", TableOptions(), .read(2, classes: 2, 60)),
    ("missing_pdna.csv", TableOptions(), .read(2, classes: 2, 60)),
    ("missing_nan.csv", TableOptions(), .read(2, classes: 2, 60)),
    (
      "mixed_one_text.csv", TableOptions(),
      .refused(["row 57", "'unknown'", "column_types", "missing_values"])
    ),
    ("mixed_one_text.csv", options { $0.missingValues = ["unknown"] }, .read(2, classes: 2, 60)),
    ("thousands.csv", TableOptions(), .refused(["row 2", "56,217", "thousands", "decimal_mark"])),
    ("thousands.csv", options { $0.thousands = "," }, .read(2, classes: 2, 60)),
    ("decimal_comma.csv", TableOptions(), .read(2, classes: 2, 60)),
    ("pandas_integer_columns.csv", TableOptions(), .read(2, classes: 2, 60)),
    ("year_header.csv", TableOptions(), .read(3, classes: 2, 60)),
    ("allcat_header.csv", options { $0.classColumn = .name("play") }, .read(5, classes: 2, 60)),
    ("allcat_header.csv", TableOptions(), .read(5, classes: 2, 60)),
    ("two_header.csv", options { $0.ignoredColumns = [.name("ID")] }, .read(3, classes: 2, 60)),
    ("hash_comment.csv", TableOptions(), .read(2, classes: 2, 60)),
    ("utf16be_bom.csv", TableOptions(), .read(2, classes: 2, 60)),
    ("latin1.csv", TableOptions(), .refused(["row 1", "0xf6", "utf-8", "encoding", "latin-1"])),
    ("latin1.csv", options { $0.encoding = .latin1 }, .read(2, classes: 2, 60)),
    ("dup_header.csv", options { $0.classColumn = .name("label") }, .refused(["label", "1 and 3"])),
    ("dup_header.csv", TableOptions(), .read(3, classes: 2, 60)),
    ("label_word_nan.csv", TableOptions(), .refused(["row 9", "missing", "'nan'", "class_values"])),
    ("label_word_nan.csv", options { $0.classValues = ["nan"] }, .read(2, classes: 3, 60)),
    ("feature_named_inf_first.csv", TableOptions(), .read(5, classes: 2, 60)),
    ("rare_class_heldout.csv", options { $0.testFraction = 0.2 }, .read(2, classes: 3, 52, 8)),
    ("book.xlsx", TableOptions(), .refused(["Excel workbook", "CSV"])),
    ("kaggle_zip_named.csv", TableOptions(), .read(2, classes: 2, 60)),
    ("time_separable.csv", TableOptions(), .read(1, classes: 2, 60)),
    ("small_separable.csv", TableOptions(), .read(1, classes: 2, 60)),
    ("imbalanced.csv", TableOptions(), .read(2, classes: 2, 400)),
  ]

  @Test("each file has its right value", arguments: cases.indices)
  func rightValue(number: Int) throws {
    let (file, options, right) = Self.cases[number]
    let path = Fixtures.url.appending(path: "tables/\(file)").path
    try check(path, options, right)
  }

  func check(_ path: String, _ options: TableOptions, _ right: TableCase) throws {
    do throws(DatasetError) {
      let entry = try library.add(name: "case", format: .csv(options), contentsOf: path).dataset
      guard case .read(let inputs, let classes, let train, let test) = right else {
        Issue.record(
          "\(path) was read as \(entry.shape), \(entry.classes), \(entry.trainCount), \(entry.testCount)")
        return
      }
      #expect(entry.shape == [inputs], "\(path)")
      #expect((entry.classes, entry.trainCount, entry.testCount) == (classes, train, test), "\(path)")
    } catch {
      guard case .refused(let words) = right else {
        Issue.record("\(path): \(error)")
        return
      }
      for word in words { #expect(error.description.contains(word), "\(error)") }
    }
  }

  @Test("the plain file's numbers, whatever they are written in")
  func sameNumbers() throws {
    func samples(_ file: String) throws -> Samples {
      let path = Fixtures.url.appending(path: "tables/\(file)").path
      return try Samples(try library.open(.table(path: path, options: TableOptions())))
    }
    let plain = try samples("plain.csv")
    for file in ["decimal_comma.csv", "hash_comment.csv", "utf16be_bom.csv", "kaggle_zip_named.csv"] {
      let other = try samples(file)
      #expect(other.values == plain.values && other.labels == plain.labels, "\(file)")
    }
    // Classes as numbers, the counting column left out.
    #expect(try samples("pandas_integer_columns.csv").values == plain.values)
  }

  @Test("the order of the rows doesn't decide what a column is")
  func order() throws {
    let text = String(decoding: try Fixtures.bytes("tables/feature_named_inf_first.csv"), as: UTF8.self)
    let lines = text.split(separator: "\n")
    for turn in [1, 2, 3, 17] {
      let rows = lines.dropFirst()
      let turned = [lines[0]] + rows.dropFirst(turn) + rows.prefix(turn)
      let path = try folder.write(Array((turned.joined(separator: "\n") + "\n").utf8), "turned\(turn).csv")
      let entry = try library.add(name: "t\(turn)", format: .csv(TableOptions()), contentsOf: path).dataset
      #expect((entry.shape, entry.trainCount) == ([5], 60))
    }
  }

  @Test("other names of the classes under one name are told apart")
  func namesChanged() throws {
    let paths = ["plain.csv", "names_changed.csv"].map { Fixtures.url.appending(path: "tables/\($0)").path }
    let first = try library.add(name: "one", format: .csv(TableOptions()), contentsOf: paths[0])
    let error = try datasetError {
      _ = try library.add(name: "one", format: .csv(TableOptions()), contentsOf: paths[1])
    }
    #expect(error == .nameTaken(name: "one"))
    // The same numbers: no measurement differs.
    let other = try library.add(name: "two", format: .csv(TableOptions()), contentsOf: paths[1])
    #expect(other.dataset.digest == first.dataset.digest)
    #expect(try library.preview(name: "one", rows: 1).classes.map(\.name) == ["hi", "lo"])
    #expect(try library.preview(name: "two", rows: 1).classes.map(\.name) == ["malignant", "zbenign"])
  }
}
