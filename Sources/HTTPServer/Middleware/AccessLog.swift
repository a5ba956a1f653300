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
    response.whenSent { [logger] outcome in
      var metadata: Logger.Metadata = [
        "request-id": "\(request.id)", "remote": "\(request.remoteAddress ?? "memory")",
        "bytes": "\(outcome.bytes)", "duration": "\(ContinuousClock.now - start)",
      ]
      if !outcome.isComplete { metadata["complete"] = "false" }
      if let traceParent = request.traceParent { metadata["traceparent"] = "\(traceParent)" }
      if request.identity != .anonymous { metadata["identity"] = "\(request.identity.name)" }
      // The target as it was written: a decoded line end would forge a line.
      logger.debug("\(request.method) \(request.target) \(status)", metadata: metadata)
    }
    return response
  }
}
