import Foundation
import Logging
import Persistence
import Testing

/// Private clusters, made and killed for real. One after the other: each has a server of its own.
@Suite(.serialized) struct ClusterTests {
  private func folder(_ name: String) -> URL { TemporaryCluster.root.appendingPathComponent(name) }

  private func answer(_ url: String, _ sql: String) async throws -> String? {
    let database = try Database(
      url: url, poolSize: 1, limits: DatabaseLimits(connection: .seconds(20), statement: nil), logger: quiet)
    let text = try await database.query(Statement("ask", sql)) {
      try $0.value("answer", as: String.self)
    }
    await database.close()
    return text.first
  }

  private func run(_ url: String, _ sql: String) async throws {
    let database = try Database(url: url, poolSize: 1, logger: quiet)
    try await database.withConnection { _ = try $0.query(Statement("run", sql)) }
    await database.close()
  }

  @Test func madeAdoptedRecoveredAndStopped() async throws {
    let directory = folder("life")
    let first = TemporaryCluster.privateCluster(at: directory)
    let second = TemporaryCluster.privateCluster(at: directory)
    // Two that start at once: one makes the cluster, the other adopts it.
    async let firstURL = first.start()
    async let secondURL = second.start()
    let url = try await firstURL
    #expect(try await secondURL == url)
    await second.release()
    let server = try #require(TemporaryCluster.serverProcess(of: directory))

    #expect(try await answer(url, "SELECT current_setting('fsync') AS answer") == "on")
    #expect(try await answer(url, "SELECT current_setting('listen_addresses') AS answer") == "")
    #expect(try await answer(url, "SELECT current_database()::text AS answer") == "emc")
    let socket = try #require(
      try await answer(url, "SELECT current_setting('unix_socket_directories') AS answer"))
    let rights = try FileManager.default.attributesOfItem(atPath: socket)[.posixPermissions] as? Int
    #expect(rights == 0o700)
    // Ctrl-C in this terminal goes to this process's group and session, not to the server's.
    #expect(getsid(server) == server)
    #expect(getpgid(server) == server)

    // The server is killed: supervision brings it back with everything that was committed.
    try await run(url, "CREATE TABLE kept AS SELECT 'still here' AS answer")
    kill(server, SIGKILL)
    let successor = try await eventually(within: .seconds(60), "the server is started again") {
      TemporaryCluster.serverProcess(of: directory).flatMap { $0 == server ? nil : $0 }
    }
    #expect(try await answer(url, "SELECT answer FROM kept") == "still here")

    // Killed with nobody there, and its process id given to another process (this one).
    await first.release()
    kill(successor, SIGKILL)
    _ = try await eventually("the server has ended") {
      waitpid(successor, nil, WNOHANG) == successor || kill(successor, 0) != 0 ? true : nil
    }
    let file = directory.appendingPathComponent("data/postmaster.pid")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
    try ("\(getpid())\n" + lines.joined(separator: "\n") + "\n").write(
      to: file, atomically: false, encoding: .utf8)
    let third = TemporaryCluster.privateCluster(at: directory)
    let recovered = try await third.start()
    #expect(try await answer(recovered, "SELECT answer FROM kept") == "still here")

