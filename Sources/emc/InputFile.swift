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
      throw WrongUsage(description: "\(place)the file \(path) can't be read: \(error.fileReason)")
    }
  }
}

extension Error {
  /// Why a file can't be read or written, in the system's own words where it has some: Foundation's are of an operation.
  var fileReason: String {
    let underlying = (self as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    if let underlying, underlying.domain == NSPOSIXErrorDomain {
      return String(cString: strerror(Int32(underlying.code))).lowercased()
    }
    return localizedDescription
  }
}
