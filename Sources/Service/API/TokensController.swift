import Capacity
import Foundation
import HTTPServer
import Persistence

/// The routes of tokens.
struct TokensController: Sendable {
  let directory: TokenDirectory

  func register(on router: inout Router) {
    router.on(.get, "/v1/tokens", parameters: []) { _ in
      let items = try await directory.store.list().map(\.json)
      return .json(.object(["items": .array(items)]))
    }
    router.on(.post, "/v1/tokens", parameters: []) { try await create($0) }
    router.on(.delete, "/v1/tokens/{id}", parameters: []) { try await revoke($0) }
  }

  /// 201 with the token, which is shown this once.
  private func create(_ request: HTTPRequest) async throws -> HTTPResponse {
    let body = try await request.collectJSON(upTo: 16_384)
    let token = try NewToken(json: JSONValue(parsing: body))
    let secret = AccessToken()
    let record = try await directory.store.create(token, digest: secret.digest)
    guard case .object(var members) = record.json else { preconditionFailure("a token is an object") }
    members["token"] = .string(secret.text)
    var response = HTTPResponse.json(.object(members), status: .created)
    response.headers.set(.cacheControl, "no-store")
    try response.headers.set(.location, text: "/v1/tokens/\(record.id.shown)")
    return response
  }

  private func revoke(_ request: HTTPRequest) async throws -> HTTPResponse {
    let text = request.pathParameters["id"] ?? ""
    guard let id = UUID(uuidString: text), try await directory.store.revoke(id) else {
      throw ProblemDocument(.noSuchToken, detail: "there is no token with the id \(text) that isn't revoked")
    }
    directory.forget()
    return HTTPResponse(status: .noContent)
  }
}

extension NewToken {
  /// What a client asks for.
  ///
  /// - Throws: `SpecificationError` with every fault.
  package init(json: JSONValue, now: Date = Date()) throws(SpecificationError) {
    let faults = FaultCollector()
    let reader = ObjectReader(json, at: "", faults: faults)
    let name = reader.string("name", allowed: "a string of 1 to 200 characters without control characters") {
      (1...200).contains($0.unicodeScalars.count) && $0.unicodeScalars.allSatisfy { $0.value >= 0x20 }
    }
    let names = AccessScope.allCases.map(\.rawValue)
    let allowed = "an array of one or more of " + names.joined(separator: ", ")
    var scopes: [String] = []
    if let value = reader.value("scopes") {
      let texts = value.arrayValue?.map(\.stringValue) ?? []
      scopes = texts.compactMap { $0 }.filter(names.contains)
      if texts.isEmpty || scopes.count != texts.count || Set(scopes).count != scopes.count {
        reader.fault("scopes", allowed: allowed, "is not such an array")
      }
    } else {
      reader.fault("scopes", allowed: allowed, FaultCollector.missing)
    }
    let rate = reader.optionalInteger("rate", in: 1...1_000_000)
    let quota = reader.optionalInteger("queue_quota", in: 1...1_000_000)
    var expiry: Date?
    if let value = reader.value("expires_at"), value != .null {
      expiry = value.stringValue.flatMap(RFC3339.date)
      if expiry.map({ $0 <= now }) ?? true {
        reader.fault(
          "expires_at", allowed: "a time to come, as 2027-01-31T00:00:00Z, or null",
          expiry == nil ? "is no time" : "has passed")
      }
    }
    reader.finish()
    try faults.throwIfAny()
    self.init(name: name ?? "", scopes: scopes, rate: rate, queueQuota: quota, expiresAt: expiry)
  }
}

extension TokenRecord {
  /// The token as lists show it; the secret is nowhere to be shown.
  package var json: JSONValue {
    .object([
      "id": .string(id.shown), "name": .string(name),
      "scopes": .array(scopes.map(JSONValue.string)), "rate": .optional(rate),
      "queue_quota": .optional(queueQuota), "created_at": JSONValue(createdAt),
      "expires_at": JSONValue(expiresAt), "last_used_at": JSONValue(lastUsedAt),
    ])
  }
}
