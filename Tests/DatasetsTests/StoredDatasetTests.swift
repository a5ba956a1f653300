import Datasets
import Foundation
import Testing

@Suite("The user's data sets")
struct StoredDatasetTests {
  let folder: TemporaryFolder
  let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(directory: folder.url.appending(path: "data"))
  }

  var csv: UploadFormat { .csv(TableOptions()) }

  func upload(_ name: String, _ text: String, _ format: UploadFormat? = nil) throws -> StoredDataset {
    try addition(name, text, format).dataset
  }

  func addition(_ name: String, _ text: String, _ format: UploadFormat? = nil) throws -> Addition {
    let upload = try library.beginUpload()
    // In small parts, as a body arrives.
    for part in stride(from: 0, to: text.utf8.count, by: 7) {
      try upload.write(Array(text.utf8.dropFirst(part).prefix(7)))
    }
    return try upload.finish(name: name, format: format ?? csv)
  }

  @Test("added, listed, opened by name and by digest, removed")
  func life() throws {
    let entry = try upload("flowers", "a,y\n1,p\n2,q\n")
    #expect((entry.format, entry.shape, entry.classes, entry.trainCount) == ("csv", [1], 2, 2))
    #expect(entry.classNames == ["p", "q"])
    #expect(try library.stored() == [entry])
    #expect(try library.stored(named: "flowers") == entry)
    #expect(try library.open(.stored(name: "flowers")).digest == entry.digest)
    #expect(try library.open(digest: entry.digest).count == 2)
    // Another process sees the same.
    let other = DatasetLibrary(directory: folder.url.appending(path: "data"))
    #expect(try other.stored() == [entry])
    try library.remove(name: "flowers")
    #expect(try library.stored().isEmpty)
    #expect(
      try datasetError { _ = try library.open(.stored(name: "flowers")) } == .unknownDataset(name: "flowers"))
    #expect(try datasetError { try library.remove(name: "flowers") } == .unknownDataset(name: "flowers"))
    #expect(throws: DatasetError.self) { try library.open(digest: entry.digest) }
  }

  @Test("the same content has the same digest and is kept while a name has it")
  func contentAddress() throws {
    let first = try upload("one", "a,y\n1,p\n2,q\n")
    let second = try upload("two", "a;y\r\n1.0;p\r\n2;q\r\n")
    #expect(first.digest == second.digest)
    #expect(try upload("three", "a,y\n1,p\n3,q\n").digest != first.digest)
    try library.remove(name: "one")
    #expect(try library.open(.stored(name: "two")).count == 2)
  }

  @Test("the same content under the same name again changes nothing, other content is refused")
  func again() throws {
    let first = try addition("taken", "a,y\n1,p\n2,q\n")
    let second = try addition("taken", "a;y\n1;p\n2;q\n")
    #expect(first.isNew && !second.isNew)
    // What was understood of the second file may be other words for the same content.
    var again = second.dataset
    again.inference = first.dataset.inference
    #expect(again == first.dataset)
    #expect(
      try datasetError { _ = try upload("taken", "a,y\n1,p\n3,q\n") } == .nameTaken(name: "taken"))
    #expect(try library.stored() == [first.dataset])
    #expect(try library.open(.stored(name: "taken")).count == 2)
    for place in ["uploads", "blocks"] {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/\(place)")
      #expect(names.allSatisfy { $0.hasPrefix("content-") })
    }
  }

  @Test("what a killed process left behind goes once it is old, and nothing else does")
  func abandoned() throws {
    let kept = try upload("kept", "a,y\n1,p\n2,q\n")
    let upload = try library.beginUpload()
    try upload.write(Array("a,y\n1,p\n2,r\n".utf8))
    for name in ["uploads/dead.tmp", "blocks/adding-dead.block", "blocks/1.2.tmp"] {
      let path = folder.path + "/data/\(name)"
      #expect(FileManager.default.createFile(atPath: path, contents: Data("x".utf8)))
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -7200)], ofItemAtPath: path)
    }
    library.removeAbandoned(before: Date(timeIntervalSinceNow: -3600))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/blocks")
        == ["content-\(kept.digest).block"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/uploads").count == 1)
    #expect(try upload.finish(name: "late", format: csv).isNew)
  }

  @Test("a folder of images is read again when a file in it changes")
  func changedFolder() throws {
    let sample = folder.path + "/images/train"
    let image = try Data(Fixtures.bytes("images/subsampled.jpg"))
    for name in ["a", "b"] {
      try FileManager.default.createDirectory(
        atPath: "\(sample)/\(name)", withIntermediateDirectories: true)
      try image.write(to: URL(filePath: "\(sample)/\(name)/1.jpg"))
    }
    let reference = DatasetReference.imageFolder(
      path: folder.path + "/images", form: ImageForm(height: 4, width: 4))
    let before = try library.open(reference)
    #expect(before.count == 2)
    #expect(try library.open(reference).digest == before.digest)
    try image.write(to: URL(filePath: "\(sample)/b/2.jpg"))
    #expect(try library.open(reference).count == 3)
  }

  @Test("names that clash or can't be are refused before anything is received")
  func names() throws {
    for name in ["mnist", "gaussian"] {
      #expect(try datasetError { try library.checkName(name) } == .nameTaken(name: name))
    }
    for name in ["", "Upper", "../x", "a/b", ".hidden", "-x", String(repeating: "a", count: 65), "ä"] {
      #expect(try datasetError { try library.checkName(name) } == .invalidName(name: name))
    }
  }

  @Test("a faulty file registers nothing and leaves nothing behind; the message names the data set")
  func faulty() throws {
    let error = try datasetError { _ = try upload("bad", "a,y\n1,p\n2\n") }
    #expect(error.description.hasPrefix("bad, row 3"))
    #expect(try library.stored().isEmpty)
    for place in ["uploads", "blocks"] {
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/\(place)").isEmpty)
    }
    #expect(try upload("bad", "a,y\n1,p\n2,q\n").trainCount == 2)
  }

  @Test("a body beyond the limit is refused")
  func limit() throws {
    let upload = try library.beginUpload(limit: 10)
    try upload.write([UInt8](repeating: 0, count: 10))
    let error = try datasetError { try upload.write([0]) }
    guard case .limitExceeded = error else { throw error }
  }

  @Test("arrays and tars of images, packed or not")
  func formats() throws {
    let arrays = Fixtures.url.appending(path: "arrays/images.npz").path
    var options = ArrayOptions()
    options.channelOrder = .last
    #expect(
      try library.add(name: "arrays", format: .npz(options), contentsOf: arrays).dataset.testCount == 4)
    let packed = try folder.write(gzip(Fixtures.bytes("image_folder/sample.tar")), "sample.tar.gz")
    let images = try library.add(
      name: "images", format: .images(ImageForm(height: 16, width: 16)), contentsOf: packed
    ).dataset
    #expect((images.trainCount, images.classes, images.shape) == (30, 10, [16, 16, 3]))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/blocks").allSatisfy {
        $0.hasPrefix("content-")
      })
  }

  @Test(
    "tars in their several forms: a name in two parts, GNU's long names and wide sizes, pax records",
    arguments: [
      ("ustar-prefix", [String(repeating: "a", count: 90), "b"]),
      ("gnu-long", [String(repeating: "a", count: 90), "b"]), ("gnu-base256", ["a", "b"]),
      ("pax", [String(repeating: "a", count: 90), "ünïcode"]),
    ])
  func tars(name: String, classes: [String]) throws {
    let path = Fixtures.url.appending(path: "tars/\(name).tar.gz").path
    let entry = try library.add(name: name, format: .images(ImageForm(height: 2, width: 2)), contentsOf: path)
      .dataset
    #expect(entry.classNames == classes)
    let pixels = try Samples(library.open(.stored(name: name))).pixels
    // The image is the corner of another fixture.
    let corner = try Fixtures.bytes("images/interlaced.png.expected")[12...]
    let expected = Array(corner.prefix(6) + corner.dropFirst(33).prefix(6))
    #expect(pixels == [expected, expected])
  }

  @Test(
    "NumPy's zips with 64-bit fields, and written to a pipe, hold the same", arguments: ["zip64", "streamed"])
  func zips(name: String) throws {
    func add(_ name: String) throws -> StoredDataset {
      let path = Fixtures.url.appending(path: "arrays/\(name).npz").path
      var options = ArrayOptions()
      options.channelOrder = .last
      return try library.add(name: name, format: .npz(options), contentsOf: path).dataset
    }
    #expect(try add(name).digest == add("images").digest)
  }
}
