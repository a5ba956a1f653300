import Foundation

/// What concerns requests whatever their route: identity, limits, logs, encodings. The one kind of place where
/// such things plug in; `Router.middleware` has the order.
///
/// A middleware may answer itself, change the request before `next` (the route is known by then, as
/// `request.route`), change what `next` answers, or throw as a handler may.
package protocol Middleware: Sendable {
  func handle(_ request: HTTPRequest, next: Router.Handler) async throws -> HTTPResponse
}

/// Who sends a request, as far as an authenticating middleware has found out.
package struct RequestIdentity: Sendable, Hashable {
  /// What logs call it; never a secret.
  package let name: String
  package let scopes: Set<String>
  /// The token that proves it; nil where there is none.
  package let tokenID: UUID?

  package init(name: String, scopes: Set<String>, tokenID: UUID? = nil) {
    self.name = name
    self.scopes = scopes
    self.tokenID = tokenID
  }

  /// Nobody has proved anything.
  package static let anonymous = RequestIdentity(name: "", scopes: [])
}
