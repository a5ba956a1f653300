import Datasets
import Foundation
import Testing

@Suite("Encodings and packings of delimited text")
struct TextEncodingTests {
  let folder: TemporaryFolder
  let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(directory: folder.url.appending(path: "data"))
  }

  static let text = "größe,klasse\n1.5,süß\n2.5,sauer\n3.5,日本\n4.5,😀\n"

  func add(_ bytes: [UInt8], _ encoding: TextEncoding? = nil) throws -> StoredDataset {
    var options = TableOptions()
    options.encoding = encoding
    let path = try folder.write(bytes, "\(UUID().uuidString).csv")
    return try library.add(
      name: "t\(UUID().uuidString.lowercased())", format: .csv(options), contentsOf: path
    ).dataset
  }

  static func bytes(_ text: String, _ encoding: String.Encoding) -> [UInt8] {
    Array(text.data(using: encoding) ?? Data())
  }

  @Test(
    "Unicode is read with and without a byte order mark",
    arguments: [
      ("utf-8", [], .utf8), ("utf-8", [0xef, 0xbb, 0xbf], .utf8),
      ("utf-16le", [0xff, 0xfe], .utf16LittleEndian),
      ("utf-16be", [0xfe, 0xff], .utf16BigEndian), ("utf-16le", [], .utf16LittleEndian),
      ("utf-16be", [], .utf16BigEndian),
    ] as [(String, [UInt8], String.Encoding)])
  func unicode(name: String, mark: [UInt8], encoding: String.Encoding) throws {
    let content = mark + Self.bytes(Self.text, encoding)
    for packed in [content, gzip(content)] {
      let entry = try add(packed)
      #expect(entry.classNames?.sorted() == ["sauer", "süß", "日本", "😀"])
      #expect(entry.columnNames == ["größe"])
      #expect(entry.inference?.table?.encoding == name)
      #expect(entry.inference?.table?.byteOrderMark == !mark.isEmpty)
    }
  }

  @Test("Latin-1 and Windows-1252 by option, as Foundation has them")
  func singleBytes() throws {
    // Foundation's own tables are the oracle; € is only in one of them.
    let western = "größe,klasse\n1,süß\n2,10 €\n"
    let windows = try add(Self.bytes(western, .windowsCP1252), .windows1252)
    #expect(windows.classNames == ["10 €", "süß"])
    let latin = try add(Self.bytes(western.replacing("€", with: "£"), .isoLatin1), .latin1)
    #expect(latin.classNames == ["10 £", "süß"])
    let all = (0x80...0xff).compactMap { byte in
      String(data: Data([UInt8(byte)]), encoding: .windowsCP1252).map { (UInt8(byte), $0) }
    }
    for (byte, character) in all {
      let entry = try add(Array("a,y\n1,x".utf8) + [byte] + Array("x\n2,q\n".utf8), .windows1252)
      #expect(entry.classNames?.contains("x\(character)x") == true, "\(byte)")
    }
  }

  @Test(
    "what isn't in the encoding is refused with the row",
    arguments: [
      ([0xe9], "row 3"), ([0xc3], "row 3"), ([0xed, 0xa0, 0x80], "row 3"),
      ([0xf5, 0x80, 0x80, 0x80], "row 3"),
      ([0xc0, 0xaf], "row 3"), ([0x00], "row 3"),
    ] as [([UInt8], String)])
  func invalid(bytes: [UInt8], place: String) throws {
    let error = try datasetError {
      _ = try add(Array("ä,y\n1,ö\n2,x".utf8) + bytes + Array("y\n3,ü\n".utf8))
    }
    #expect(error.description.contains(place) && error.description.contains("encoding"), "\(error)")
  }

  @Test("characters may lie across the borders of what is read at a time")
  func borders() throws {
    // 262,144 bytes are read at a time: every character ends up across the border for some length before it.
    for shift in 0..<4 {
      var text = "w,y\n"
      text += String(repeating: "a", count: shift) + "😀,p\n"
      for row in 0..<33_000 { text += "日本語😀ß,\(row % 2 == 0 ? "p" : "q")\n" }
      let entry = try add(Array(text.utf8))
      #expect(entry.columnNames?.contains("w=日本語😀ß") == true)
      #expect(entry.shape == [2])
    }
  }

  @Test("a zip with one table is read, with what file managers add; several are refused by name")
  func zip() throws {
    let table = Array("a,y\n1,p\n2,q\n".utf8)
    let one = try add(Zip.archive([("__MACOSX/._t.csv", [1]), (".DS_Store", [2]), ("folder/t.csv", table)]))
    #expect(one.trainCount == 2 && one.inference?.table?.compression == "zip")
    let error = try datasetError { _ = try add(Zip.archive([("train.csv", table), ("test.csv", table)])) }
    #expect(error.description.contains("train.csv, test.csv"))
  }

  @Test(
    "what is no text is refused as what it is",
    arguments: [
      (Array("PAR1aaaa".utf8), "Parquet"), ([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1], "Excel"),
      (Array("<!DOCTYPE html><html>".utf8), "HTML"), (Array("\n <html><body>".utf8), "HTML"),
      (Array("%PDF-1.7".utf8), "PDF"), ([0x89, 0x48, 0x44, 0x46, 0x0d], "HDF5"),
      (Array("SQLite format 3\0".utf8), "SQLite"),
      (Array("BZh91AY".utf8), "bzip2"),

      ([0x80, 0x04, 0x95], "pickle"), (Array("version https://git-lfs.github.com/spec/v1\n".utf8), "Git LFS"),
      (Array("ARROW1\0\0".utf8), "Feather"), ([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0], "npy"),
    ] as [([UInt8], String)])
  func foreign(bytes: [UInt8], name: String) throws {
    for packed in [bytes, gzip(bytes)] {
      let error = try datasetError { _ = try add(packed) }
      #expect(error.description.contains(name), "\(error)")
    }
  }
}
