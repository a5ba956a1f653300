/// Writing addresses: whatever text goes into one is percent-encoded here.
extension HTTPRequest {
  /// The address of this request's path with a query of these parameters.
  package func address(query parameters: [(name: String, value: String)]) -> String {
    let query = parameters.map {
      PercentEncoding.encode($0.name) + "=" + PercentEncoding.encode($0.value)
    }.joined(separator: "&")
    let path = "/" + segments.map { PercentEncoding.encode($0) }.joined(separator: "/")
    return query.isEmpty ? path : "\(path)?\(query)"
  }

  /// A `Link` (RFC 8288) to this list under other parameters: those that are given take the place of those of
  /// the same name.
  package func link(_ relation: StaticString, replacing parameters: [(name: String, value: String)])
    -> HTTPHeaderValue
  {
    let replaced = Set(parameters.map(\.name))
    let address = address(query: query.filter { !replaced.contains($0.name) } + parameters)
    return HTTPHeaderValue(validated: "<\(address)>; rel=\"\(relation)\"")
  }
}
