import Networks

/// The network, and where its parameters start.
package struct ModelSpecification: Sendable, Hashable {
  /// Layers and their sizes.
  package var architecture: Architecture
  /// Where training starts.
  package var initialization = Initialization()
  /// The number of parameters that the width is yet to be found for; nil once the architecture is final.
  var targetParameters: Int?

  /// A network that starts as PyTorch starts it.
  package init(_ architecture: Architecture) { self.architecture = architecture }
}
