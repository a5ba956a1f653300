import Foundation
import Logging

/// The blocking work on a private cluster: making, adopting, recovering, starting and stopping its server.
/// One thread at a time.
final class ClusterServer {
  private let directory: URL
  private let folders: [String]
  private let isSynced: Bool
  private let logger: Logger
  private var layout: ClusterLayout?
  /// The server, if this process started it; to be reaped.
  private var child: pid_t?

  init(directory: URL, folders: [String], isSynced: Bool, logger: Logger) {
    self.directory = directory
    self.folders = folders
    self.isSynced = isSynced
    self.logger = logger
  }

  /// Brings the server up, whatever state the last one left, and returns its address.
  func bringUp() throws -> String {
    let user = try ServerUser.forThisProcess()
    let layout = try ClusterLayout.prepare(directory: directory, user: user)
    self.layout = layout
    if layout.place != layout.directory {
      logger.notice(
        "the database is kept where the user that PostgreSQL runs as can reach it",
        metadata: ["place": "\(layout.place)"])
    }
    let lock: FileLock?
    do {
      lock = try FileLock(layout.lock, waits: true)
    } catch {
      throw ClusterError.unusable(path: error.path, reason: error.reason)
    }
    return try withExtendedLifetime(lock) {
      let installation = try PostgresInstallation.choose(
        forVersion: layout.clusterVersion(), in: folders, directory: layout.data)
      try makeCluster(layout, installation, user)
      try noteCluster(layout)
      return try adopt(layout) ?? start(layout, installation, user)
    }
  }

  /// Whether the server lives. Asks the kernel, not the server, as long as that is enough.
  func isUp() -> Bool {
    if let child {
      guard DetachedProcess.reap(child) else { return true }
      self.child = nil
    }
    guard let layout else { return false }
    if let file = ClusterProcesses.PostmasterFile(path: layout.postmasterFile),
      ClusterProcesses.isServer(file.process, of: layout.data)
    {
      return true
    }
    // One that this process can't see, in another container that shares the volume.
    return canConnect(layout.url(database: "postgres"))
  }

  /// Fast shutdown: open transactions are rolled back, everything else is written. Immediate when that takes
  /// longer than `patience`; the next start recovers.
  func shutDown(patience: Duration = .seconds(8)) {
    guard let layout, let file = ClusterProcesses.PostmasterFile(path: layout.postmasterFile),
      ClusterProcesses.isServer(file.process, of: layout.data)
    else { return }
    for signal in [SIGINT, SIGQUIT] {
      kill(file.process, signal)
      if wait(upTo: patience, until: { !isUp() }) { return }
    }
    logger.error("PostgreSQL does not stop", metadata: ["process": "\(file.process)"])
  }

  // MARK: Making

