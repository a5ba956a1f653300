import Foundation

extension ImageFiles {
  /// The files of a folder, a tar (as it is, or compressed) or a zip.
  ///
  /// - Parameters:
  ///   - name: what messages call it.
  ///   - folder: where a compressed tar is decompressed to.
  init(
    contentsOf source: String, shownAs name: String?, temporaryIn folder: String, limits: DatasetLimits
  ) throws(DatasetError) {
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: source, isDirectory: &isFolder)
    if isFolder.boolValue {
      try self.init(folder: source, limits: limits)
      return
    }
    let file = try File(source, .read, shownAs: name)
    let start = try file.read(8, at: 0)
    if let other = Self.otherArchive(start) {
      throw .malformed(
        file: file.path, place: .offset(0),
        reason: "\(other), which isn't read: pack the folder as a tar (plain, .gz, .xz or .zst) or a zip")
    }
    if start.starts(with: [0x50, 0x4b]) {
      try self.init(try ZipArchive(file: file, limits: limits))
      return
    }
    let plain = try PlainFile(source, shownAs: name, temporaryIn: folder, limits: limits)
    self.init(try TarArchive(file: plain.file, limits: limits))
  }

  /// What a file is that people pack folders in, and that isn't read.
  private static func otherArchive(_ start: [UInt8]) -> String? {
    if start.starts(with: Array("BZh".utf8)) { return "compressed by bzip2" }
    if start.starts(with: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]) { return "a 7z archive" }
    if start.starts(with: Array("Rar!".utf8)) { return "a RAR archive" }
    if start.starts(with: [0x1f, 0x9d]) { return "compressed by compress" }
    if start.starts(with: [0x04, 0x22, 0x4d, 0x18]) { return "compressed by lz4" }
    if start.starts(with: [0x5d, 0, 0]) { return "compressed by lzma" }
    if start.starts(with: [0x89, 0x48, 0x44, 0x46]) { return "an HDF5 file" }
    if start.starts(with: Array("PAR1".utf8)) { return "a Parquet file" }
    return nil
  }
}
