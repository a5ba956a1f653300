import Foundation

/// A file of the file system or, where it was compressed, its decompressed copy, which goes when this does.
final class PlainFile {
  let file: File
  private let temporary: String?

  /// Opens `path`; a compressed file is decompressed to `folder` first.
  init(
    _ path: String, shownAs name: String? = nil, temporaryIn folder: String, limits: DatasetLimits
  ) throws(DatasetError) {
    let original = try File(path, .read, shownAs: name)
    guard Compression(firstBytes: try original.read(6, at: 0)) != nil else {
      file = original
      temporary = nil
      return
    }
    let copy = "\(folder)/\(getpid()).\(UInt32.random(in: 0...UInt32.max)).tmp"
    do throws(DatasetError) {
      let target = try File(copy, .create)
      var reader = try ByteReader(file: original, limits: limits)
      while true {
        let bytes = try reader.some()
        if bytes.isEmpty { break }
        try target.write(Array(bytes))
      }
      file = try File(copy, .read, shownAs: name ?? path)
    } catch {
      unlink(copy)
      throw error
    }
    temporary = copy
  }

  deinit {
    if let temporary { unlink(temporary) }
  }
}
