import Compute

/// `fashion_mnist`: Xiao, Rasul and Vollgraf, "Fashion-MNIST" (2017).
struct FashionMNISTDefinition: PublishedDefinition {
  private static let images = DigitImages(
    name: "fashion_mnist", folder: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    sums: [
      "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
      "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
      "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
      "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ],
    classNames: [
      "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
      "Ankle boot",
    ])

  static let entry = CatalogueEntry(
    published: "fashion_mnist", task: "pieces of clothing, ten classes",
    shape: .image(height: 28, width: 28, channels: 1), classes: 10, trainCount: 60_000, testCount: 10_000,
    licence: "MIT", source: "https://github.com/zalandoresearch/fashion-mnist", files: images.files)

  init(_ values: OptionValues) {}

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    try Self.images.decode(fetcher: fetcher, limits: limits, to: path)
  }
}

extension DatasetReference {
  /// Pieces of clothing in MNIST's form.
  public static let fashionMNIST = DatasetReference(FashionMNISTDefinition([:]))
}
