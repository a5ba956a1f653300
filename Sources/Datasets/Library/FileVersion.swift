import Foundation

/// What tells that a file, or anything in a folder, has changed: sizes and times of the last change.
enum FileVersion {
  /// The version of a file, or of all files below a folder.
  static func of(_ path: String) throws(DatasetError) -> String {
    var information = stat()
    guard stat(path, &information) == 0 else { throw .unreadable(path: path, reason: lastSystemError()) }
    guard information.st_mode & S_IFMT == S_IFDIR else { return text(information) }
    guard let enumerator = FileManager.default.enumerator(atPath: path) else {
      throw .unreadable(path: path, reason: "no such folder")
    }
    var names: [String] = []
    for case let name as String in enumerator { names.append(name) }
    var digest = ContentDigest()
    for name in names.sorted() where stat("\(path)/\(name)", &information) == 0 {
      digest.update(Array("\(name) \(text(information))\n".utf8))
    }
    return digest.finish()
  }

  private static func text(_ information: stat) -> String {
    "\(information.st_size) \(information.st_mtim.tv_sec).\(information.st_mtim.tv_nsec)"
  }
}
