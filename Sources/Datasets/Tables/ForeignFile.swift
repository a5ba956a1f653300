/// What is no delimited text, by how it starts: a file is refused as what it is.
enum ForeignFile {
  /// The reason to refuse a file that starts with these bytes; nil where it may be text.
  static func reason(_ start: [UInt8]) -> String? {
    for (magic, what, remedy) in kinds where start.starts(with: magic) {
      return "it is \(what), not delimited text: \(remedy)"
    }
    let text = String(decoding: start.prefix(256), as: UTF8.self).lowercased()
      .drop { $0.isWhitespace || $0 == "\u{feff}" }
    if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") {
      return
        "it is an HTML page, not delimited text: an address was saved that shows the file instead of giving it"
    }
    if text.hasPrefix("<?xml") { return "it is XML, not delimited text: \(export)" }
    if text.hasPrefix("{\"") || text.hasPrefix("[{") || text.hasPrefix("[[") {
      return
        "it is JSON, not delimited text: \(export) (pandas: read_json, with lines=True where each row is an object)"
    }
    if text.hasPrefix("version https://git-lfs") {
      return "it is a pointer of Git LFS, not the file: get it with git lfs pull"
    }
    return nil
  }

  private static let export = "export it as CSV"
  private static let unpack = "unpack it, or pack it with gzip, xz or zstd"

  private static let kinds: [(magic: [UInt8], what: String, remedy: String)] = [
    (Array("PAR1".utf8), "a Parquet file", "\(export) (pandas: read_parquet, then to_csv(index=False))"),
    ([0xd0, 0xcf, 0x11, 0xe0], "an Excel workbook (xls)", export),
    (Array("ARROW1".utf8), "a Feather (Arrow) file", export),
    ([0x89, 0x48, 0x44, 0x46], "an HDF5 file", export),
    (Array("SQLite format 3".utf8), "an SQLite database", export),
    (Array("%PDF".utf8), "a PDF", export),
    ([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], "a NumPy array", "set format to npy"),
    (Array("BZh".utf8), "a bzip2 file", unpack),
    ([0x37, 0x7a, 0xbc, 0xaf], "a 7z archive", unpack),
    (Array("Rar!".utf8), "a RAR archive", unpack),
    ([0x80, 0x02], "a Python pickle", export), ([0x80, 0x03], "a Python pickle", export),
    ([0x80, 0x04], "a Python pickle", export), ([0x80, 0x05], "a Python pickle", export),
    ([0x89, 0x50, 0x4e, 0x47], "a PNG image", "images are added as a tar or folder"),
    ([0xff, 0xd8, 0xff], "a JPEG image", "images are added as a tar or folder"),
  ]

  /// The one member of a zip archive that is a table; a workbook and several members are refused.
  static func member(of archive: ZipArchive) throws(DatasetError) -> ZipArchive.Member {
    func refuse(_ reason: String) -> DatasetError {
      .malformed(file: archive.file.path, place: .wholeFile, reason: reason)
    }
    let names = archive.members.map(\.name)
    if names.contains(where: { $0.hasPrefix("xl/") }) {
      throw refuse("it is an Excel workbook (xlsx), not delimited text: \(export)")
    }
    if names.contains("mimetype"), names.contains("content.xml") {
      throw refuse("it is an OpenDocument spreadsheet, not delimited text: \(export)")
    }
    if names.contains(where: { $0.hasSuffix(".npy") }) {
      throw refuse("it is an archive of NumPy arrays, not delimited text: set format to npz")
    }
    // What file managers add is none of the user's files.
    let files = archive.members.filter { member in
      !member.name.hasSuffix("/") && !member.name.hasPrefix("__MACOSX/")
        && member.name.split(separator: "/").last?.hasPrefix(".") == false
    }
    guard files.count == 1, let member = files.first else {
      throw refuse(
        files.isEmpty
          ? "it is a zip archive without a file in it"
          : "it is a zip archive of \(files.count) files (\(shortList(files.map(\.name), upTo: 5))): one is read; "
            + "unpack the one that is meant")
    }
    return member
  }
}
