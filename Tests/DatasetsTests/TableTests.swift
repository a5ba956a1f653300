import Datasets
import Foundation
import Testing

@Suite("Tables")
struct TableTests {
  let folder: TemporaryFolder
  let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(directory: folder.url.appending(path: "data"))
  }

  func open(_ text: String, _ options: TableOptions = TableOptions()) throws -> any Dataset {
    let path = try folder.write(Array(text.utf8), "\(UUID().uuidString).csv")
    return try library.open(.table(path: path, options: options))
  }

  @Test("numbers, one column for each category, classes in order")
  func typed() throws {
    let dataset = try open("size,colour,kind\n1.5,red,b\n-2,blue,a\n1e3,red,b\n")
    #expect(dataset.shape == .features(3))
    #expect(dataset.classes == 2)
    let samples = try Samples(dataset)
    // Categories in the order of their bytes: blue, red.
    #expect(samples.values == [[1.5, 0, 1], [-2, 1, 0], [1_000, 0, 1]])
    #expect(samples.labels == [1, 0, 1])
  }

  @Test("missing numbers become the column's mean, a missing category is one of its own")
  func missing() throws {
    let samples = try Samples(open("a,b,y\n1,x,0\n?,,1\n3,NA,0\n"))
    #expect(samples.values == [[1, 0, 1], [2, 1, 0], [3, 1, 0]])
  }

  @Test("quotes, doubled quotes, delimiters and line ends in them, CRLF, a byte order mark, blank lines")
  func quoting() throws {
    let samples = try Samples(open("\u{feff}a,\"b \"\"c\"\"\",y\r\n1,\"x, \r\nz\",p\r\n\r\n2,plain , q\r\n"))
    #expect(samples.values == [[1, 0, 1], [2, 1, 0]])
    #expect(samples.labels == [0, 1])
  }

  @Test("class column by name and by position, types overridden, another delimiter, no header")
  func options() throws {
    var options = TableOptions()
    options.classColumn = .name("y")
    options.columnTypes = [.name("a"): .categorical, .position(2): .ignored]
    let named = try Samples(open("y;a;b\n7;10;5\n-3;2;6\n", options))
    #expect(named.values == [[1, 0], [0, 1]])
    #expect(named.labels == [1, 0])
    var positional = TableOptions()
    positional.classColumn = .position(0)
    positional.headerRows = 0
    let bare = try Samples(open("1\t0.25\n2\t0.5\n", positional))
    #expect(bare.values == [[0.25], [0.5]])
  }

  @Test(
    "decimal numbers are the nearest floats",
    arguments: ["0.1", "123456.789", "1e-7", "3.4028234e38", "-0.000030517578125", "12345678901234567890"])
  func numbers(text: String) throws {
    let samples = try Samples(open("\(text),0\n0,1\n"))
    #expect(samples.values[0][0] == Float(Double(text)!))
  }

  @Test("held-out rows: about the fraction, none in both splits")
  func heldOut() throws {
    var options = TableOptions()
    options.testFraction = 0.25
    let text = (0..<2_000).map { "\($0),\($0 % 2)" }.joined(separator: "\n")
    let dataset = try open(text, options)
    let train = try Samples(dataset).values.map { $0[0] }
    let test = try Samples(dataset, .test).values.map { $0[0] }
    #expect(abs(test.count - 500) < 100)
    #expect(Set(train + test).count == 2_000)
  }

  @Test(
    "what can't be a table is refused with the row",
    arguments: [
      ("a,y\n1,0\n2\n", "row 3"), ("a,y\n1,0\n2,1,5\n", "row 3"),
      ("a,y\n1,0\ninf,1\n", "row 3"), ("a,y\n1,0\n2,\n", "row 3"), ("a,y\n1,0\n2,0\n", "single class"),
      ("", "no rows"), ("a,y\n", "single class"), ("a,y\n1,0.5\n2,0.25\n", "fractions"),
      ("a,y\n1,\"0\n2,1\n", "row 2"), ("a,y\n1,\"0\"x\n2,1\n", "row 2"),
      ("y\n1\n2\n", "no column but the class"),
      ("a,y\n1,1\n2,01\n", "two ways"), ("a,y\n1e39,1\n2,0\n", "row 2"),
    ])
  func refused(text: String, words: String) throws {
    let error = try datasetError { _ = try open(text) }
    #expect(error.description.contains(words), "\(error)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/blocks").isEmpty)
  }

  @Test("a header of a thousand million columns is refused after the first few thousand")
  func manyColumns() throws {
    let error = try datasetError { _ = try open(String(repeating: "a,", count: 200_000)) }
    guard case .limitExceeded = error else { throw error }
  }

  @Test("a column of texts that never repeat is refused rather than made a million columns")
  func manyCategories() throws {
    let error = try datasetError {
      _ = try open((0..<5_000).map { "text\($0),\($0 % 2)" }.joined(separator: "\n"))
    }
    guard case .limitExceeded = error else { throw error }
  }

  @Test("Adult as UCI publishes it: a comment line, dots behind the test classes, missing values")
  func adult() throws {
    let mirror = try Fixtures.mirror("adult", in: folder)
    var test = Array("|1x3 Cross validator\n".utf8) + (try Fixtures.bytes("adult/adult.test"))
    test += Array("\n".utf8)
    try folder.write(test, "mirror/adult/adult.test")
    let sums = try ["adult.data", "adult.test"].map { name in
      "\(try sha256(Array(try Data(contentsOf: folder.url.appending(path: "mirror/adult/\(name)")))))  \(name)\n"
    }
    try folder.write(Array(sums.joined().utf8), "mirror/adult/SHA256SUMS")
    let dataset = try DatasetLibrary(directory: folder.url.appending(path: "data"), mirror: mirror).open(
      .adult)
    #expect(dataset.count == 400)
    #expect(dataset.count(of: .test) == 100)
    #expect(dataset.classes == 2)
    // 39, State-gov, 77516, Bachelors, 13, …, <=50K
    let first = try Samples(dataset).values[0]
    #expect(first[0] == 39)
    #expect(first.contains(77_516))
    #expect(try Samples(dataset).labels[0] == 0)
  }

  @Test("credit as UCI's CSV and as an export of its spreadsheet", arguments: [1, 2])
  func credit(headerRows: Int) throws {
    let names = (1...23).map { "X\($0)" }
    var lines = [([headerRows == 2 ? "" : "ID"] + names + ["Y"]).joined(separator: ",")]
    if headerRows == 2 {
      lines.append(
        (["ID"] + (1...23).map { "PAY_\($0)" } + ["default payment next month"]).joined(separator: ","))
    }
    for row in 0..<6 {
      lines.append(
        ([row + 1] + (0..<23).map { row * 100 + $0 } + [row % 2]).map(String.init).joined(separator: ","))
    }
    let name = headerRows == 2 ? "default of credit card clients.csv" : "data.csv"
    try folder.write(Array(lines.joined(separator: "\r\n").utf8), "mirror/credit/\(name)")
    let library = DatasetLibrary(
      directory: folder.url.appending(path: "data"), mirror: folder.path + "/mirror")
    let dataset = try library.open(.credit())
    #expect(dataset.shape == .features(23))
    #expect(dataset.count == 6)
    let samples = try Samples(dataset)
    #expect(samples.values[2] == (0..<23).map { Float(200 + $0) })
    #expect(samples.labels == [0, 1, 0, 1, 0, 1])
  }
}
