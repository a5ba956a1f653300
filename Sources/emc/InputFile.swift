import Foundation

/// A file that is read whole; - stands for standard input.
struct InputFile {
  let path: String
  /// The option that names it; nil where an argument does.
  var option: String?

  /// What people call it.
  var name: String { path == "-" ? "standard input" : path }

  /// - Throws: `WrongUsage` where it can't be read.
  func bytes() throws -> Data {
    if path == "-" { return FileHandle.standardInput.readDataToEndOfFile() }
    do {
      return try Data(contentsOf: URL(filePath: path))
    } catch {
      let place = option.map { "\($0): " } ?? ""
      throw WrongUsage(description: "\(place)the file \(path) can't be read: \(error.localizedDescription)")
    }
  }
}
