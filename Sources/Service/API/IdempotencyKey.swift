import Capacity
import HTTPServer
import Persistence

/// The `Idempotency-Key` of a request (draft-ietf-httpapi-idempotency-key-header): a text of the client's that tells this
/// request from any other, kept for a day.
struct IdempotencyKey: Sendable {
  /// As the client wrote it, without quotes.
  let shown: String
  /// With the route, and the token where there is one: the same key elsewhere, or of another client, is another one.
  let text: String

  static let allowed = "1 to 255 visible characters of ASCII, perhaps in quotes"

  /// - Returns: nil where the request has none.
  /// - Throws: 400 for a key that can't be one, or for several.
  init?(_ request: HTTPRequest, route: String) throws(ProblemDocument) {
    let values = request.headers.values(.idempotencyKey)
    guard var value = values.first else { return nil }
    if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
      value = String(value.dropFirst().dropLast())
    }
    guard values.count == 1, 1...255 ~= value.utf8.count, value.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
      throw ProblemDocument(
        .keyNotAllowed,
        detail:
          "the field Idempotency-Key holds \(values.count == 1 ? "what can't be a key" : "several keys"); "
          + "allowed: \(Self.allowed)")
    }
    shown = value
    let owner = request.identity.tokenID.map { "\($0.shown) " } ?? ""
    text = "\(route) \(owner)\(value)"
  }
}

extension IdempotencyKeys {
  /// Answers a request once: the same key with the same body has the first answer again. `submit` commits its answer with
  /// what it stores, under the reservation that it gets; nil without a key.
  ///
  /// - Throws: 409 while the first request has no answer yet, 422 where it had another body; what `submit` throws.
  func once(
    _ key: IdempotencyKey?, _ body: [UInt8], _ submit: (Reservation?) async throws -> HTTPResponse
  ) async throws -> HTTPResponse {
    guard let key else { return try await submit(nil) }
    switch try await begin(key.text, requestDigest: contentDigest(of: body)) {
    case .answered(let answer): return try HTTPResponse(answer)
    case .inFlight: throw ProblemDocument.requestInFlight(key)
    case .otherRequest: throw ProblemDocument.keyOfAnotherRequest(key)
    case .begun(let reservation):
      do {
        return try await submit(reservation)
      } catch {
        // Whatever it was, it is no answer to keep. Where something was stored all the same, its answer was too, and stays.
        try? await deleteReservation(reservation)
        throw error
      }
    }
  }
}

extension HTTPResponse {
  /// An answer as it was given first.
  init(_ answer: StoredAnswer) throws {
    let reason = answer.status == HTTPStatus.accepted.code ? HTTPStatus.accepted.reason : ""
    self.init(
      status: HTTPStatus(code: answer.status, reason: reason), contentType: "application/json",
      bytes: Array(answer.body.utf8))
    if let location = answer.location { try headers.set(.location, text: location) }
  }
}

extension ProblemDocument {
  /// 409: the first request with the key has no answer yet.
  static func requestInFlight(_ key: IdempotencyKey) -> ProblemDocument {
    ProblemDocument(
      .requestInFlight,
      detail: "the first request with the Idempotency-Key \(key.shown) has not been answered yet; try again",
      headers: ["Retry-After": "1"])
  }

  /// 422: the key belongs to a request with other content.
  static func keyOfAnotherRequest(_ key: IdempotencyKey) -> ProblemDocument {
    ProblemDocument(
      .keyReused,
      detail:
        "the Idempotency-Key \(key.shown) belongs to a request with another body; use a key of its own for "
        + "each request")
  }

  /// 503: the reply to COMMIT was lost.
  static func submissionUnknown(hasKey: Bool) -> ProblemDocument {
    ProblemDocument(
      .outcomeUnknown,
      detail:
        "the connection to the database was lost or given up while the job was being stored: it may be there "
        + "or not. "
        + (hasKey
          ? "Send the same request with the same Idempotency-Key again: there will be one job"
          : "Look for it in GET /v1/jobs before you send it again; with an Idempotency-Key sending it again is safe"),
      headers: ["Retry-After": "5"])
  }
}
