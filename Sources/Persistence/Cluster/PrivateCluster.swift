import Foundation
import Logging
import Synchronization

/// A PostgreSQL cluster of this program's own, in a directory, reached through a Unix socket alone.
///
/// `start` makes the cluster if there is none, adopts its server if one runs, recovers it if the last one was
/// killed, and then keeps it up. The server runs in a session of its own and outlives a killed process. Any
/// number of processes may start the same cluster at once; one does the work. As root, the server runs as the
/// user `postgres`, who is given the directory: it is to hold nothing else.
package final class PrivateCluster: Sendable {
  private let thread = SerialThread(name: "postgres-cluster")
  private let confined: Confined
  private let supervision = Mutex<Task<Void, Never>?>(nil)
  private let logger: Logger

  /// A cluster in a directory, which need not be there yet.
  package convenience init(directory: URL, logger: Logger) {
    let folders = PostgresInstallation.searchedFolders(
      path: ProcessInfo.processInfo.environment["PATH"])
    self.init(directory: directory, folders: folders, isSynced: true, logger: logger)
  }

  /// - Parameters:
  ///   - folders: where the programs of PostgreSQL are looked for, in order.
  ///   - isSynced: whether a new cluster is on disk before it is used; off where it is thrown away.
  package init(directory: URL, folders: [String], isSynced: Bool, logger: Logger) {
    self.logger = logger
    confined = Confined(
      ClusterServer(directory: directory, folders: folders, isSynced: isSynced, logger: logger))
  }

  deinit { supervision.withLock { $0?.cancel() } }

  /// Brings the server up and returns the URL of a database in it; from then on a server that dies is started
  /// again. Safe to repeat. Throws `ClusterError`.
  package func start() async throws -> String {
    let url = try await thread.run { [confined] in try confined.server.bringUp() }
    supervision.withLock { task in
      guard task == nil else { return }
      task = Task { [weak self] in
        var backoff = Backoff(first: .milliseconds(500), limit: .seconds(30))
        while !Task.isCancelled {
          try? await Task.sleep(for: backoff.next())
          if await self?.restartIfDown() != false { backoff.reset() }
        }
      }
    }
    return url
  }

  /// Ends the supervision and shuts the server down (fast: open transactions are rolled back).
  package func stop() async {
    await endSupervision()
    try? await thread.run { [confined] in confined.server.shutDown() }
  }

  /// Ends the supervision and leaves the server running, for the next process to adopt.
  package func release() async { await endSupervision() }

  private func endSupervision() async {
    let task = supervision.withLock { task in
      defer { task = nil }
      return task
    }
    task?.cancel()
    await task?.value
  }

  /// False when the server is down and can't be started.
  private func restartIfDown() async -> Bool {
    do {
      try await thread.run { [confined, logger] in
        guard !confined.server.isUp() else { return }
        logger.warning("the private PostgreSQL server has ended; starting it again")
        _ = try confined.server.bringUp()
      }
      return true
    } catch {
      logger.error("the private PostgreSQL server is down", metadata: ["reason": "\(error)"])
      return false
    }
  }

  /// Touched on the cluster's thread alone.
  private final class Confined: @unchecked Sendable {
    let server: ClusterServer

    init(_ server: ClusterServer) { self.server = server }
  }
}
