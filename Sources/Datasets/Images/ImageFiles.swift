import Foundation

/// The files of a folder or an archive by their paths within it, images apart from others.
struct ImageFiles {
  struct Item {
    let path: String
    let source: ImageSource
  }

  /// `folder`, `tar` or `zip`.
  let container: String
  private(set) var images: [Item] = []
  /// What isn't an image by its name.
  private(set) var others: [Item] = []
  /// Why a file was left out, and how many were: endings, `hidden`, `link`.
  private(set) var leftOut: [String: Int] = [:]

  /// The files of a tar.
  init(_ archive: TarArchive) {
    container = "tar"
    for member in archive.members { add(member.name, .range(archive.file, member.range)) }
  }

  /// The files of a zip. Links lead to members of it; names that leave a folder are refused.
  init(_ archive: ZipArchive) throws(DatasetError) {
    container = "zip"
    for member in archive.members where !member.name.hasSuffix("/") {
      guard !member.isLink else {
        throw .malformed(
          file: archive.file.path, place: .member(member.name),
          reason: "a symbolic link: pack what links lead to instead (zip without -y)")
      }
      let name = try TarArchive.safe(
        member.name.replacing("\\", with: "/"), file: archive.file.path, offset: member.headerOffset)
      add(name, .zipped(archive, member))
    }
  }

  /// The files below a folder in order of their paths. Symbolic links are followed where they stay inside it; one that
  /// leads out is refused.
  init(folder: String, limits: DatasetLimits) throws(DatasetError) {
    container = "folder"
    var walk = FolderWalk(root: try FolderWalk.real(folder), limits: limits)
    try walk.visit("", walk.root, above: [])
    for (path, real) in walk.files.sorted(by: { $0.path < $1.path }) { add(path, .path(real)) }
    if walk.deadLinks > 0 { leftOut["link"] = walk.deadLinks }
  }

  private mutating func add(_ path: String, _ source: ImageSource) {
    let parts = path.split(separator: "/")
    if parts.contains(where: { $0.hasPrefix(".") || $0 == "__MACOSX" }) {
      leftOut["hidden", default: 0] += 1
      return
    }
    let ending = Self.ending(path)
    if ImageKind(ending: ending) != nil {
      images.append(Item(path: path, source: source))
    } else {
      leftOut[ending.isEmpty ? "without ending" : ".\(ending)", default: 0] += 1
      others.append(Item(path: path, source: source))
    }
  }

  /// What follows the last point of a file's name, in lower case; nothing where that is no ending.
  static func ending(_ path: String) -> String {
    let name = path.split(separator: "/").last ?? ""
    guard let point = name.lastIndex(of: "."), point != name.startIndex else { return "" }
    let ending = name[name.index(after: point)...].lowercased()
    return ending.count <= 10 && ending.allSatisfy { $0.isLetter || $0.isNumber } ? ending : ""
  }

  /// The files by the reason for which they are left out.
  var leftOutCounts: [ImageInference.KindCount] {
    leftOut.sorted { $0.key < $1.key }.map { .init(kind: $0.key, files: $0.value) }
  }
}

/// Visits a folder and what symbolic links in it lead to.
private struct FolderWalk {
  let root: String
  let limits: DatasetLimits
  private(set) var files: [(path: String, real: String)] = []
  /// Links that lead nowhere, or into a folder that they lie in.
  private(set) var deadLinks = 0

  init(root: String, limits: DatasetLimits) {
    self.root = root
    self.limits = limits
  }

  /// The path of a folder or file without links in it.
  static func real(_ path: String) throws(DatasetError) -> String {
    guard let resolved = realpath(path, nil) else {
      throw .unreadable(path: path, reason: "no such folder")
    }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// - Parameter above: the real paths of the folders that this one was come by.
  mutating func visit(_ path: String, _ real: String, above: [String]) throws(DatasetError) {
    guard above.count < 128 else { throw .limitExceeded(file: path, limit: "more than 128 folders deep") }
    guard let directory = opendir(real) else { throw .unreadable(path: real, reason: lastSystemError()) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard let name else {
        throw .malformed(file: real, place: .wholeFile, reason: "holds a file whose name isn't UTF-8")
      }
      if name != ".", name != ".." { names.append(name) }
    }
    for name in names.sorted() {
      try take(path.isEmpty ? name : "\(path)/\(name)", "\(real)/\(name)", above: above + [real])
    }
  }

  private mutating func take(_ path: String, _ place: String, above: [String]) throws(DatasetError) {
    var information = stat()
    guard lstat(place, &information) == 0 else {
      throw .unreadable(path: place, reason: lastSystemError())
    }
    var real = place
    if information.st_mode & S_IFMT == S_IFLNK {
      guard let resolved = try? Self.real(place), stat(resolved, &information) == 0 else {
        deadLinks += 1
        return
      }
      guard resolved == root || resolved.hasPrefix(root == "/" ? root : root + "/") else {
        throw .malformed(
          file: path, place: .wholeFile,
          reason: "a symbolic link to \(resolved), outside the folder: put what it leads to into the folder")
      }
      guard !above.contains(resolved) else {
        deadLinks += 1
        return
      }
      real = resolved
    }
    switch information.st_mode & S_IFMT {
    case S_IFDIR: try visit(path, real, above: above)
    case S_IFREG:
      guard files.count < limits.archiveMembers else {
        throw .limitExceeded(file: root, limit: "more than \(limits.archiveMembers) files")
      }
      files.append((path, real))
    default: break
    }
  }
}
