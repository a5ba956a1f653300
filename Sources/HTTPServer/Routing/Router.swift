import Logging

/// Finds the handler of a request by method and path, and passes the request through the middleware to it.
/// HEAD is answered by the handler for GET, OPTIONS from the table of routes, unless handlers of their own are
/// given.
package struct Router: Sendable {
  /// Answers a request, or throws: `ProblemMapping` makes a problem document of whatever is thrown.
  package typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse

  /// From the outermost, which sees a request first and its response last, to the innermost.
  package var middleware: [any Middleware] { didSet { chain = Self.chain(middleware) } }

  /// Every route in the order it was added, for a test that holds them against the API's description.
  package private(set) var routes: [(method: HTTPMethod, template: String)] = []

  private var tree = RouteTree()
  private var chain: Handler
  private let logger: Logger

  /// A router without routes.
  ///
  /// - Parameters:
  ///   - logger: gets the access log and handlers' unexpected errors.
  ///   - problem: turns the errors of the application into problem documents; nil for one that it doesn't
  ///     expect.
  package init(
    logger: Logger = Logger(label: "emc.http"),
    problem: @escaping @Sendable (any Error) -> ProblemDocument? = { _ in nil }
  ) {
    self.logger = logger
    middleware = [
      RequestIdentification(), AccessLog(logger: logger), Compression(), ConditionalRequests(),
      ProblemMapping(logger: logger, problem: problem), ByteRanges(),
    ]
    chain = Self.chain(middleware)
  }

  /// Adds a middleware next to the handlers: what it throws becomes a problem document.
  package mutating func use(_ innermost: some Middleware) { middleware.append(innermost) }

  /// Adds a route. In the template (`/v1/jobs/{id}`) a name in braces stands for one segment that isn't
  /// empty. Two handlers for one method and template are a programmer's mistake.
  ///
  /// - Parameters:
  ///   - parameters: the query's parameters, each of which may be given once; 400 for any other. Nil: the
  ///     handler checks them.
  ///   - takesContent: whether the handler reads the request's content; of DELETE none does unless it is said. Where none
  ///     does, content is refused: it would be passed over in silence.
  ///   - deadline: how long the handler may take, in place of the server's deadline for requests.
  package mutating func on(
    _ method: HTTPMethod, _ template: String, parameters: Set<String>? = nil, takesContent: Bool? = nil,
    deadline: Duration? = nil, _ handler: @escaping Handler
  ) {
    let parsed = RouteTemplate(template)
    let takesContent = takesContent ?? (method != .delete)
    let checked: Handler = { request in
      if let parameters { try request.checkParameters(parameters) }
      if !takesContent { try await request.checkHasNoContent() }
      return try await handler(request)
    }
    let endpoint = Endpoint(
      template: template, parameterNames: parsed.parameterNames, deadline: deadline, handler: checked)
    tree.insert(endpoint, method: method, at: parsed.segments[...])
    routes.append((method, template))
  }

  /// The response to a request: 404 where no route leads, 405 with Allow where another method does, 501 for a
  /// method that no resource could have.
  package func respond(to request: HTTPRequest) async -> HTTPResponse {
    var request = request
    request.handler = handler(for: &request)
    do {
      return try await chain(request)
    } catch {
      // Of a middleware outside of the one that maps errors.
      logger.error("A middleware failed.", metadata: ["error": "\(String(reflecting: error))"])
      return ProblemDocument(.internalError).response
    }
  }

  private static func chain(_ middleware: [any Middleware]) -> Handler {
    var next: Handler = { request in try await request.handler(request) }
    for layer in middleware.reversed() {
      next = { [next] request in try await layer.handle(request, next: next) }
    }
    return next
  }

  private func handler(for request: inout HTTPRequest) -> Handler {
    guard
      HTTPMethod.recognized.contains(request.method)
        || routes.contains(where: { $0.method == request.method })
    else {
      return { _ in throw ProblemDocument(.notImplemented, detail: "This server has no such method.") }
    }
    if request.isAsterisk {
      let methods = Set(routes.map(\.method))
      return { _ in Self.options(methods) }
    }
    guard let (endpoints, values) = tree.find(request.segments[...]) else {
      return { throw ProblemDocument(.notFound, detail: "There is nothing at \($0.path).") }
    }
    let endpoint = endpoints[request.method] ?? (request.method == .head ? endpoints[.get] : nil)
    // Any endpoint of the path has its template, whatever its parameters are called.
    request.route = (endpoint ?? endpoints.first?.value)?.template
    guard let endpoint else {
      let methods = Set(endpoints.keys)
      return { request in
        if request.method == .options { return Self.options(methods) }
        throw Self.methodNotAllowed(request.method, methods)
      }
    }
    request.pathParameters = Dictionary(
      zip(endpoint.parameterNames, values), uniquingKeysWith: { first, _ in first })
    if let deadline = endpoint.deadline { request.deadline.allow(deadline) }
    return endpoint.handler
  }

  private static func allowed(_ methods: Set<HTTPMethod>) -> HTTPHeaderValue {
    var methods = methods.union([.options])
    if methods.contains(.get) { methods.insert(.head) }
    return HTTPHeaderValue(validated: methods.map(\.rawValue).sorted().joined(separator: ", "))
  }

  private static func options(_ methods: Set<HTTPMethod>) -> HTTPResponse {
    HTTPResponse(status: .noContent, headers: ["Allow": allowed(methods)])
  }

  private static func methodNotAllowed(_ method: HTTPMethod, _ methods: Set<HTTPMethod>) -> ProblemDocument {
    let allowed = allowed(methods)
    return ProblemDocument(
      .methodNotAllowed, detail: "\(method) is not allowed here; allowed are \(allowed).",
      headers: ["Allow": allowed])
  }
}
