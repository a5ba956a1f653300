import Compute

/// `kmnist`: Clanuwat et al., "Deep Learning for Classical Japanese Literature" (2018).
struct KMNISTDefinition: PublishedDefinition {
  private static let images = DigitImages(
    name: "kmnist", folder: "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    sums: [
      "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
      "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
      "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
      "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
    ],
    classNames: ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"])

  static let entry = CatalogueEntry(
    published: "kmnist", task: "cursive Japanese characters, ten classes",
    shape: .image(height: 28, width: 28, channels: 1), classes: 10, trainCount: 60_000, testCount: 10_000,
    licence: "CC BY-SA 4.0", source: "https://codh.rois.ac.jp/kmnist/", files: images.files)

  init(_ values: OptionValues) {}

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    try Self.images.decode(fetcher: fetcher, limits: limits, to: path)
  }
}

extension DatasetReference {
  /// Cursive Japanese characters in MNIST's form.
  public static let kmnist = DatasetReference(KMNISTDefinition([:]))
}
