import Foundation
import Persistence

/// A folder for clusters that is removed, with the servers in it, when the process ends.
enum TemporaryCluster {
  /// Short, since sockets have their place below it; open to the user that PostgreSQL runs as.
  static let root: URL = {
    var template = Array("/tmp/emc-tests-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { fatalError("no folder in /tmp: \(errno)") }
    let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    chmod(path, 0o711)
    atexit { TemporaryCluster.removeAll() }
    return URL(fileURLWithPath: path)
  }()

  /// The cluster that the tests share.
  static func start() async throws -> String {
    let cluster = privateCluster(at: root.appendingPathComponent("shared"))
    let url = try await cluster.start()
    await cluster.release()
    // Nothing here is to survive the machine, and databases come and go by the dozen.
    let database = try Database(url: url, poolSize: 1, logger: quiet)
    try await database.withConnection { session in
      try session.query(Statement("set", "ALTER SYSTEM SET fsync = off"))
      try session.query(Statement("reload", "SELECT pg_reload_conf()"))
    }
    await database.close()
    return url
  }

  static func privateCluster(at directory: URL, folders: [String]? = nil) -> PrivateCluster {
    let path = ProcessInfo.processInfo.environment["PATH"]
    return PrivateCluster(
      directory: directory, folders: folders ?? PostgresInstallation.searchedFolders(path: path),
      isSynced: false, logger: quiet)
  }

  /// The process id that a cluster's own file names.
  static func serverProcess(of directory: URL) -> pid_t? {
    let file = directory.appendingPathComponent("data/postmaster.pid")
    return (try? String(contentsOf: file, encoding: .utf8))?
      .split(separator: "\n").first.flatMap { pid_t($0) }
  }

  private static func removeAll() {
    let folders =
      (try? FileManager.default.contentsOfDirectory(at: root, includingPropertiesForKeys: nil))
      ?? []
    let servers = folders.compactMap(serverProcess)
    for server in servers { kill(server, SIGQUIT) }
    for _ in 0..<200 where servers.contains(where: { kill($0, 0) == 0 }) {
      for server in servers { waitpid(server, nil, WNOHANG) }
      usleep(10_000)
    }
    try? FileManager.default.removeItem(at: root)
  }
}
