import Compute

/// `tiny_imagenet`: Tiny ImageNet (Stanford's CS231n). A zip of `train/<wnid>/images/`, and validation images with a list of
/// their classes.
struct TinyImageNetDefinition: PublishedDefinition {
  private static let file = PublishedFile(
    "tiny-imagenet-200.zip", at: "http://cs231n.stanford.edu/", sha256: nil,
    md5: "90528d7ca1a48142e341f4ef8d21d0de")

  static let entry = CatalogueEntry(
    published: "tiny_imagenet", task: "small photographs, 200 of ImageNet's classes",
    shape: .image(height: 64, width: 64, channels: 3), classes: 200, trainCount: 100_000, testCount: 10_000,
    licence: "research only; see image-net.org", source: "http://cs231n.stanford.edu/", files: [file])

  init(_ values: OptionValues) {}

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    try UploadFormat.images(ImageForm(height: 64, width: 64)).decode(
      try fetcher.fetch(Self.file, of: Self.entry.name), directory: fetcher.directory, limits: limits,
      to: path)
  }
}

extension DatasetReference {
  /// 200 of ImageNet's classes, 64 × 64 × 3, 100,000 + 10,000 (its validation images).
  public static let tinyImageNet = DatasetReference(TinyImageNetDefinition([:]))
}
