import Foundation
import HTTPServer
import Logging
import Persistence

/// Nobody reaches a service from outside without a token: it doesn't start where there is none, unless it is told so.
package enum FirstToken {
  /// Makes the first token where that is asked for, and checks that there is one where one is needed.
  ///
  /// - Throws: `AnonymousAccessError`
  static func prepare(
    _ store: TokenStore, for configuration: ServiceConfiguration, listeningAt address: HTTPAddress,
    logger: Logger
  ) async throws {
    guard configuration.access(listeningAt: address).requiresTokens else { return }
    if let path = configuration.firstTokenFile { try await make(store, at: path, logger) }
    if !address.isLoopback, try await !store.hasValid() {
      throw AnonymousAccessError(address: address)
    }
  }

  /// The file is written before the token is stored: whoever finds a token in the database can read it.
  private static func make(_ store: TokenStore, at path: String, _ logger: Logger) async throws {
    guard try await !store.hasValid() else { return }
    let secret = AccessToken()
    unlink(path)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw DataDirectoryError.notWritable(path: path, reason: String(cString: strerror(errno)))
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try file.write(contentsOf: Data((secret.text + "\n").utf8))
    try file.synchronize()
    let token = NewToken(name: "first", scopes: [AccessScope.admin.rawValue])
    guard try await store.createFirst(token, digest: secret.digest) != nil else {
      // Another process was first.
      unlink(path)
      return
    }
    logger.notice(
      "a first token was made, with the scope admin; read it with: cat \(path), then remove the file",
      metadata: ["file": "\(path)"])
  }
}

/// The service would be open to anybody who reaches it.
package struct AnonymousAccessError: Error, CustomStringConvertible {
  let address: HTTPAddress

  /// One line that says what to do.
  package var description: String {
    "--listen is \(address), beyond loopback, and there is no token: make one with emc tokens create --name NAME --scope "
      + "admin, or say --allow-anonymous if everybody who reaches it may do everything"
  }
}

extension ServiceConfiguration {
  /// Who may use the API how.
  func access(listeningAt address: HTTPAddress) -> AccessPolicy {
    AccessPolicy(
      requiresTokens: requiresTokens || !address.isLoopback && !allowsAnonymous, rate: tokenRate,
      origins: origins)
  }
}

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
