import Logging

/// One line a request at level debug, once its response has been sent or has broken off.
package struct AccessLog: Middleware {
  private let logger: Logger

  package init(logger: Logger) { self.logger = logger }

  package func handle(_ request: HTTPRequest, next: Router.Handler) async throws -> HTTPResponse {
    guard logger.logLevel <= .debug else { return try await next(request) }
    let start = ContinuousClock.now
    var response = try await next(request)
    let status = response.status.code
    let identity = response.identity
    response.whenSent { [logger] outcome in
      var metadata: Logger.Metadata = [
        "request-id": "\(request.id)", "remote": "\(request.remoteAddress ?? "memory")",
        "bytes": "\(outcome.bytes)", "duration": "\(ContinuousClock.now - start)",
      ]
      if !outcome.isComplete { metadata["complete"] = "false" }
      if let traceParent = request.traceParent { metadata["traceparent"] = "\(traceParent)" }
      if let identity { metadata["identity"] = "\(identity.name)" }
      logger.debug("\(request.method) \(request.loggedTarget) \(status)", metadata: metadata)
    }
    return response
  }
}
