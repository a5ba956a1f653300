import Foundation

/// The images of a folder or an archive, by split and class, and where their bytes lie.
struct ImageCollection {
  struct Entry {
    let name: String
    let className: String
    let source: Source
  }

  enum Source {
    case path(String)
    case range(File, Range<Int>)
  }

  private(set) var train: [Entry] = []
  private(set) var test: [Entry] = []

  private static let testNames: Set = ["test", "val", "validation", "valid"]
  private static let endings = [".jpg", ".jpeg", ".png"]

  /// Whether a file's name says that it is an image, hidden files aside.
  static func isImage(_ name: String) -> Bool {
    guard let last = name.split(separator: "/").last, !last.hasPrefix(".") else { return false }
    let lowered = last.lowercased()
    return endings.contains { lowered.hasSuffix($0) }
  }

  /// Adds an image by its path: `…/<split>/<class>/<file>`, where a folder that is no known split means that
  /// all are training images.
  mutating func add(_ path: String, _ source: Source) {
    let parts = path.split(separator: "/").map(String.init)
    guard parts.count >= 2, Self.isImage(path) else { return }
    let split = parts.count >= 3 ? parts[parts.count - 3].lowercased() : "train"
    let entry = Entry(name: path, className: parts[parts.count - 2], source: source)
    if Self.testNames.contains(split) { test.append(entry) } else { train.append(entry) }
  }

  mutating func addTrain(_ entry: Entry) { train.append(entry) }
  mutating func addTest(_ entry: Entry) { test.append(entry) }

  /// All images of a tar archive.
  init(archive: TarArchive) {
    for member in archive.members { add(member.name, .range(archive.file, member.range)) }
  }

  /// All images below a folder.
  init(folder: String) throws(DatasetError) {
    for name in try Self.files(below: folder) { add(name, .path("\(folder)/\(name)")) }
  }

  init() {}

  /// The files below a folder, by their paths from it, in order.
  static func files(below folder: String) throws(DatasetError) -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue,
      let enumerator = FileManager.default.enumerator(atPath: folder)
    else { throw .unreadable(path: folder, reason: "no such folder") }
    var names: [String] = []
    for case let name as String in enumerator where isImage(name) { names.append(name) }
    return names.sorted()
  }

  /// The classes in order of their names.
  var classNames: [String] { Set((train + test).map(\.className)).sorted() }
}