  /// initdb works beside the cluster's final place and the result is renamed into it, so that what is there
  /// is whole: a start that was killed leaves a `making-…` folder, which the next start removes.
  private func makeCluster(
    _ layout: ClusterLayout, _ installation: PostgresInstallation, _ user: ServerUser?
  ) throws {
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: layout.place) where name.hasPrefix("making-") {
      try removeHalfMade("\(layout.place)/\(name)")
    }
    guard layout.clusterVersion() == nil else { return }
    if let made = try? String(contentsOfFile: layout.note, encoding: .utf8) {
      throw ClusterError.vanished(
        data: layout.data, made: made.trimmingCharacters(in: .whitespacesAndNewlines), note: layout.note)
    }
    if let contents = try? files.contentsOfDirectory(atPath: layout.data) {
      guard contents.isEmpty else {
        throw ClusterError.unusable(
          path: layout.data, reason: "it holds files, but no PostgreSQL cluster; move it away")
      }
      try files.removeItem(atPath: layout.data)
    }
    logger.info(
      "making a private PostgreSQL cluster",
      metadata: ["directory": "\(layout.data)", "version": "\(installation.version)"])
    let making = "\(layout.place)/making-\(UUID().uuidString.prefix(8))"
    _ = try DetachedProcess.output(
      of: installation.initdb,
      [
        "--pgdata=\(making)", "--username=\(ClusterLayout.role)", "--auth=trust", "--locale=C",
        "--encoding=UTF8", "--no-instructions",
      ] + (isSynced ? [] : ["--no-sync"]), as: user)
    try "include_if_exists = 'emc.conf'\n".append(toFile: making + "/postgresql.conf")
    guard rename(making, layout.data) == 0 else {
      throw ClusterError.unusable(path: layout.data, reason: String(cString: strerror(errno)))
    }
  }

  /// Notes that there is a cluster, so that one that vanishes is missed rather than made anew, empty.
  private func noteCluster(_ layout: ClusterLayout) throws(ClusterError) {
    guard access(layout.note, F_OK) != 0 else { return }
    try Date().formatted(.iso8601).append(toFile: layout.note)
  }

  /// The initdb of a start that was killed may still be writing there: it fails as its files go, and clears
  /// away after itself, so what a removal missed is soon gone or can be removed again.
  private func removeHalfMade(_ path: String) throws {
    logger.notice("removing a half-made cluster", metadata: ["folder": "\(path)"])
    var fault: (any Error)?
    let isGone = wait(upTo: .seconds(30)) {
      do { try FileManager.default.removeItem(atPath: path) } catch { fault = error }
      return !FileManager.default.fileExists(atPath: path)
    }
    if !isGone, let fault { throw fault }
  }

  // MARK: Adopting

  /// The address of a server that runs already. One that starts up or shuts down is waited for.
  private func adopt(_ layout: ClusterLayout) throws -> String? {
    // A socket that answers counts even where this process can't see the server's: a container that shares
    // the volume.
    if canConnect(layout.url(database: "postgres")) { return try makeDatabase(layout) }
    guard let file = ClusterProcesses.PostmasterFile(path: layout.postmasterFile) else { return nil }
    let folder = file.socketFolder ?? layout.socketFolder
    var isAnswering = false
    _ = wait(upTo: Self.startPatience) {
      isAnswering = canConnect(layout.url(database: "postgres", socketFolder: folder))
      return isAnswering || !ClusterProcesses.isServer(file.process, of: layout.data)
    }
    if isAnswering {
      logger.info("adopting the running PostgreSQL server", metadata: ["process": "\(file.process)"])
      return try makeDatabase(layout, socketFolder: folder)
    }
    guard !ClusterProcesses.isServer(file.process, of: layout.data) else {
      throw ClusterError.didNotStart(reason: "the running server gives no answer", log: layout.log)
    }
    clearRemains(layout, of: file.process)
    return nil
  }

  /// After a server that was killed: its children end by themselves, a little later. The files that name its
  /// process are PostgreSQL's to judge, but it takes a process that got the same id for the old server.
  private func clearRemains(_ layout: ClusterLayout, of process: pid_t) {
    logger.notice("recovering a PostgreSQL server that was killed", metadata: ["process": "\(process)"])
    if !wait(upTo: .seconds(5), until: { ClusterProcesses.all(of: layout.data).isEmpty }) {
      for orphan in ClusterProcesses.all(of: layout.data) { kill(orphan, SIGQUIT) }
      _ = wait(upTo: .seconds(5), until: { ClusterProcesses.all(of: layout.data).isEmpty })
    }
    if ClusterProcesses.exists(process) && ClusterProcesses.all(of: layout.data).isEmpty {
      let socket = "\(layout.socketFolder)/.s.PGSQL.\(ClusterLayout.port)"
      for path in [layout.postmasterFile, socket, socket + ".lock"] { unlink(path) }
    }
  }

  // MARK: Starting

  private func start(
    _ layout: ClusterLayout, _ installation: PostgresInstallation, _ user: ServerUser?
  ) throws -> String {
    try Self.settings(socketFolder: layout.socketFolder)
      .write(toFile: layout.settings, atomically: true, encoding: .utf8)
    let log = try openLog(layout, user)
    defer { close(log) }
    if let user { chown(layout.settings, user.id, user.group) }
    let process = try DetachedProcess.start(
      installation.postgres, ["-D", layout.data], as: user, output: log)
    child = process
    var hasEnded = false
    let isAnswering = wait(upTo: Self.startPatience) {
      hasEnded = DetachedProcess.reap(process)
      return hasEnded || canConnect(layout.url(database: "postgres"))
    }
    guard isAnswering, !hasEnded else {
      if hasEnded { child = nil }
      throw ClusterError.didNotStart(
        reason: hasEnded ? Self.lastLines(of: layout.log) : "no answer in time", log: layout.log)
    }
    return try makeDatabase(layout)
  }

  private static let startPatience = Duration.seconds(120)

  /// No network; whoever may enter the folder of the socket (0700) is trusted.
  private static func settings(socketFolder: String) -> String {
    """
    # Written anew at every start.
    listen_addresses = ''
    port = \(ClusterLayout.port)
    unix_socket_directories = '\(socketFolder)'
    unix_socket_permissions = 0700
    max_connections = 500
    fsync = on
    full_page_writes = on
    logging_collector = off
    log_checkpoints = off
    log_timezone = 'UTC'
    timezone = 'UTC'

    """
  }

  private func openLog(_ layout: ClusterLayout, _ user: ServerUser?) throws(ClusterError) -> Int32 {
    var facts = stat()
    if stat(layout.log, &facts) == 0, facts.st_size > 10 << 20 { rename(layout.log, layout.log + ".1") }
    let descriptor = open(layout.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw .unusable(path: layout.log, reason: String(cString: strerror(errno)))
    }
    if let user { fchown(descriptor, user.id, user.group) }
    return descriptor
  }

  /// Makes the database if the process that started the server didn't come that far; returns its address.
  private func makeDatabase(
    _ layout: ClusterLayout, socketFolder: String? = nil
  ) throws(DatabaseError) -> String {
    let session = try Session(
      url: layout.url(database: "postgres", socketFolder: socketFolder), limits: Self.limits)
    let isThere = Statement("look for the database", "SELECT 1 FROM pg_database WHERE datname = $1")
    if try session.query(isThere, ClusterLayout.database).isEmpty {
      try session.query(
        Statement("create the database", "CREATE DATABASE \(ClusterLayout.database)", isPrepared: false))
    }
    return layout.url(socketFolder: socketFolder)
  }

  // MARK: Waiting

  private static let limits = DatabaseLimits(connection: .seconds(3), statement: .seconds(30))

  private func canConnect(_ url: String) -> Bool { (try? Session(url: url, limits: Self.limits)) != nil }

  /// Asks again and again, blocking, until the condition holds; false when it doesn't within the time.
  private func wait(upTo limit: Duration, until condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + limit
    while !condition() {
      guard ContinuousClock.now < deadline else { return false }
      usleep(20_000)
    }
    return true
  }

  private static func lastLines(of path: String) -> String {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(whereSeparator: \.isNewline).suffix(3).joined(separator: "; ")
  }
}

extension String {
  fileprivate func append(toFile path: String) throws(ClusterError) {
    guard let file = fopen(path, "a") else {
      throw .unusable(path: path, reason: String(cString: strerror(errno)))
    }
    let isWritten = fputs(self, file) >= 0
    guard fclose(file) == 0, isWritten else {
      throw .unusable(path: path, reason: String(cString: strerror(errno)))
    }
  }
}
