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

  func sequential() throws(ArchitectureError) -> SequentialNetwork {
    var layers: [LayerSpecification] = []
    for (number, width) in hidden.enumerated() {
      guard width > 0 else {
        throw .invalid(field: "hidden/\(number)", reason: "a layer has at least one unit")
      }
      layers.append(
        LayerSpecification(
          .linear(features: width, bias: normalization == .none), name: "fc.\(number)", field: "hidden"))
      layers += normalization.layers(number)
      layers.append(LayerSpecification(.activation(activation), name: activation.rawValue))
      layers.append(LayerSpecification(.dropout(rate: dropout), name: "dropout.\(number)", field: "dropout"))
    }
    return SequentialNetwork(layers, outputName: "fc.\(hidden.count)")
  }
}
