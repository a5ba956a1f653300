/// What answers one method at one template.
struct Endpoint: Sendable {
  let template: String
  let parameterNames: [String]
  let deadline: Duration?
  let handler: Router.Handler
}

/// Templates as a tree of segments. A literal segment goes before a parameter; where the literal branch leads
/// nowhere the parameter's is tried.
struct RouteTree: Sendable {
  private var literals: [String: RouteTree] = [:]
  /// At most one element; an array, since a struct can't hold itself.
  private var parameter: [RouteTree] = []
  private(set) var endpoints: [HTTPMethod: Endpoint] = [:]

  mutating func insert(_ endpoint: Endpoint, method: HTTPMethod, at path: ArraySlice<RouteTemplate.Segment>) {
    switch path.first {
    case nil:
      precondition(endpoints[method] == nil, "two handlers for one method and template")
      endpoints[method] = endpoint
    case .literal(let text):
      literals[text, default: RouteTree()].insert(endpoint, method: method, at: path.dropFirst())
    case .parameter:
      if parameter.isEmpty { parameter.append(RouteTree()) }
      parameter[0].insert(endpoint, method: method, at: path.dropFirst())
    }
  }

  /// The endpoints at a path, with the values of its parameters in order. Nil: there is nothing at that path.
  func find(_ path: ArraySlice<String>) -> (endpoints: [HTTPMethod: Endpoint], values: [String])? {
    guard let segment = path.first else { return endpoints.isEmpty ? nil : (endpoints, []) }
    if let found = literals[segment]?.find(path.dropFirst()) { return found }
    guard !segment.isEmpty, var found = parameter.first?.find(path.dropFirst()) else { return nil }
    found.values.insert(segment, at: 0)
    return found
  }
}
