import Compute

/// What stands between a product and its activation.
package enum Normalization: String, Sendable, Hashable, Codable, CaseIterable {
  /// Nothing; the product has a bias.
  case none
  /// Batch norm; the product has no bias, which the norm's shift replaces.
  case batch
  /// Layer norm over each place's channels; the product has no bias either.
  case layer
}

extension Normalization {
  /// Appends the norm named `name` and then the activation; nothing for `none`, whose product has the activation.
  func append<S: Scalar>(
    to chain: inout ChainBuilder<S>, _ builder: LayerBuilder<S>, name: String, shape: InputShape,
    activation: Activation
  ) throws(ArchitectureError) {
    switch self {
    case .none: break
    case .batch:
      try chain.append(BatchNormalization(builder, name: name, shape: shape, activation: activation))
    case .layer:
      try chain.append(LayerNormalization(builder, name: name, shape: shape))
      try chain.append(Elementwise(builder, shape: shape, activation: activation))
    }
  }
}
