import Networks

/// The network, and where its parameters start.
public struct ModelSpecification: Sendable, Hashable {
  /// Layers and their sizes.
  public var architecture: Architecture
  /// Where training starts.
  public var initialization = Initialization()

  /// A network that starts as PyTorch starts it.
  public init(_ architecture: Architecture) { self.architecture = architecture }
}
