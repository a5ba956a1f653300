import Compute
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

extension Experiment {
  /// The shape of one input.
  var inputShape: InputShape { InputShape(data.dataset.facts.shape) }

  /// Classes that the network tells apart.
  var classCount: Int { data.classCount(of: data.dataset.facts.classes) }

  /// The largest size that a probe may have: the training split, as far as it can be drawn from.
  public var sampleLimit: Int { data.dataset.facts.trainingSamples }

  /// P, the number of trainable parameters.
  ///
  /// - Throws: `ArchitectureError` when the network can't be built on the data.
  func countParameters() throws(ArchitectureError) -> Int {
    switch training.reparameterization {
    case .subspace(let dimension): dimension
    case .none, .quantized:
      try Network<Float>(model.architecture, input: inputShape, classes: classCount).parameterCount
    }
  }
}

extension Experiment {
  /// Bytes that a probe of the smallest size needs for its parameters: themselves, their gradient and the
  /// optimizer's state in the precision of training, and the vectors of the verification in double precision.
  var memoryEstimate: Int {
    let scalar = training.precision == .single ? 4 : 8
    return parameterCount * (4 * scalar + 5 * 8)
  }
}
