import Foundation
import Persistence
import Synchronization

/// Finds the tokens that requests come with. What was found is remembered for two seconds: so long may a revoked token go
/// on, in a process other than the one that revoked it.
final class TokenDirectory: Sendable {
  let store: TokenStore
  private let state = Mutex(State())

  private struct State {
    var found: [Key: (token: TokenRecord?, until: ContinuousClock.Instant)] = [:]
    var used: [UUID: ContinuousClock.Instant] = [:]
  }

  private struct Key: Hashable {
    let isSession: Bool
    let digest: String
  }

  private static let memory = Duration.seconds(2)
  private static let mostRemembered = 10_000

  init(store: TokenStore) { self.store = store }

  /// The valid token with a digest; nil where there is none.
  func token(digest: String) async throws -> TokenRecord? {
    try await find(Key(isSession: false, digest: digest)) { [store] in
      try await store.candidates(digest: digest).first { isSameSecret($0.digest, digest) }
    }
  }

  /// The valid token of a browser's session.
  func token(sessionDigest digest: String) async throws -> TokenRecord? {
    try await find(Key(isSession: true, digest: digest)) { [store] in
      try await store.sessionCandidates(digest: digest).first { isSameSecret($0.digest, digest) }?.token
    }
  }

  /// What is remembered may not hold any more.
  func forget() { state.withLock { $0.found = [:] } }

  private func find(
    _ key: Key, _ look: @Sendable () async throws -> TokenRecord?
  ) async throws -> TokenRecord? {
    let now = ContinuousClock.now
    let known = state.withLock { $0.found[key] }
    let token: TokenRecord?
    if let known, known.until > now {
      token = known.token
    } else {
      token = try await look()
      state.withLock { state in
        if state.found.count >= Self.mostRemembered {
          state.found = state.found.filter { $0.value.until > now }
        }
        // Many unknown tokens at once are somebody who guesses.
        if state.found.count < Self.mostRemembered { state.found[key] = (token, now + Self.memory) }
      }
    }
    guard let token, token.isValid, token.expiresAt.map({ $0 > Date() }) ?? true else { return nil }
    noteUse(token.id)
    return token
  }

  /// Once a minute, and nobody waits for it.
  private func noteUse(_ id: UUID) {
    let now = ContinuousClock.now
    let isDue = state.withLock { state in
      guard state.used[id].map({ now - $0 > .seconds(60) }) ?? true else { return false }
      state.used[id] = now
      return true
    }
    if isDue { Task { [store] in try? await store.noteUse(id) } }
  }
}
