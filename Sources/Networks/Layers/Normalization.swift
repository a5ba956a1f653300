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
  /// The norm behind the product of that number.
  func layers(_ number: Int) -> [LayerSpecification] {
    switch self {
    case .none: []
    case .batch: [LayerSpecification(.batchNormalization, name: "norm.\(number)")]
    case .layer: [LayerSpecification(.layerNormalization, name: "norm.\(number)")]
    }
  }
}
