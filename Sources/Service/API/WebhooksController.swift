import Capacity
import Foundation
import HTTPServer
import Persistence

/// The routes of webhooks.
struct WebhooksController: Sendable {
  let store: WebhookStore
  let sender: WebhookSender
  /// Rings where something is to be sent.
  let bell: Wakeup

  func register(on router: inout Router) {
    router.on(.get, "/v1/webhooks", parameters: ["job", "study"]) { try await list($0) }
    router.on(.post, "/v1/webhooks", parameters: []) { try await create($0) }
    router.on(.delete, "/v1/webhooks/{id}", parameters: []) { try await delete($0) }
    router.on(.get, "/v1/webhooks/{id}/deliveries") { try await deliveries($0) }
    router.on(.post, "/v1/webhooks/{id}/deliveries/{delivery}/redeliver", parameters: [], takesContent: false)
    {
      try await redeliver($0)
    }
  }

  private func list(_ request: HTTPRequest) async throws -> HTTPResponse {
    func identifier(_ name: String) throws(ProblemDocument) -> UUID? {
      guard let text = try request.parameter(name) else { return nil }
      guard let id = UUID(uuidString: text) else {
        throw .parameter(name, text, allowed: "the id of a \(name)")
      }
      return id
    }
    let (job, study) = (try identifier("job"), try identifier("study"))
    if job != nil, let study {
      throw ProblemDocument.parameter("study", study.shown, allowed: "a job or a study; the query names both")
    }
    let items = try await store.list(job: job, study: study).map(\.json)
    return .json(.object(["items": .array(items)]))
  }

  /// 201 with the webhook and its secret, which is shown this once.
  private func create(_ request: HTTPRequest) async throws -> HTTPResponse {
    let body = try await request.collectJSON(upTo: 16_384)
    let faults = FaultCollector()
    let reader = ObjectReader(RequestedWebhook.masked(try JSONValue(parsing: body)), at: "", faults: faults)
    let asked = RequestedWebhook(reading: reader, sender: sender, isSecretRequired: false)
    try faults.throwIfAny()
    let secret = asked.secret ?? WebhookSignature.makeSecret()
    let record = try await store.create(url: asked.url, secret: secret)
    guard case .object(var members) = record.json else { preconditionFailure("a webhook is an object") }
    members["secret"] = .string(secret)
    var response = HTTPResponse.json(.object(members), status: .created)
    response.headers.set(.cacheControl, "no-store")
    try response.headers.set(.location, text: "/v1/webhooks/\(record.id.shown)")
    return response
  }

  private func delete(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard let id = identifier(request), try await store.delete(id) else { throw none(request) }
    return HTTPResponse(status: .noContent)
  }

  private func deliveries(_ request: HTTPRequest) async throws -> HTTPResponse {
    let page = try Page(request)
    guard let id = identifier(request), try await store.webhook(id) != nil else { throw none(request) }
    let records = try await store.deliveries(of: id, after: page.cursor, limit: page.limit + 1)
    let items = records.prefix(page.limit)
    return try page.response(
      items.map(\.json), next: records.count > items.count ? items.last?.sequence : nil, request: request)
  }

  private func redeliver(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard let id = identifier(request) else { throw none(request) }
    let text = request.pathParameters["delivery"] ?? ""
    guard let delivery = UUID(uuidString: text), let record = try await store.redeliver(delivery, of: id)
    else {
      throw ProblemDocument(
        .noSuchDelivery, detail: "the webhook has no delivery with the id \(text); they are kept for 30 days")
    }
    bell.ring()
    return .json(record.json, status: .accepted)
  }

  private func identifier(_ request: HTTPRequest) -> UUID? {
    UUID(uuidString: request.pathParameters["id"] ?? "")
  }

  private func none(_ request: HTTPRequest) -> ProblemDocument {
    ProblemDocument(
      .noSuchWebhook, detail: "there is no webhook with the id \(request.pathParameters["id"] ?? "")")
  }
}

extension WebhookRecord {
  /// The webhook as lists show it: without its secret.
  var json: JSONValue {
    .object([
      "id": .string(id.shown), "url": .string(url),
      "job_id": jobID.map { .string($0.shown) } ?? .null,
      "study_id": studyID.map { .string($0.shown) } ?? .null,
      "created_at": JSONValue(createdAt),
    ])
  }
}

extension DeliveryRecord {
  /// The delivery as the log shows it.
  var json: JSONText {
    .object([
      "id": .value(.string(id.shown)), "event": .value(.string(event)),
      "state": .value(.string(state)), "attempts": .value(.integer(attempts)),
      "status": .value(.optional(status)), "error": .value(error.map(JSONValue.string) ?? .null),
      "created_at": .value(JSONValue(createdAt)), "attempted_at": .value(JSONValue(attemptedAt)),
      "next_attempt_at": .value(JSONValue(nextAttemptAt)), "delivered_at": .value(JSONValue(deliveredAt)),
      "payload": .stored(payload),
    ])
  }
}
