/// One layer in a network's table: what it makes, holds and computes.
package struct LayerSummary: Sendable, Hashable {
  /// Its parameters' name in PyTorch, or its place.
  package let name: String
  /// What it is: "linear", "convolution", …
  package let kind: String
  /// The shape of its output: (height, width, channels) of an image, (tokens, channels) of a sequence, (features) of a
  /// vector.
  package let output: [Int]
  package let parameterCount: Int
  /// Floating-point operations of its matrix products a sample, forward: 2·m·n·k each.
  package let productFlops: Int
  /// Those of the product for its input's gradient: as many, or 0 if the network's input feeds it.
  package let inputGradientFlops: Int
}
