@_spi(Fuzzing) import Datasets
import Foundation
import Testing

@Suite("Archives of images")
struct ImageArchiveTests {
  let folder: TemporaryFolder
  let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(directory: folder.url.appending(path: "data"))
  }

  func add(_ path: String) throws -> StoredDataset {
    try library.add(
      name: UUID().uuidString.lowercased(), format: .images(ImageForm(height: 3, width: 4)), contentsOf: path
    ).dataset
  }

  func fixture(_ name: String) -> String { Fixtures.url.appending(path: "archives/\(name)").path }

  @Test("tar, zstd and zip hold the same images", arguments: ["two.tar.zst", "two.zip", "attributes.tar"])
  func same(name: String) throws {
    let (entry, plain) = try (add(fixture(name)), add(fixture("two.tar")))
    #expect(entry.digest == plain.digest)
    #expect((plain.trainCount, plain.testCount) == (3, 1))
    #expect(entry.inference!.images!.container == (name.hasSuffix("zip") ? "zip" : "tar"))
  }

  @Test("a zip with names of DOS's character set, a folder around all and macOS's own files")
  func names() throws {
    let entry = try add(fixture("names.zip"))
    #expect(entry.classNames == ["bärx", "dog"])
    #expect(entry.inference!.images!.layout == "bilder/split/class/file")
    #expect(entry.inference!.images!.leftOut.map { "\($0.files) \($0.kind)" } == ["1 hidden"])
  }

  @Test("links of a tar stand for what they lead to; other links and sparse files are refused")
  func links() throws {
    let entry = try add(fixture("links.tar"))
    #expect((entry.trainCount, entry.testCount) == (5, 1))
    let samples = try Samples(try library.open(digest: entry.digest))
    #expect(samples.labels == [0, 0, 1, 1, 1])
    #expect(samples.pixels[3] == samples.pixels[0] && samples.pixels[4] == samples.pixels[1])
    #expect(try datasetError { _ = try add(fixture("sparse.tar")) }.description.contains("sparse"))
    for target in ["../../../etc/passwd", "/etc/passwd", "nowhere.png", "../cat", "link.png"] {
      let image = try Fixtures.bytes("images/grey.png")
      var link = Tar.member("train/dog/link.png", [], type: UInt8(ascii: "2"))
      link.replaceSubrange(157..<157 + target.utf8.count, with: Array(target.utf8))
      link = Tar.withChecksum(link)
      let path = try folder.write(
        link + Tar.archive([("train/cat/1.png", image), ("train/dog/1.png", image)]), "link.tar")
      #expect(try datasetError { _ = try add(path) }.description.contains("--dereference"), "\(target)")
    }
  }

  @Test(
    "other archives are refused as what they are",
    arguments: [
      (Array("BZh91AY&SY".utf8), "bzip2"), ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4], "7z"),
      (Array("Rar!\u{1a}\u{7}".utf8), "RAR"), (Array("PAR1....".utf8), "Parquet"),
    ] as [([UInt8], String)])
  func others(start: [UInt8], words: String) throws {
    let path = try folder.write(start + [UInt8](repeating: 0, count: 600), "archive.tar")
    #expect(try datasetError { _ = try add(path) }.description.contains(words))
  }

  @Test(
    "members that share bytes, names that leave a folder, links, passwords and strange methods are refused in a zip"
  )
  func hostileZip() throws {
    let image = try Fixtures.bytes("images/grey.png")
    let good = Zip.archive([("train/a/1.png", image), ("train/b/2.png", image)])
    let directory = good.indices.filter { good[$0...].starts(with: [0x50, 0x4b, 1, 2]) }
    func changed(_ offset: Int, _ bytes: [UInt8]) -> [UInt8] {
      var zip = good
      zip.replaceSubrange(directory[1] + offset..<directory[1] + offset + bytes.count, with: bytes)
      return zip
    }
    #expect(try add(folder.write(good, "good.zip")).trainCount == 2)
    for (zip, words) in [
      (changed(42, [0, 0, 0, 0]), "another member"), (changed(8, [1, 0]), "password"),
      (changed(10, [12, 0]), "method 12"),
      (changed(5, [3, 0, 0]).replacingBytes(at: directory[1] + 38, [0, 0, 0xff, 0xa1]), "symbolic link"),
      (Zip.archive([("train/a/1.png", image), ("../b/2.png", image)]), "member name"),
      (Zip.archive([("train/a/1.png", image), ("/b/2.png", image)]), "member name"),
      (Zip.archive([("train/a/1.png", image), ("..\\b\\2.png", image)]), "member name"),
    ] {
      let error = try datasetError { _ = try add(folder.write(zip, "bad.zip")) }
      #expect(error.description.contains(words), "\(error)")
    }
  }

  @Test("xz and zstd bombs end at the limit", arguments: [("zeros.xz", FileParser.xz), ("zeros.zst", .zstd)])
  func bombs(name: String, parser: FileParser) throws {
    let error = try datasetError { try parser.parse(Fixtures.bytes("archives/\(name)"), in: folder.path) }
    guard case .limitExceeded = error else { throw error }
  }

  @Test("streams that follow one another are one, in each form of compression")
  func concatenated() throws {
    for (name, parser) in [("two.tar.zst", FileParser.zstd), ("../cases/tar/plain.tar.xz", .xz)] {
      let bytes = try Fixtures.bytes("archives/\(name)")
      try parser.parse(bytes + bytes, in: folder.path)
      #expect(throws: DatasetError.self) {
        try parser.parse(bytes + bytes.prefix(bytes.count / 2), in: folder.path)
      }
      #expect(throws: DatasetError.self) {
        try parser.parse(bytes + [1, 2, 3, 4, 5, 6, 7, 8], in: folder.path)
      }
    }
  }
}

extension [UInt8] {
  fileprivate func replacingBytes(at offset: Int, _ bytes: [UInt8]) -> [UInt8] {
    var copy = self
    copy.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    return copy
  }
}
