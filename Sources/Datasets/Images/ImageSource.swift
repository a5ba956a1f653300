/// Where the bytes of a file lie.
enum ImageSource: Sendable {
  case path(String)
  case range(File, Range<Int>)
  case zipped(ZipArchive, ZipArchive.Member)

  /// All bytes; no more than `limit` of them. `name` is the file's in messages.
  func bytes(_ name: String, limit: Int) throws(DatasetError) -> [UInt8] {
    func check(_ size: Int) throws(DatasetError) {
      guard size <= limit else { throw .limitExceeded(file: name, limit: "\(size) bytes of one image") }
    }
    switch self {
    case .path(let path):
      let file = try File(path, .read)
      try check(file.size)
      return try file.read(file.size, at: 0)
    case .range(let file, let range):
      try check(range.count)
      return try file.read(range.count, at: range.lowerBound)
    case .zipped(let archive, let member):
      try check(member.size)
      var reader = try archive.reader(member)
      let bytes = try reader.bytes(member.size, "\(member.size) bytes")
      // Reading to the end is what checks size and checksum.
      try reader.expectEnd()
      return bytes
    }
  }
}
