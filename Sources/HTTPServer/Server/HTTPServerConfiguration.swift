/// What a server needs to know beside its routes.
public struct HTTPServerConfiguration: Sendable, Hashable {
  /// Where to listen.
  public var address: HTTPAddress
  /// How much a client may send.
  public var limits: HTTPLimits
  /// How long a client may take.
  public var deadlines: HTTPDeadlines

  /// An address, with limits and deadlines that suit a service open to the world.
  public init(
    address: HTTPAddress, limits: HTTPLimits = HTTPLimits(), deadlines: HTTPDeadlines = HTTPDeadlines()
  ) {
    self.address = address
    self.limits = limits
    self.deadlines = deadlines
  }
}
