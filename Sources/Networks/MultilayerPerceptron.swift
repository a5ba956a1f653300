import Compute

/// Flatten, (linear, activation, dropout) per hidden width, linear.
public struct MultilayerPerceptron: Sendable, Hashable {
  /// The hidden layers' widths, from the input on.
  public var hidden: [Int]
  /// After every hidden layer.
  public var activation: Activation
  /// The probability with which a hidden unit is dropped in training, in [0, 1).
  public var dropout: Double

  /// ReLU and no dropout, unless said.
  public init(hidden: [Int], activation: Activation = .relu, dropout: Double = 0) {
    self.hidden = hidden
    self.activation = activation
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
      try chain.append(Linear(builder, name: name, input: shape, outputs: width, activation: activation))
      shape = .features(width)
      if dropout != 0 {
        try chain.append(Dropout(builder, shape: shape, probability: dropout))
      }
    }
    try chain.append(
      Linear(builder, name: "fc.\(hidden.count)", input: shape, outputs: classes, isOutput: true))
  }
}
