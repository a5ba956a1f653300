import Compute

/// `mnist`: LeCun, Cortes and Burges, "The MNIST database of handwritten digits" (1998).
struct MNISTDefinition: PublishedDefinition {
  private static let images = DigitImages(
    name: "mnist", folder: "https://ossci-datasets.s3.amazonaws.com/mnist/",
    sums: [
      "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
      "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
      "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
      "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ],
    classNames: (0...9).map(String.init))

  static let entry = CatalogueEntry(
    published: "mnist", task: "handwritten digits, ten classes",
    shape: .image(height: 28, width: 28, channels: 1), classes: 10, trainCount: 60_000, testCount: 10_000,
    licence: "CC BY-SA 3.0", source: "http://yann.lecun.com/exdb/mnist/", files: images.files)

  init(_ values: OptionValues) {}

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    try Self.images.decode(fetcher: fetcher, limits: limits, to: path)
  }
}

extension DatasetReference {
  /// Handwritten digits, 28 × 28, 10 classes, 60,000 + 10,000.
  public static let mnist = DatasetReference(MNISTDefinition([:]))
}
