/// What a server needs to know beside its routes.
package struct HTTPServerConfiguration: Sendable, Hashable {
  /// Where to listen.
  package var address: HTTPAddress
  /// How much a client may send.
  package var limits: HTTPLimits
  /// How long a client may take.
  package var deadlines: HTTPDeadlines

  /// An address, with limits and deadlines that suit a service open to the world.
  package init(
    address: HTTPAddress, limits: HTTPLimits = HTTPLimits(), deadlines: HTTPDeadlines = HTTPDeadlines()
  ) {
    self.address = address
    self.limits = limits
    self.deadlines = deadlines
  }
}
