import Foundation

/// Files that people name to have something written there.
enum OutputFile {
  /// Writes a file, whole or not at all. A link stays, and what it leads to is written; what is no file, such as a device or a
  /// pipe, is written into.
  ///
  /// - Throws: `OutputNotWritten`.
  static func write(_ content: Data, to url: URL, option: String) throws {
    let target = url.resolvingSymlinksInPath()
    var status = stat()
    let isThere = stat(target.path, &status) == 0
    do {
      if isThere, status.st_mode & S_IFMT != S_IFREG, status.st_mode & S_IFMT != S_IFDIR {
        let file = try FileHandle(forWritingTo: target)
        try file.write(contentsOf: content)
        try file.close()
      } else {
        try content.write(to: target, options: .atomic)
      }
    } catch {
      throw OutputNotWritten(description: "\(option): \(url.path) can't be written: \(error.fileReason)")
    }
  }
}

/// What a command has made can't be kept where it was to go.
struct OutputNotWritten: Error, CustomStringConvertible {
  let description: String
}
