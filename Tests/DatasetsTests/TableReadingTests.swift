import Datasets
import Foundation
import Testing

/// Files of one's own of every kind: what is read, and what is refused with which words.
@Suite("How delimited text is read")
struct TableReadingTests {
  let folder: TemporaryFolder
  let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(directory: folder.url.appending(path: "data"))
  }

  func write(_ bytes: [UInt8]) throws -> String { try folder.write(bytes, "\(UUID().uuidString).csv") }

  func add(_ bytes: [UInt8], _ change: (inout TableOptions) -> Void = { _ in }) throws -> StoredDataset {
    var options = TableOptions()
    change(&options)
    return try library.add(
      name: "t\(UUID().uuidString.lowercased())", format: .csv(options), contentsOf: write(bytes)
    ).dataset
  }

  func add(_ text: String, _ change: (inout TableOptions) -> Void = { _ in }) throws -> StoredDataset {
    try add(Array(text.utf8), change)
  }

  func samples(_ text: String, _ change: (inout TableOptions) -> Void = { _ in }) throws -> Samples {
    try Samples(try library.open(.stored(name: try add(text, change).name)))
  }

  func refusal(_ text: String, _ change: (inout TableOptions) -> Void = { _ in }) throws -> String {
    try datasetError { _ = try add(text, change) }.description
  }

  func warnings(_ entry: StoredDataset, _ kind: DatasetWarning.Kind) -> [String] {
    entry.inference?.warnings.filter { $0.kind == kind }.map(\.detail) ?? []
  }

  // MARK: Missing values

  @Test(
    "the words of pandas are missing, and no others",
    arguments: [
      "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>",
      "N/A", "NA",
      "NULL", "NaN", "None", "n/a", "nan", "null", "?",
    ])
  func missingWord(word: String) throws {
    let entry = try add("a,b,y\n1,7,p\n\(word),7,q\n3,8,p\n")
    #expect(warnings(entry, .missingValues).first?.hasPrefix("1 missing value (a: 1)") == true)
    #expect(entry.inference?.table?.columns.map(\.missing) == [1, 0, 0])
    #expect(try Samples(try library.open(.stored(name: entry.name))).values[1] == [2, 7])
  }

  @Test(
    "what only looks like one of them is a word", arguments: ["none", "Na", "N.A.", "-", "missing", "nil"])
  func noMissingWord(word: String) throws {
    let text = "a,b,y\n1,7,p\n\(word),7,q\n3,8,p\n"
    let refused = try refusal(text)
    #expect(refused.contains("row 3") && refused.contains("'\(word)'") && refused.contains("missing_values"))
    #expect(try samples(text) { $0.missingValues = [word] }.values[1] == [2, 7])
  }

  @Test("a number may mean a missing value too")
  func missingNumber() throws {
    let entry = try add("a,y\n1,p\n-999,q\n4,p\n") { $0.missingValues = ["-999"] }
    #expect(try Samples(try library.open(.stored(name: entry.name))).values == [[1], [2.5], [4]])
  }

  @Test("what becomes of missing numbers and categories is an option")
  func treatments() throws {
    let text = "a,c,y\n1,u,p\n,v,q\n2,,p\n9,v,q\n"
    #expect(try samples(text).values == [[1, 0, 1, 0], [4, 0, 0, 1], [2, 1, 0, 0], [9, 0, 0, 1]])
    #expect(try samples(text) { $0.missing = .median }.values.map { $0[0] } == [1, 2, 2, 9])
    let marked = try samples(text) { $0.missing = .meanWithIndicator }
    #expect(marked.values.map { Array($0.prefix(2)) } == [[1, 0], [4, 1], [2, 0], [9, 0]])
    let dropped = try add(text) { $0.missing = .dropRow }
    #expect(try Samples(try library.open(.stored(name: dropped.name))).values == [[1, 1, 0], [9, 0, 1]])
    #expect(warnings(dropped, .rowsLeftOut).first?.hasPrefix("2 of 4 rows") == true)
    let numbersDropped = try samples(text) {
      $0.missing = .dropRow
      $0.missingCategories = .mostFrequent
    }
    #expect(numbersDropped.values == [[1, 1, 0], [2, 1, 0], [9, 0, 1]])
    #expect(try refusal(text) { $0.missing = .refuse }.contains("row 3"))
    let categories = try refusal(text) { $0.missingCategories = .refuse }
    #expect(categories.contains("row 4") && categories.contains("'c'"))
  }

  // MARK: Columns

  @Test(
    "numbers with words among them are no category",
    arguments: [
      ("1\n2\nlow\n4\n5\n", "row 4", "'low'"), ("a1\n2\n3\n4\n5\n", "row 2", "'a1'"),
      ("1\n2\n3\n1.2.3\n5\n", "row 5", "'1.2.3'"), ("0\n1\ntrue\n0\n1\n", "row 4", "'true'"),
      ("1\n2\ninf\n4\n5\n", "row 4", "'inf'"), ("12%\n5%\n7%\n8%\n9%\n", "row 2", "percentages"),
      ("0\n5%\n7%\n8%\n9%\n", "row 3", "percentages"), ("$5\n$6.50\n$7\n$8\n$9\n", "row 2", "currency"),
      ("5 €\n6 €\n7 €\n8 €\n9 €\n", "row 2", "currency"), ("£1,000\n£2\n£3\n£4\n£5\n", "row 2", "currency"),
      ("2024-01-31\n2024-02-01\n2024-02-02\n2024-02-03\n2024-02-04\n", "row 2", "column_types of x to date"),
      ("31/01/2024\n01/02/2024\n02/02/2024\n03/02/2024\n04/02/2024\n", "row 2", "dates"),
      ("12:30\n12:31\n12:32\n12:33\n12:34\n", "row 2", "dates"),
      ("1 000\n2 000\n3 000\n4 000\n5 000\n", "row 2", "thousands"),
      ("1'000\n2'000\n3'000\n4'000\n5'000\n", "row 2", "thousands"),
    ])
  func refusedColumn(column: String, place: String, words: String) throws {
    let rows = column.split(separator: "\n").enumerated().map { "\"\($1)\",\($0 % 2)\n" }.joined()
    let error = try refusal("x,y\n" + rows)
    #expect(error.contains(place) && error.contains(words), "\(error)")
    // The remedies that every such refusal names.
    let entry = try add("x,y,z\n" + rows.replacing("\n", with: ",c\n")) {
      $0.classColumn = .position(1)
      $0.columnTypes = [.name("x"): .categorical, .name("z"): .ignored]
    }
    #expect(entry.shape[0] > 1)
  }

  @Test("words with a few numbers among them are categories, and that is told")
  func fewNumbers() throws {
    let entry = try add(
      "x,y\n"
        + (0..<12).map { "\(["red", "blue", "7", "red", "green", "blue"][$0 % 6]),\($0 % 2)\n" }.joined())
    #expect(entry.columnNames == ["x=7", "x=blue", "x=green", "x=red"])
    #expect(warnings(entry, .inferred).first?.contains("2 numbers among 10 words") == true)
  }

  @Test(
    "true and false are one and zero", arguments: [("true", "false"), ("True", "False"), ("TRUE", "FALSE")])
  func booleans(yes: String, no: String) throws {
    let entry = try add("b,y\n\(yes),p\n\(no),q\n,p\n\(yes),q\n")
    #expect(entry.inference?.table?.columns[0].type == "boolean")
    #expect(try Samples(try library.open(.stored(name: entry.name))).values == [[1], [0], [2.0 / 3.0], [1]])
  }

  @Test(
    "dates by option are days since 1970",
    arguments: [
      ("1970-01-01", 0), ("1970-01-02", 1), ("1969-12-31", -1), ("2000-02-29", 11_016),
      ("2024-12-31", 20_088),
      ("1900-03-01", -25_508), ("2024-12-31T12:00:00Z", 20_088.5), ("2024-12-31 06:00", 20_088.25),
      ("2024-12-31T00:00:00+06:00", 20_087.75),
    ])
  func dates(text: String, days: Double) throws {
    // Days from a calendar that knows nothing of this code: Foundation's, by hand above for the instants.
    let samples = try samples("d,y\n\(text),p\n2001-09-09,q\n") { $0.columnTypes = [.name("d"): .date] }
    #expect(samples.values == [[Float(days)], [11_574]])
  }

  @Test(
    "impossible dates are refused",
    arguments: ["2023-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "24-01-01"])
  func impossibleDates(text: String) throws {
    let error = try refusal("d,y\n2001-09-09,p\n\(text),q\n") { $0.columnTypes = [.name("d"): .date] }
    #expect(error.contains("row 3") && error.contains("'\(text)'"))
  }

  @Test("more words in a column than there may be inputs are refused with the column")
  func oneHotLimit() throws {
    let error = try refusal("word,y\n" + (0..<5_000).map { "text\($0),\($0 % 2)\n" }.joined())
    #expect(error.contains("'word' (0)") && error.contains("4096") && error.contains("ignore_columns"))
  }

  @Test("columns are left out by name and position, and what isn't one is told")
  func ignoredColumns() throws {
    let text = "id,a,b,y\nx1,1,5,p\nx2,2,6,q\n"
    #expect(try samples(text) { $0.ignoredColumns = [.name("id"), .position(2)] }.values == [[1], [2]])
    #expect(try refusal(text) { $0.ignoredColumns = [.name("nothing")] }.contains("ignore_columns"))
    #expect(try refusal(text) { $0.ignoredColumns = [.name("y")] }.contains("ignore_columns"))
  }

  @Test(
    "a column that counts the rows is told; without a name it is left out",
    arguments: ["", "Unnamed: 0", "id"])
  func countingColumns(name: String) throws {
    let entry = try add("\(name),a,y\n" + (0..<9).map { "\($0 + 1),\($0 * $0),\($0 % 2)\n" }.joined())
    #expect(entry.shape == [name == "id" ? 2 : 1])
    #expect(warnings(entry, name == "id" ? .inferred : .columnLeftOut).count == 1)
  }

  @Test("numbers that go up by one from anywhere count the rows, where there are enough of them")
  func countingFromAnywhere() throws {
    func told(_ rows: Int, step: Int = 1) throws -> Bool {
      let text = "id,a,y\n" + (0..<rows).map { "\(1_000 + $0 * step),\($0 * $0),\($0 % 2)\n" }.joined()
      let entry = try add(text)
      return warnings(entry, .inferred).contains { $0.contains("'id' counts the rows") }
    }
    #expect(try told(50))
    #expect(try !told(5))
    #expect(try !told(50, step: 2))
  }

  @Test("classes that differ in case alone are told")
  func classesByCase() throws {
    let entry = try add("a,y\n7,Cat\n2,cat\n5,dog\n")
    #expect(entry.classNames == ["Cat", "cat", "dog"])
    #expect(warnings(entry, .inferred).contains { $0.contains("'Cat' and 'cat'") && !$0.contains("dog") })
    #expect(warnings(try add("a,y\n7,Cat\n2,dog\n"), .inferred).isEmpty)
  }

  @Test(
    "files of other kinds are refused for what they are",
    arguments: [
      // Lines that end with the delimiter, and a table of Markdown.
      ("a,b,\n1,p,\n2,q,\n", "where lines end with the delimiter"),
      ("{\"a\": 1, \"y\": \"p\"}\n{\"a\": 2, \"y\": \"q\"}\n", "it is JSON"),
      ("[{\"a\": 1}]\n", "it is JSON"),
      // What R writes, and columns that spaces align.
      ("\"a\" \"y\"\n\"1\" 0.5 \"p\"\n", "set delimiter to what stands between fields"),
      ((0..<30).map { "  0.\($0)   \($0 % 2)\n" }.joined(), "runs of spaces"),
      ((0..<30).map { "\($0 % 2) 1:0.\($0) 3:1\n" }.joined(), "index:value"),
      ("size,price\n1,2.5\n2,3.25\n", "'price' holds numbers with fractions, such as 2.5"),
      ("red,0.5\nwhite,0.75\n", "set class_column"),
      ("a,kind\n1,p\n2,p\n", "'kind' holds a single class, 'p'"),
      ("t,y\n10:30,p\n11:45,q\n", "times as numbers of seconds"),
      ("d,y\n12/31/2024,p\n1/1/2025,q\n", "write dates as 2024-12-31"),
      ("d,y\n2024-12-31,p\n2025-01-01,q\n", "set column_types of d to date (days since 1970-01-01"),
    ])
  func otherKinds(text: String, words: String) throws {
    let reason = try refusal(text)
    #expect(reason.contains(words), "\(reason)")
  }

  // MARK: Headers

  @Test(
    "a header is seen",
    arguments: [
      // Positions that pandas writes, with and without the unnamed index.
      (",0,1,2\n0,5,6,1\n1,7,8,0\n", 2), ("2019,2020,2021,y\n5,6,7,1\n7,8,9,0\n", 3),
      ("a,b,y\n5,6,1\n7,8,0\n", 2), ("a,b,y\n?,6,1\n7,8,0\n", 2), ("# a,b,y\n5,6,1\n7,8,0\n", 2),
      ("# made today\n# by hand\na,b,y\n5,6,1\n7,8,0\n", 2), ("sep=;\na;b;y\n5;6;1\n7;8;0\n", 2),
      ("x,kind\nu,p\nv,q\nu,q\nv,p\nu,p\nv,q\n", 2),
    ])
  func header(text: String, inputs: Int) throws {
    let entry = try add(text)
    #expect(entry.shape == [inputs])
    #expect(entry.classes == 2)
    #expect(
      entry.trainCount == text.split(separator: "\n").count { !$0.hasPrefix("#") && !$0.hasPrefix("sep") }
        - (text.hasPrefix("# a") ? 0 : 1))
  }

  @Test(
    "no header is seen where there is none",
    arguments: [
      "5,6,1\n7,8,0\n", "u,p\nv,q\nu,q\nv,p\nu,p\nv,q\n", "1.5,x,1\n2.5,z,0\n", "0,1,1\n0,0,0\n1,1,1\n",
    ])
  func noHeader(text: String) throws {
    #expect(try add(text).trainCount == text.split(separator: "\n").count)
  }

  @Test(
    "a header that isn't certain is refused, and header_rows decides",
    arguments: [
      // A word above numbers beside other numbers; counting numbers; words of which some occur again.
      ("5,unknown,1\n6,7,0\n8,9,1\n", "row 1"), ("0,1,2\n5,6,1\n7,8,0\n", "row 1"),
      ("u,p\nv,q\nu,w\nv,q\nu,w\nv,q\nu,w\n", "row 1"), ("NA,p\n5,q\n6,p\n", "row 1"),
      ("a,b,y\nc,d,z\ne,f,x\n1,2,0\n3,4,1\n", "3 rows of words"),
    ])
  func uncertainHeader(text: String, words: String) throws {
    let error = try refusal(text)
    #expect(error.contains(words) && error.contains("header_rows"), "\(error)")
    let rows = text.hasPrefix("a,b,y") ? 3 : 1
    #expect(try add(text) { $0.headerRows = rows }.trainCount == text.split(separator: "\n").count - rows)
  }

  @Test(
    "title lines are refused with the row, and header_rows reads them",
    arguments: [
      "Sales of 2024\na,b,y\n5,6,1\n7,8,0\n9,9,1\n", "Sales\n\nby month,2024\na,b,y\n5,6,1\n7,8,0\n9,9,1\n",
    ])
  func titles(text: String) throws {
    let error = try refusal(text)
    #expect(error.contains("row 1") && error.contains("title"))
    let rows = text.hasPrefix("Sales of") ? 2 : 3
    #expect(error.contains("header_rows to \(rows)"))
    let entry = try add(text) { $0.headerRows = rows }
    #expect(entry.columnNames == ["a", "b"] && entry.trainCount == 3)
  }

  @Test("the header once more among the data is refused with its row")
  func repeatedHeader() throws {
    #expect(try refusal("a,y\n1,p\n2,q\na,y\n3,p\n").contains("row 4"))
    #expect(
      try refusal("x,kind\nu,p\nv,q\nu,q\nv,p\nx,kind\nu,p\nv,q\n") { $0.headerRows = 1 }.contains("row 6"))
  }

  // MARK: Numbers

  @Test(
    "decimal commas and thousands are seen where every number agrees",
    arguments: [
      ("a;y\n1,5;p\n-0,25;q\n3;p\n", [1.5, -0.25, 3]),
      ("a;y\n1.234,5;p\n12;q\n1.000.000,0;p\n", [1_234.5, 12, 1_000_000]),
      ("a;y\n1,234,567;p\n12;q\n1,000;p\n", [1_234_567, 12, 1_000]),
      ("a;y\n1,234.5;p\n0.5;q\n3;p\n", [1_234.5, 0.5, 3]),
      ("a;y\n1,5e3;p\n2,5E-1;q\n1;p\n", [1_500, 0.25, 1]),
    ])
  func marks(text: String, values: [Float]) throws {
    #expect(try samples(text).values == values.map { [$0] })
  }

  @Test(
    "where they don't, the row and the option are told",
    arguments: [
      ("a;y\n1,234;p\n5,678;q\n", "row 2", "thousands"),
      ("a;b;y\n0,5;1,234,567;p\n0,25;2,000,000;q\n", "row 2", "decimal_mark"),
      ("a;b;y\n0,5;1.5;p\n0,25;2.5;q\n", "row 2", "decimal_mark"),
    ])
  func uncertainMarks(text: String, place: String, option: String) throws {
    let error = try refusal(text)
    #expect(error.contains(place) && error.contains(option), "\(error)")
  }

  @Test(
    "thousands by option: comma, point, space, apostrophe, underscore",
    arguments: [",", ".", " ", "'", "_"] as [Character])
  func thousands(mark: Character) throws {
    let text = "a;y\n1\(mark)234\(mark)567;p\n12;q\n-1\(mark)000;p\n"
    #expect(try samples(text) { $0.thousands = mark }.values == [[1_234_567], [12], [-1_000]])
    let lopsided = try refusal("a;y\n12;q\n3;p\n1\(mark)23;p\n5;q\n") { $0.thousands = mark }
    #expect(lopsided.contains("row 4"))
  }

  @Test("quoted numbers are numbers")
  func quotedNumbers() throws {
    let entry = try add("\"a\",\"y\"\n\"1.5\",\"1\"\n\"2\",\"0\"\n")
    #expect(entry.inference?.table?.quote == "\"")
    #expect(try Samples(try library.open(.stored(name: entry.name))).values == [[1.5], [2]])
  }

  @Test("the delimiter is the one that splits the rows alike", arguments: [",", ";", "\t", "|"])
  func delimiters(mark: String) throws {
    let entry = try add(
      "a\(mark)b\(mark)y\n1\(mark)\"x, y; z\"\(mark)p\n2\(mark)\"x|y\"\(mark)q\n3\(mark)\"x|y\"\(mark)q\n")
    #expect(entry.inference?.table?.delimiter == mark)
    #expect(entry.shape == [3])
    // One field a row: another character stands between fields.
    #expect(try refusal("1~5\n2~6\n").contains("delimiter"))
  }

  // MARK: Classes

  @Test("a missing class is refused; a word is kept as a class by option")
  func missingClass() throws {
    let text = "a,y\n1,NA\n2,EU\n3,NA\n4,US\n"
    let error = try refusal(text)
    #expect(error.contains("row 2") && error.contains("class_values"))
    #expect(try add(text) { $0.classValues = ["NA"] }.classNames == ["EU", "NA", "US"])
    #expect(try add(text) { $0.missing = .dropRow }.classNames == ["EU", "US"])
  }

  @Test(
    "the first row of a class that would be held out whole is kept for training, the others stay where they were"
  )
  func rescuedClasses() throws {
    func text(_ rare: Int?) -> String {
      "a,y\n" + (0..<200).map { "\($0),\($0 == rare ? "rare" : $0 % 2 == 0 ? "p" : "q")\n" }.joined()
    }
    let without = try add(text(nil)) { $0.testFraction = 0.3 }
    let heldOut = Set(
      try Samples(try library.open(.stored(name: without.name)), .test).values.map { Int($0[0]) })
    let rare = try #require(heldOut.min())
    let with = try add(text(rare)) { $0.testFraction = 0.3 }
    let now = Set(try Samples(try library.open(.stored(name: with.name)), .test).values.map { Int($0[0]) })
    #expect(now == heldOut.subtracting([rare]))
    #expect(warnings(with, .inferred).contains { $0.contains("rare") })
  }

  // MARK: Precision

  @Test("differences beside a large mean survive standardisation, by the split's moments and by the subset's")
  func precision() throws {
    let entry = try add(
      "t,y\n" + (0..<60).map { "\(1_700_000_000 + $0),\($0 < 30 ? "early" : "late")\n" }.joined())
    let dataset = try library.open(.stored(name: entry.name))
    #expect(warnings(entry, .precisionLost).isEmpty)
    for standardization in [Standardization.wholeSplit, .subset] {
      let subset = try dataset.subset(
        samples: 60, key: SubsetKey(seed: 3, samples: 60, replicate: 0), standardization: standardization)
      // 0 … 59 has the mean 29.5 and the variance (60² − 1) / 12.
      let deviation = ((60.0 * 60 - 1) / 12).squareRoot()
      for (value, index) in zip(subset.inputs.array, subset.indices) {
        #expect(abs(Double(value) - (Double(index) - 29.5) / deviation) < 1e-6)
      }
    }
    let gaussian = try dataset.subset(
      samples: 60, key: SubsetKey(seed: 3, samples: 60, replicate: 0), inputs: .gaussian,
      standardization: .subset)
    let moments = populationMoments(gaussian.inputs.array.map(Double.init))
    #expect(abs(moments.mean) < 1e-6 && abs(moments.deviation - 1) < 1e-6)
    #expect(Set(gaussian.inputs.array).count == 60)
  }

  @Test("a column whose differences single precision can't carry is told")
  func precisionLost() throws {
    // One outlier leaves the others a millionth of a millionth of a deviation apart.
    let entry = try add(
      "t,u,y\n1e15,0,p\n" + (0..<60).map { "\($0),\($0 * 3),\($0 % 2 == 0 ? "p" : "q")\n" }.joined())
    #expect(warnings(entry, .precisionLost).count == 1)
    #expect(warnings(entry, .precisionLost).first?.contains("t: 59 of 61") == true)
  }

  @Test("a column that is constant in a subset gives zeros", arguments: [0.1, 1e-300, 16_777_217, 1e30])
  func constantColumns(value: Double) throws {
    let entry = try add("a,b,y\n" + (0..<30).map { "\(value),\($0),\($0 % 2)\n" }.joined())
    #expect(warnings(entry, .constantColumn).first?.hasSuffix(": a") == true)
    let dataset = try library.open(.stored(name: entry.name))
    for standardization in [Standardization.wholeSplit, .subset] {
      let subset = try dataset.subset(
        samples: 7, key: SubsetKey(seed: 1, samples: 7, replicate: 0), standardization: standardization)
      #expect(stride(from: 0, to: 14, by: 2).allSatisfy { subset.inputs.array[$0] == 0 })
    }
  }

  // MARK: Preview

  @Test("a preview shows the rows as they were decoded")
  func preview() throws {
    let entry = try add("a,c,y\n0.1,u,p\n0.2,v,q\n0.3,u,p\n") { $0.testFraction = 0 }
    let preview = try library.preview(name: entry.name, rows: 2)
    #expect(preview.columns == ["a", "c=u", "c=v"])
    #expect(preview.rows.map(\.inputs) == [[0.1, 1, 0], [0.2, 0, 1]])
    #expect(preview.rows.map(\.label) == [0, 1])
    #expect(preview.classes.map(\.trainingSamples) == [2, 1])
    #expect(
      try datasetError { _ = try library.preview(name: "nothing", rows: 2) }
        == .unknownDataset(name: "nothing"))
    #expect(
      try datasetError { _ = try library.preview(name: "mnist", rows: 2) } == .unknownDataset(name: "mnist"))
  }

  @Test("a preview shows images as PNG")
  func imagePreview() throws {
    let entry = try library.add(
      name: "images", format: .images(ImageForm(height: 8, width: 8)),
      contentsOf: Fixtures.url.appending(path: "image_folder/sample.tar").path
    ).dataset
    let preview = try library.preview(name: "images", rows: 3)
    #expect(preview.rows.count == 3 && preview.classes.count == entry.classes)
    let pixels = try Samples(try library.open(.stored(name: "images"))).pixels
    for row in preview.rows {
      // Read back by a decoder that takes PNG as it is: the same size needs no resampling.
      let file = try folder.write(
        Tar.archive([
          ("a/x.png", try #require(row.png)), ("b/x.png", try #require(row.png)),
        ]), "png\(row.index).tar")
      let again = try library.add(
        name: "again\(row.index)", format: .images(ImageForm(height: 8, width: 8)), contentsOf: file)
      let same = try Samples(try library.open(.stored(name: again.dataset.name))).pixels
      #expect(same[0] == pixels[row.index])
    }
  }
}
