import HTTPServer

/// Who may use the API how.
package struct AccessPolicy: Sendable {
  /// Whether a request needs a token. Without need, one that has none may do everything, and one that has one only what it
  /// is for.
  package var requiresTokens: Bool
  /// Requests a minute of a token that has no rate of its own.
  package var rate: Int
  /// Other origins whose pages may use the API with a token.
  package var origins: [String]

  /// The defaults are those of a service on loopback.
  package init(requiresTokens: Bool = false, rate: Int = defaultRate, origins: [String] = []) {
    self.requiresTokens = requiresTokens
    self.rate = rate
    self.origins = origins
  }

  /// A hundred a second.
  package static let defaultRate = 6_000
}

extension ServiceConfiguration {
  /// Who may use the API how.
  func access(listeningAt address: HTTPAddress) -> AccessPolicy {
    AccessPolicy(
      requiresTokens: requiresTokens || !address.isLoopback && !allowsAnonymous, rate: tokenRate,
      origins: origins)
  }
}
