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
