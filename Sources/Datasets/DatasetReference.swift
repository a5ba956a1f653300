/// Which data set: a catalogue entry with its options.
public enum DatasetReference: Sendable, Hashable {
  /// Standard normal inputs, random labels; generated, any size.
  case gaussian(dimensions: Int, classes: Int)
  /// Handwritten digits, 28 × 28, 10 classes, 60,000 + 10,000.
  case mnist

  /// The name in specifications and in the catalogue.
  public var name: String {
    switch self {
    case .gaussian: "gaussian"
    case .mnist: "mnist"
    }
  }
}
