import Logging

/// Finds the handler of a request by method and path. HEAD is answered by the handler for GET, OPTIONS from
/// the table of routes, unless handlers of their own are given.
package struct Router: Sendable {
  /// Answers a request, or throws: a `ProblemDocument` as it is, an `HTTPBodyError` as 400, 408 or 413,
  /// whatever `problem` knows as that problem, anything else as a 500 that says nothing about its cause.
  package typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse

  /// Turns the errors of the application into problem documents; nil for one that it doesn't expect.
  package var problem: @Sendable (any Error) -> ProblemDocument?

  /// Every route in the order it was added, for a test that holds them against the API's description.
  package private(set) var routes: [(method: HTTPMethod, template: String)] = []

  private var tree = RouteTree()
  private let logger: Logger

  /// A router without routes. Unexpected errors of handlers go to `logger`.
  package init(
    logger: Logger = Logger(label: "emc.http"),
    problem: @escaping @Sendable (any Error) -> ProblemDocument? = { _ in nil }
  ) {
    self.logger = logger
    self.problem = problem
  }

  /// Adds a route. In the template (`/v1/jobs/{id}`) a name in braces stands for one segment that isn't
  /// empty. Two handlers for one method and template are a programmer's mistake.
  package mutating func on(_ method: HTTPMethod, _ template: String, _ handler: @escaping Handler) {
    let parsed = RouteTemplate(template)
    let endpoint = Endpoint(parameterNames: parsed.parameterNames, handler: handler)
    tree.insert(endpoint, method: method, at: parsed.segments[...])
    routes.append((method, template))
  }

  /// The response to a request: 404 where no route leads, 405 with Allow where another method does, 501 for a
  /// method that no resource could have.
  package func respond(to request: HTTPRequest) async -> HTTPResponse {
    guard
      HTTPMethod.recognized.contains(request.method)
        || routes.contains(where: { $0.method == request.method })
    else {
      return ProblemDocument(status: .notImplemented, detail: "This server has no such method.").response
    }
    if request.isAsterisk { return Self.options(Set(routes.map(\.method))) }
    guard let (endpoints, values) = tree.find(request.segments[...]) else {
      return ProblemDocument(status: .notFound, detail: "There is nothing at \(request.path).").response
    }
    guard let endpoint = endpoints[request.method] ?? (request.method == .head ? endpoints[.get] : nil) else {
      if request.method == .options { return Self.options(Set(endpoints.keys)) }
      return Self.methodNotAllowed(request.method, Set(endpoints.keys))
    }
    var request = request
    request.pathParameters = Dictionary(
      zip(endpoint.parameterNames, values), uniquingKeysWith: { first, _ in first })
    do {
      return try await endpoint.handler(request)
    } catch {
      return respond(to: request, failedWith: error)
    }
  }

  private func respond(to request: HTTPRequest, failedWith error: any Error) -> HTTPResponse {
    if let problem = error as? ProblemDocument { return problem.response }
    if let error = error as? HTTPBodyError, let problem = ProblemDocument(error) { return problem.response }
    if let problem = problem(error) { return problem.response }
    if error is CancellationError || Task.isCancelled {
      return ProblemDocument(
        status: .serviceUnavailable, detail: "The server is shutting down.", headers: ["Retry-After": "5"]
      ).response
    }
    logger.error(
      "A request failed unexpectedly.",
      metadata: [
        "method": "\(request.method)", "target": "\(request.target)", "error": "\(String(reflecting: error))",
      ])
    return ProblemDocument(
      status: .internalServerError, detail: "The server's log has the cause under the time of this response."
    ).response
  }

  private static func allowed(_ methods: Set<HTTPMethod>) -> String {
    var methods = methods.union([.options])
    if methods.contains(.get) { methods.insert(.head) }
    return methods.map(\.rawValue).sorted().joined(separator: ", ")
  }

  private static func options(_ methods: Set<HTTPMethod>) -> HTTPResponse {
    var response = HTTPResponse(status: .noContent)
    response.headers.set(.allow, HTTPHeaderValue(validated: allowed(methods)))
    return response
  }

  private static func methodNotAllowed(_ method: HTTPMethod, _ methods: Set<HTTPMethod>) -> HTTPResponse {
    let allowed = allowed(methods)
    var problem = ProblemDocument(
      status: .methodNotAllowed, detail: "\(method) is not allowed here; allowed are \(allowed).")
    problem.headers.set(.allow, HTTPHeaderValue(validated: allowed))
    return problem.response
  }
}

extension ProblemDocument {
  /// The answer to a body that couldn't be read; nil where a handler read it too late, its own mistake.
  init?(_ error: HTTPBodyError) {
    switch error {
    case .tooLarge(let limit):
      self.init(status: .contentTooLarge, detail: "The content may have at most \(limit) bytes.")
    case .timedOut: self.init(status: .requestTimeout, detail: "The content arrived too slowly.")
    case .disconnected: self.init(status: .badRequest, detail: "The content is incomplete.")
    case .malformed(let rule): self.init(status: .badRequest, detail: rule)
    case .detached: return nil
    }
  }
}
