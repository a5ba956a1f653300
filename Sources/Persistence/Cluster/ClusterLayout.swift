import Foundation

/// Where the files of a private cluster are.
///
/// | what | where |
/// |---|---|
/// | start-up lock | `<directory>/lock` |
/// | a note that a cluster was made, and when | `<directory>/made` |
/// | the cluster | `<place>/data`; while initdb works on it, `<place>/making-…` |
/// | PostgreSQL's log | `<place>/server.log` |
/// | the socket | `<place>/socket`, or a short folder when that is too long for a socket's address |
///
/// The place is the directory itself, unless this process is root and the folders above it are closed to the
/// user that the server runs as (`/root`, for one): then it is `/var/lib/emc/cluster-<hash of the path>`.
struct ClusterLayout: Sendable, Hashable {
  let directory: String
  let place: String
  let socketFolder: String

  var lock: String { directory + "/lock" }
  var note: String { directory + "/made" }
  var data: String { place + "/data" }
  var log: String { place + "/server.log" }
  var settings: String { data + "/emc.conf" }
  var postmasterFile: String { data + "/postmaster.pid" }
  static let port = 5432
  static let role = "emc"
  static let database = "emc"

  /// Makes the folders, with the rights that the server needs. Safe to repeat.
  static func prepare(directory: URL, user: ServerUser?) throws(ClusterError) -> ClusterLayout {
    let path = directory.standardizedFileURL.path
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .unusable(path: path, reason: "it can't be made; give another with --data-directory")
    }
    // The server's processes are found by their working directory, so symbolic links must be resolved.
    guard let resolved = realpath(path, nil) else { throw .unusable(path: path, reason: lastFault()) }
    defer { free(resolved) }
    let directory = String(cString: resolved)
    guard access(directory, W_OK) == 0 else {
      throw .unusable(path: directory, reason: "it can't be written; give another with --data-directory")
    }

    var place = directory
    if let user, !user.canReach((directory as NSString).deletingLastPathComponent) {
      place = "/var/lib/emc/cluster-\(hash(directory))"
      try makeFolder("/var/lib/emc", mode: 0o711, owner: nil)
    }
    try makeFolder(place, mode: 0o700, owner: user)

    var socketFolder = place + "/socket"
    if !isSocketFolder(socketFolder) {
      let runtime = user == nil ? ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"] : nil
      let candidates = [runtime, "/tmp"].compactMap { $0.map { "\($0)/emc-\(hash(place))" } }
      guard let short = candidates.first(where: isSocketFolder) else {
        throw .unusable(path: socketFolder, reason: "no path for a socket is short enough")
      }
      socketFolder = short
    }
    try makeFolder(socketFolder, mode: 0o700, owner: user)
    return ClusterLayout(directory: directory, place: place, socketFolder: socketFolder)
  }

  /// The address of a database of the cluster.
  func url(database: String = ClusterLayout.database, socketFolder: String? = nil) -> String {
    let folder =
      (socketFolder ?? self.socketFolder)
      .addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    return "postgresql://\(Self.role)@/\(database)?host=\(folder)&port=\(Self.port)"
  }

  /// The version that made the cluster; nil if there is none yet.
  func clusterVersion() -> String? {
    (try? String(contentsOfFile: data + "/PG_VERSION", encoding: .utf8))?
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// A socket's address holds 107 bytes; the characters are those that need no quoting in a setting.
  private static func isSocketFolder(_ path: String) -> Bool {
    let allowed = CharacterSet(charactersIn: "/._-").union(.alphanumerics)
    return path.utf8.count + "/.s.PGSQL.\(port)".utf8.count <= 107
      && path.utf8.allSatisfy { $0 < 128 && allowed.contains(Unicode.Scalar($0)) }
  }

  /// Makes a folder or takes the one that is there, if it belongs to the server's user: someone else's, or a
  /// symbolic link, in a folder that everybody writes to, is not to be trusted.
  private static func makeFolder(
    _ path: String, mode: mode_t, owner: ServerUser?
  ) throws(ClusterError) {
    let isNew = mkdir(path, mode) == 0
    guard isNew || errno == EEXIST else { throw .unusable(path: path, reason: lastFault()) }
    var facts = stat()
    guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
      throw .unusable(path: path, reason: "it is not a folder")
    }
    guard facts.st_uid == geteuid() || facts.st_uid == owner?.id else {
      throw .unusable(path: path, reason: "it belongs to another user")
    }
    if let owner, facts.st_uid != owner.id, chown(path, owner.id, owner.group) != 0 {
      throw .unusable(path: path, reason: lastFault())
    }
    if facts.st_mode & 0o7777 != mode, chmod(path, mode) != 0 {
      throw .unusable(path: path, reason: lastFault())
    }
  }

  private static func lastFault() -> String { String(cString: strerror(errno)) }

  /// FNV-1a, 64 bits: names a folder after a path; the same path always gets the same name.
  private static func hash(_ text: String) -> String {
    let value = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
