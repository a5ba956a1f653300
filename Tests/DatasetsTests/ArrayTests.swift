import Compute
import Datasets
import Foundation
import Testing

@Suite("NumPy arrays")
struct ArrayTests {
  let folder: TemporaryFolder
  let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(directory: folder.url.appending(path: "data"))
  }

  func open(_ bytes: [UInt8], _ ending: String, _ options: ArrayOptions = ArrayOptions()) throws
    -> any Dataset
  {
    let path = try folder.write(bytes, "\(UUID().uuidString).\(ending)")
    return try library.open(.arrays(path: path, options: options))
  }

  @Test(
    "every type of number, as NumPy writes it",
    arguments: ["f2", "f4", "f8", "f4big", "f8big", "i1", "i2", "i4big", "i8"])
  func types(name: String) throws {
    let samples = try Samples(open(Fixtures.bytes("arrays/\(name).npy"), "npy"))
    let half: Float = name.hasPrefix("f") ? 0.5 : 0
    #expect(samples.values == [[-3, half, 2], [100, 1, 2]])
    #expect(samples.labels == [0, 1])
  }

  @Test(
    "unsigned numbers of every width, and booleans",
    arguments: [("u1", 1), ("u2", 2), ("u4", 4), ("u8", 8), ("b1", 1)])
  func unsigned(type: String, size: Int) throws {
    let prefix = size == 1 ? "|" : "<"
    let header = "{'descr': '\(prefix)\(type)', 'fortran_order': False, 'shape': (2, 3), }"
    let values = type == "b1" ? [1, 0, 1, 0, 1, 0] : [200, 7, 1, 0, 250, 2]
    let content = values.flatMap { Array(bigEndian($0, bytes: size).reversed()) }
    let samples = try Samples(open(npy(header, content), "npy"))
    #expect(samples.values == [values[..<2], values[3..<5]].map { $0.map { Float($0) } })
    #expect(samples.labels == [type == "b1" ? 1 : 0, type == "b1" ? 0 : 1])
  }

  @Test("numbers so large that their squares aren't finite are refused")
  func enormous() throws {
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }"
    let content = [1e300, 0, -1e300, 1].flatMap { (value: Double) in
      Array(bigEndian(Int(bitPattern: UInt(value.bitPattern)), bytes: 8).reversed())
    }
    #expect(
      try datasetError { _ = try open(npy(header, content), "npy") }.description.contains("scale them first"))
  }

  @Test("stored images of bytes with a test split; deflated features of doubles")
  func archives() throws {
    var options = ArrayOptions()
    // 4 × 5 × 3: the first dimension could be that of the channels too.
    options.channelOrder = .last
    let images = try open(Fixtures.bytes("arrays/images.npz"), "npz", options)
    #expect(images.shape == .image(height: 4, width: 5, channels: 3))
    #expect((images.count, images.count(of: .test)) == (8, 4))
    #expect(try Samples(images).labels == [0, 1, 2, 0, 1, 2, 0, 1])
    let features = try open(Fixtures.bytes("arrays/features.npz"), "npz")
    #expect(features.shape == .features(60))
    // The features are the same bytes over 7.
    let bytes = try Samples(images).pixels[3].map { Float(Double($0) / 7) }
    #expect(try Samples(features).values[3] == bytes)
  }

  @Test(
    "arrays that can't be data are refused",
    arguments: [
      ("nan", "row 0: element 1 is nan, which isn't finite"),
      ("own-records", "array of records"), ("own-objects", "astype(float)"),
      ("own-complex", "complex numbers"),
    ])
  func refused(name: String, words: String) throws {
    let error = try datasetError { _ = try open(Fixtures.bytes("arrays/\(name).npy"), "npy") }
    #expect(error.description.contains(words))
  }

  @Test(
    "inputs and labels of every kind: classes are the values that occur, names keep them",
    arguments: [
      ("own-text-labels", ["cat", "dog", "ä"], [2, 0, 1]),
      ("own-byte-labels", ["cat", "dog", "eel"], [2, 0, 1]),
      ("own-boolean-labels", ["False", "True"], [1, 0, 1]), ("own-signs", ["-1", "1"], [1, 0, 1]),
      ("own-fortran-images", ["1", "2", "3"], [2, 0, 1]), ("own-positional", ["1", "2", "3"], [2, 0, 1]),
    ])
  func kindsOfLabels(name: String, classes: [String], labels: [Int32]) throws {
    let path = Fixtures.url.appending(path: "arrays/\(name).npz").path
    let entry = try library.add(name: "own", format: .npz(ArrayOptions()), contentsOf: path).dataset
    #expect(entry.classNames == classes)
    let samples = try Samples(try library.open(.stored(name: "own")))
    #expect(samples.labels == labels + labels + labels + labels)
    // All hold the same images.
    #expect(
      samples.values.map { $0.map { ($0 * (entry.shape.count == 3 ? 255 : 1)).rounded() } } == Self.images)
  }

  /// The images that the arrays named own-… hold, by the bytes of one that is stored as it is.
  private static let images: [[Float]] = {
    let bytes = try! Fixtures.bytes("arrays/own-channels-last.npz")
    let start = bytes.firstIndex(of: 0x93)! + 128
    return (0..<12).map { row in (0..<90).map { Float(bytes[start + row * 90 + $0]) } }
  }()

  @Test("channels first and last give the same images where the shape tells them apart")
  func channelOrder() throws {
    for name in ["own-channels-first", "own-channels-last"] {
      let dataset = try open(Fixtures.bytes("arrays/\(name).npz"), "npz")
      #expect(dataset.shape == .image(height: 6, width: 5, channels: 3))
      #expect(try Samples(dataset).pixels.map { $0.map(Float.init) } == Self.images)
    }
    let either = try Fixtures.bytes("arrays/own-channels-either.npz")
    #expect(try datasetError { _ = try open(either, "npz") }.description.contains("channel_order"))
    for (order, shape) in [
      (ArrayOptions.ChannelOrder.first, SampleShape.image(height: 5, width: 3, channels: 3)),
      (.last, .image(height: 3, width: 5, channels: 3)),
    ] {
      var options = ArrayOptions()
      options.channelOrder = order
      #expect(try open(either, "npz", options).shape == shape)
    }
    var wrong = ArrayOptions()
    wrong.channelOrder = .first
    let last = try Fixtures.bytes("arrays/own-channels-last.npz")
    #expect(try datasetError { _ = try open(last, "npz", wrong) }.description.contains("aren't first"))
  }

  @Test("one-hot rows are labels, rows that are no such are refused with their number")
  func oneHot() throws {
    let path = Fixtures.url.appending(path: "arrays/own-one-hot.npz").path
    let entry = try library.add(name: "hot", format: .npz(ArrayOptions()), contentsOf: path).dataset
    // Column 0 is never hot; class 4 has no training sample.
    #expect(entry.classNames == ["1", "2", "3", "4"])
    #expect(entry.inference?.arrays?.labelForm == "one_hot")
    #expect(entry.inference?.warnings.map(\.kind) == [.inferred, .classWithoutTrainingSamples])
    let dataset = try library.open(.stored(name: "hot"))
    #expect(try Samples(dataset).labels.prefix(3) == [2, 0, 1])
    #expect(try Samples(dataset, .test).labels == [3, 0, 1])
    let error = try datasetError { _ = try open(Fixtures.bytes("arrays/own-soft-labels.npz"), "npz") }
    #expect(error.description.contains("row 0") && error.description.contains("argmax"))
  }

  @Test("arrays are found by their names, asked for where that isn't certain, and all are told")
  func roles() throws {
    let validation = Fixtures.url.appending(path: "arrays/own-validation.npz").path
    let entry = try library.add(name: "v", format: .npz(ArrayOptions()), contentsOf: validation).dataset
    #expect((entry.trainCount, entry.testCount) == (12, 5))
    #expect(
      entry.inference?.warnings.contains { $0.kind == .splitReplaced && $0.detail.contains("x_val") } == true)
    for (name, words) in [
      ("own-two-inputs", "data and images may each"), ("own-four-positional", "arr_3"),
    ] {
      #expect(
        try datasetError { _ = try open(Fixtures.bytes("arrays/\(name).npz"), "npz") }.description.contains(
          words))
    }
    var options = ArrayOptions()
    options.inputs = "images"
    #expect(
      try open(Fixtures.bytes("arrays/own-two-inputs.npz"), "npz", options).shape
        == .image(height: 6, width: 5, channels: 3))
    options = ArrayOptions()
    (options.inputs, options.labels, options.testInputs, options.testLabels) = (
      "arr_0", "arr_1", "arr_2", "arr_3"
    )
    let dataset = try open(Fixtures.bytes("arrays/own-four-positional.npz"), "npz", options)
    #expect((dataset.count, dataset.count(of: .test)) == (12, 4))
    options.testLabels = nil
    #expect(
      try datasetError { _ = try open(Fixtures.bytes("arrays/own-four-positional.npz"), "npz", options) }
        .description.contains("test_labels"))
    options.testLabels = "nothing"
    #expect(
      try datasetError { _ = try open(Fixtures.bytes("arrays/own-four-positional.npz"), "npz", options) }
        .description.contains("nothing"))
    let objects = Fixtures.url.appending(path: "arrays/own-byte-labels.npz").path
    let told = try library.add(name: "o", format: .npz(ArrayOptions()), contentsOf: objects).dataset.inference
    #expect(told?.arrays?.arrays.map { [$0.name, $0.role] } == [["data", "inputs"], ["target", "labels"]])
    #expect(told?.warnings.contains { $0.detail.contains("target_names") } == true)
  }

  @Test(
    "Fortran order with classes in a column, in double precision; Python 2's header between double quotes")
  func fortranColumn() throws {
    var options = ArrayOptions()
    options.classColumn = 0
    let path = Fixtures.url.appending(path: "arrays/own-fortran-classes.npy").path
    let entry = try library.add(name: "f", format: .npy(options), contentsOf: path).dataset
    #expect(entry.classNames == ["10", "20", "30"])
    let samples = try Samples(try library.open(.stored(name: "f")))
    #expect(samples.labels.prefix(3) == [2, 0, 1])
    #expect(samples.values[3] == [0.375, Float(3e9 + 0.5)])
    let quoted = try Samples(open(Fixtures.bytes("arrays/own-double-quotes.npy"), "npy"))
    #expect(quoted.values == [[0.5, 1], [1.5, 2], [2.5, 3], [3.5, 4]])
    #expect(quoted.labels == [0, 1, 0, 1])
  }

  @Test("text of a fixed width is no input; what isn't NumPy's is refused as what it is")
  func otherKinds() throws {
    var options = ArrayOptions()
    (options.inputs, options.labels) = ("y", "x")
    #expect(
      try datasetError { _ = try open(Fixtures.bytes("arrays/own-text-labels.npz"), "npz", options) }
        .description.contains("needed are numbers"))
    let archive = try Fixtures.bytes("arrays/own-positional.npz")
    #expect(try datasetError { _ = try open(archive, "npy") }.description.contains("npz"))
    #expect(
      try datasetError { _ = try open(Fixtures.bytes("arrays/f4.npy"), "npz") }.description.contains(
        "format is npy"))
    #expect(
      try datasetError { _ = try open([0x80, 4, 0x95, 0, 0, 0, 0, 0], "npy") }.description.contains("pickle"))
  }

  /// A version 1 file with any header.
  func npy(_ header: String, _ content: [UInt8]) -> [UInt8] {
    let text = Array(header.utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 255), UInt8(text.count >> 8)] + text
      + content
  }

  @Test(
    "headers that lie are refused before memory is taken",
    arguments: [
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 3), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1000000000), }",
      "{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }",
      "{'descr': '<f16', 'fortran_order': False, 'shape': (2, 3), }",
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }",
      "{'descr': '<f4', 'shape': (2, 3), }", "{}", "",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}",
    ])
  func lyingHeader(header: String) throws {
    let content = [UInt8](repeating: 0, count: 24)
    _ = try datasetError { _ = try open(npy(header, content), "npy") }
  }

  @Test(
    "rows that no sample has are refused for their shape, before an element is looked for",
    arguments: [
      ("2, 134217728", "[2, 134217728], allowed are at most 67108864 elements a row"),
      ("2, 9000, 9000", "[2, 9000, 9000], allowed are at most 67108864 elements a row"),
      ("2, 2097152", "[2, 2097152]; every size is at least 1"),
    ])
  func longRows(shape: String, words: String) throws {
    let labels = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", [0, 1])
    for isFortran in ["True", "False"] {
      let inputs = npy("{'descr': '|u1', 'fortran_order': \(isFortran), 'shape': (\(shape)), }", [])
      let zip = Zip.archive([("x.npy", inputs), ("y.npy", labels)])
      let error = try datasetError { _ = try open(zip, "npz") }
      #expect(error.description.contains("x.npy") && error.description.contains(words), "\(error)")
    }
  }

  @Test("rows that are read in pieces are the same in both orders")
  func pieces() throws {
    // More elements than are converted at once.
    let (height, width) = (600, 500)
    func value(_ row: Int, _ y: Int, _ x: Int) -> Int { (row * 311 + y * 7 + x) % 1_000 }
    var (rowMajor, columnMajor) = ([UInt8](), [UInt8](repeating: 0, count: 4 * height * width))
    for row in 0..<2 {
      for y in 0..<height {
        for x in 0..<width {
          let bytes = [UInt8(value(row, y, x) & 255), UInt8(value(row, y, x) >> 8)]
          rowMajor += bytes
          let place = 2 * (row + 2 * (y + height * x))
          (columnMajor[place], columnMajor[place + 1]) = (bytes[0], bytes[1])
        }
      }
    }
    let labels = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", [0, 1])
    for (isFortran, content) in [("False", rowMajor), ("True", columnMajor)] {
      let header = "{'descr': '<i2', 'fortran_order': \(isFortran), 'shape': (2, \(height), \(width)), }"
      let zip = Zip.archive([("x.npy", npy(header, content)), ("y.npy", labels)])
      let values = try Samples(open(zip, "npz")).values
      for row in 0..<2 {
        let expected = (0..<height * width).map { Float(value(row, $0 / width, $0 % width)) }
        #expect(values[row] == expected, "Fortran order: \(isFortran)")
      }
    }
  }

  @Test("labels that aren't finite, fractional, of another number or all the same are refused")
  func labels() throws {
    func archive(_ labels: [UInt8], _ type: String, _ count: Int) throws -> DatasetError {
      let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(count),), }"
      let inputs = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }", [1, 2, 3, 4])
      let zip = Zip.archive([("x.npy", inputs), ("y.npy", npy(header, labels))])
      return try datasetError { _ = try open(zip, "npz") }
    }
    #expect(try archive([0, 0, 0, 0, 0, 0, 192, 127], "<f4", 2).description.contains("isn't finite"))
    #expect(try archive([0, 0, 0, 0, 0, 0, 0, 63], "<f4", 2).description.contains("no integer"))
    #expect(try archive([0, 1, 1], "|i1", 3).description.contains("for 2 samples"))
    #expect(try archive([1, 1], "|i1", 2).description.contains("single class"))
  }

  @Test("a zip that lies about size or checksum, is cut, or is no zip at all is refused")
  func zip() throws {
    let good = Zip.archive([("x.npy", [1, 2, 3]), ("y.npy", [4])])
    for length in 0..<good.count {
      _ = try datasetError { _ = try open(Array(good.prefix(length)), "npz") }
    }
    // Numbers of the members in the directory that say something huge.
    for offset in [20, 24, 42] {
      var bytes = good
      let directory = bytes.indices.first { Array(bytes[$0...].prefix(4)) == [0x50, 0x4b, 1, 2] }!
      bytes.replaceSubrange(directory + offset..<directory + offset + 4, with: [0xfe, 0xff, 0xff, 0x7f])
      _ = try datasetError { _ = try open(bytes, "npz") }
    }
    var flipped = Zip.archive([
      ("x.npy", npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }", [1, 2, 250, 251])),
      ("y.npy", npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", [0, 1])),
    ])
    flipped[flipped.firstIndex(of: 250)!] = 252
    #expect(try datasetError { _ = try open(flipped, "npz") }.description.contains("checksum"))
    let bomb = Zip.archive(
      [
        (
          "x.npy",
          npy(
            "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 500), }",
            [UInt8](repeating: 0, count: 1_000))
        )
      ],
      statedSize: 1 << 30)
    let error = try datasetError { _ = try open(bomb, "npz") }
    #expect(!error.description.isEmpty)
  }
}