    let last = try #require(TemporaryCluster.serverProcess(of: directory))
    await third.stop()
    #expect(TemporaryCluster.serverProcess(of: directory) == nil)
    #expect(kill(last, 0) != 0)
    await third.stop()
    let control = try String(
      contentsOf: directory.appendingPathComponent("server.log"), encoding: .utf8)
    #expect(control.contains("database system is shut down"))
  }

  @Test func oneThatVanishedIsMissedRatherThanMadeAnew() async throws {
    let directory = folder("vanished")
    let first = TemporaryCluster.privateCluster(at: directory)
    try await run(try await first.start(), "CREATE TABLE kept AS SELECT 1")
    await first.stop()
    let data = directory.appendingPathComponent("data")
    let aside = directory.appendingPathComponent("aside")
    try FileManager.default.moveItem(at: data, to: aside)
    for _ in 0..<2 {
      await #expect {
        _ = try await TemporaryCluster.privateCluster(at: directory).start()
      } throws: { error in
        guard case ClusterError.vanished(let missed, _, let note) = error else { return false }
        // It says what is missing, and both ways on.
        let said = "\(error)"
        return missed.hasSuffix("/vanished/data") && said.contains("backup")
          && said.contains("delete \(note)")
      }
      #expect(!FileManager.default.fileExists(atPath: data.path))
    }
    // Brought back it is the one that it was.
    try FileManager.default.moveItem(at: aside, to: data)
    let second = TemporaryCluster.privateCluster(at: directory)
    #expect(try await answer(try await second.start(), "SELECT count(*)::text AS answer FROM kept") == "1")
    await second.stop()
    // And without the note an empty one may be made.
    try FileManager.default.removeItem(at: data)
    try FileManager.default.removeItem(at: directory.appendingPathComponent("made"))
    let third = TemporaryCluster.privateCluster(at: directory)
    _ = try await third.start()
    await third.stop()
  }

  @Test(.timeLimit(.minutes(2)))
  func outlivesAnOwnerThatIsKilled() async throws {
    let directory = folder("orphan")
    // Killed while initdb works: what is left is cleared away and the cluster made anew.
    let hasty = try ClusterOwner.launch(directory)
    _ = try await eventually(within: .seconds(60), "initdb has begun") {
      let names = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
      return names?.first { $0.hasPrefix("making-") }
    }
    kill(hasty.processIdentifier, SIGKILL)
    hasty.waitUntilExit()
    let hasCluster = FileManager.default.fileExists(
      atPath: directory.appendingPathComponent("data").path)
    #expect(!hasCluster)

    // Killed when the server is up: the server stays, and the next start adopts it.
    let owner = try ClusterOwner.launch(directory)
    let url = try await eventually(within: .seconds(60), "the owner has started the cluster") {
      ClusterOwner.answer(directory)
    }
    kill(owner.processIdentifier, SIGKILL)
    owner.waitUntilExit()
    let server = try #require(TemporaryCluster.serverProcess(of: directory))
    #expect(try await answer(url, "SELECT 'alive' AS answer") == "alive")
    let cluster = TemporaryCluster.privateCluster(at: directory)
    #expect(try await cluster.start() == url)
    #expect(TemporaryCluster.serverProcess(of: directory) == server)
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    #expect(!names.contains { $0.hasPrefix("making-") })
    await cluster.stop()
    #expect(TemporaryCluster.serverProcess(of: directory) == nil)
  }

  @Test func aHalfMadeClusterThatIsStillWrittenToIsCleared() async throws {
    let directory = folder("written")
    let made = TemporaryCluster.privateCluster(at: directory)
    _ = try await made.start()
    await made.stop()
    // What an initdb that outlived its starter does: files appear while the folder is being removed.
    let place = directory.appendingPathComponent("making-orphan/base")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let until = ContinuousClock.now + .milliseconds(500)
    let writer = Thread {
      while ContinuousClock.now < until {
        mkdir(place.path, 0o700)
        for index in 0..<100 { close(open("\(place.path)/\(index)", O_CREAT | O_WRONLY, 0o600)) }
      }
    }
    writer.start()
    _ = try await made.start()
    await made.stop()
    let isLeft = FileManager.default.fileExists(atPath: place.deletingLastPathComponent().path)
    #expect(!isLeft)
  }

  @Test func inheritsNoSocketAndTakesAnyPath() async throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    #expect(fcntl(listener, F_SETFD, 0) == 0)
    var facts = stat()
    #expect(fstat(listener, &facts) == 0)

    let name = "a folder 'of' \"many\" $HOME, 数据 " + String(repeating: "long ", count: 20)
    let directory = folder(name)
    let cluster = TemporaryCluster.privateCluster(at: directory)
    let url = try await cluster.start()
    let server = try #require(TemporaryCluster.serverProcess(of: directory))
    let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(server)/fd")
    let targets = descriptors.compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(server)/fd/\($0)")
    }
    #expect(!targets.isEmpty)
    #expect(!targets.contains("socket:[\(facts.st_ino)]"))
    let place = try await answer(url, "SELECT current_setting('unix_socket_directories') AS answer")
    #expect(try #require(place).hasPrefix("/"))
    #expect(try #require(place).utf8.count + "/.s.PGSQL.5432".utf8.count <= 107)
    await cluster.stop()
    if let place { try FileManager.default.removeItem(atPath: place) }
  }

  @Test(.enabled(if: geteuid() == 0))
  func rootFindsAPlaceThatTheServersUserCanReach() async throws {
    let closed = folder("closed")
    try FileManager.default.createDirectory(at: closed, withIntermediateDirectories: true)
    #expect(chmod(closed.path, 0o700) == 0)
    let directory = closed.appendingPathComponent("postgresql")
    let cluster = TemporaryCluster.privateCluster(at: directory)
    let url = try await cluster.start()
    let data = try #require(try await answer(url, "SELECT current_setting('data_directory') AS answer"))
    #expect(data.hasPrefix("/var/lib/emc/cluster-"))
    await cluster.stop()
    let again = TemporaryCluster.privateCluster(at: directory)
    #expect(try await again.start() == url)
    #expect(try await answer(url, "SELECT current_setting('data_directory') AS answer") == data)
    await again.stop()
    try FileManager.default.removeItem(
      at: URL(fileURLWithPath: data).deletingLastPathComponent())
  }

  @Test func faultsSayWhatToDo() async throws {
    let nothing = TemporaryCluster.privateCluster(at: folder("none"), folders: ["/nonexistent"])
    await #expect(throws: ClusterError.noServer(searched: ["/nonexistent"])) {
      try await nothing.start()
    }

    let ancient = folder("ancient")
    try FileManager.default.createDirectory(
      at: ancient.appendingPathComponent("data"), withIntermediateDirectories: true)
    try "9\n".write(
      to: ancient.appendingPathComponent("data/PG_VERSION"), atomically: true, encoding: .utf8)
    await #expect {
      _ = try await TemporaryCluster.privateCluster(at: ancient).start()
    } throws: { error in
      guard case ClusterError.versionMismatch(_, let version, let installed) = error else {
        return false
      }
      return version == "9" && !installed.isEmpty && "\(error)".contains("install postgresql-9")
    }

    let foreign = folder("foreign")
    try FileManager.default.createDirectory(
      at: foreign.appendingPathComponent("data/mine"), withIntermediateDirectories: true)
    await #expect {
      _ = try await TemporaryCluster.privateCluster(at: foreign).start()
    } throws: { error in
      guard case ClusterError.unusable = error else { return false }
      return true
    }
    let isKept = FileManager.default.fileExists(
      atPath: foreign.appendingPathComponent("data/mine").path)
    #expect(isKept)

    let file = folder("file")
    try "".write(to: file, atomically: true, encoding: .utf8)
    await #expect {
      _ = try await TemporaryCluster.privateCluster(at: file.appendingPathComponent("below"))
        .start()
    } throws: { error in
      guard case ClusterError.unusable = error else { return false }
      return true
    }
  }
}

/// A process that owns a cluster until it is killed: this test program again, with one test.
@Suite struct ClusterOwner {
  private static let variable = "EMC_TEST_OWN_CLUSTER"

  static func launch(_ directory: URL) throws -> Process {
    let process = Process()
    process.executableURL = URL(
      fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    process.arguments = ["--testing-library", "swift-testing", "--filter", "ClusterOwner"]
    process.environment = ProcessInfo.processInfo.environment.merging([variable: directory.path]) {
      $1
    }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// The URL that the owner wrote down when its cluster was up.
  static func answer(_ directory: URL) -> String? {
    try? String(contentsOfFile: directory.path + ".url", encoding: .utf8)
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment[variable] != nil))
  func ownsAClusterUntilKilled() async throws {
    let path = try #require(ProcessInfo.processInfo.environment[Self.variable])
    let cluster = TemporaryCluster.privateCluster(at: URL(fileURLWithPath: path))
    try await cluster.start().write(toFile: path + ".url", atomically: true, encoding: .utf8)
    // Killed long before; the bound keeps a forgotten one from staying.
    try await Task.sleep(for: .seconds(120))
    await cluster.stop()
  }
}
