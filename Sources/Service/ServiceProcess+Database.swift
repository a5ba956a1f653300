import Foundation
import Logging
import Persistence

extension ServiceProcess {
  /// Runs `body` with the migrated database of a service, whose own private cluster is started where it doesn't run.
  package static func withDatabase<T: Sendable>(
    url: String?, dataDirectory: URL, logger: Logger, _ body: (Database) async throws -> T
  ) async throws -> T {
    if let url { return try await withDatabase(url, logger, body) }
    try DataDirectoryRights.secure(dataDirectory, holdsCluster: true)
    let lock = try FileLock(in: dataDirectory, FileLock.ofServer)
    let cluster = PrivateCluster(directory: dataDirectory.appending(path: "postgresql"), logger: logger)
    let result: Result<T, any Error>
    do {
      result = .success(try await withDatabase(try await cluster.start(), logger, body))
    } catch {
      result = .failure(error)
    }
    // The service that holds the lock goes on with it.
    if lock == nil { await cluster.release() } else { await cluster.stop() }
    return try withExtendedLifetime(lock) { try result.get() }
  }

  private static func withDatabase<T: Sendable>(
    _ url: String, _ logger: Logger, _ body: (Database) async throws -> T
  ) async throws -> T {
    try await migrate(databaseURL: url, logger: logger)
    let database = try Database(url: url, poolSize: 1, logger: logger)
    let result: Result<T, any Error>
    do { result = .success(try await body(database)) } catch { result = .failure(error) }
    await database.close()
    return try result.get()
  }
}
