import Logging

/// Turns what handlers throw into problem documents: a `ProblemDocument` as it is, an `HTTPBodyError` as 400,
/// 408 or 413, whatever `problem` knows as that problem, anything else as a 500 that says nothing about its
/// cause, which the log has under the request's id.
package struct ProblemMapping: Middleware {
  private let logger: Logger
  private let problem: @Sendable (any Error) -> ProblemDocument?

  package init(logger: Logger, problem: @escaping @Sendable (any Error) -> ProblemDocument?) {
    self.logger = logger
    self.problem = problem
  }

  package func handle(_ request: HTTPRequest, next: Router.Handler) async throws -> HTTPResponse {
    do {
      return try await next(request)
    } catch {
      return document(request, error).response
    }
  }

  private func document(_ request: HTTPRequest, _ error: any Error) -> ProblemDocument {
    if let problem = error as? ProblemDocument { return problem }
    if let error = error as? HTTPBodyError, let problem = ProblemDocument(error) { return problem }
    if let problem = problem(error) { return problem }
    if error is CancellationError || Task.isCancelled {
      return ProblemDocument(
        .unavailable, detail: "The server is shutting down.", headers: ["Retry-After": "5"])
    }
    logger.error(
      "A request failed unexpectedly.",
      metadata: [
        "request-id": "\(request.id)", "method": "\(request.method)", "target": "\(request.loggedTarget)",
        "error": "\(Secrets.redacted(String(reflecting: error)))",
      ])
    return ProblemDocument(
      .internalError, detail: "The server's log has the cause under the X-Request-Id of this answer.")
  }
}

extension ProblemDocument {
  /// The answer to a body that couldn't be read; nil where a handler read it too late, its own mistake.
  init?(_ error: HTTPBodyError) {
    switch error {
    case .tooLarge(let limit):
      self.init(.contentTooLarge, detail: "The content may have at most \(limit) bytes.")
    case .budgetSpent:
      self.init(
        .unavailable, detail: "The server is receiving as much content as it has memory for.",
        headers: ["Retry-After": "1"])
    case .timedOut: self.init(.requestTimeout, detail: "The content arrived too slowly.")
    case .disconnected: self.init(.malformedRequest, detail: "The content is incomplete.")
    case .malformed(let rule): self.init(.malformedRequest, detail: rule)
    case .detached: return nil
    }
  }
}
