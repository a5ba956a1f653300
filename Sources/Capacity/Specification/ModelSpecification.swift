import Networks

/// The network, and where its parameters start.
public struct ModelSpecification: Sendable, Hashable {
  /// Layers and their sizes.
  public var architecture: Architecture
  /// Where training starts.
  public var initialization = Initialization()
  /// The number of parameters that the width is yet to be found for; nil once the architecture is final.
  var targetParameters: Int?

  /// A network that starts as PyTorch starts it.
  public init(_ architecture: Architecture) { self.architecture = architecture }
}
