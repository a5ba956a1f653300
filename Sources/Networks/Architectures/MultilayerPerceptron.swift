import Compute

/// Flatten, (linear, [norm], activation, dropout) per hidden width, linear.
package struct MultilayerPerceptron: Sendable, Hashable {
  /// The hidden layers' widths, from the input on.
  package var hidden: [Int]
  /// After every hidden layer.
  package var activation: Activation
  /// Between every hidden layer's product and its activation.
  package var normalization: Normalization
  /// The probability with which a hidden unit is dropped in training, in [0, 1).
  package var dropout: Double

  /// ReLU, no normalisation and no dropout, unless said.
  package init(
    hidden: [Int], activation: Activation = .relu, normalization: Normalization = .none, dropout: Double = 0
  ) {
    self.hidden = hidden
    self.activation = activation
    self.normalization = normalization
    self.dropout = dropout
  }

  /// Appends the layers to a chain: they are the head of other networks too.
  func append<S: Scalar>(
    to chain: inout ChainBuilder<S>, _ builder: LayerBuilder<S>, input: InputShape, classes: Int
  ) throws(ArchitectureError) {
    var shape = input
    for (number, width) in hidden.enumerated() {
      guard width > 0 else {
        throw .invalid(field: "hidden/\(number)", reason: "a layer has at least one unit")
      }
      let name = "fc.\(number)"
      let isPlain = normalization == .none
      try chain.append(
        Linear(
          builder, name: name, input: shape, outputs: width, hasBias: isPlain,
          activation: isPlain ? activation : .identity))
      shape = .features(width)
      try normalization.append(
        to: &chain, builder, name: "norm.\(number)", shape: shape, activation: activation)
      if dropout != 0 {
        try chain.append(Dropout(builder, shape: shape, probability: dropout))
      }
    }
    try chain.append(
      Linear(builder, name: "fc.\(hidden.count)", input: shape, outputs: classes, isOutput: true))
  }
}
