/// One layer in a network's table: what it makes, holds and computes.
public struct LayerSummary: Sendable, Hashable {
  /// Its parameters' name in PyTorch, or its place.
  public let name: String
  /// What it is: "linear", "convolution", …
  public let kind: String
  /// The shape of its output.
  public let output: InputShape
  /// Its parameters.
  public let parameterCount: Int
  /// Floating-point operations of its matrix products a sample, forward: 2·m·n·k each.
  public let productFlops: Int
  /// Those of the product for its input's gradient: as many, or 0 if the network's input feeds it.
  public let inputGradientFlops: Int
}
