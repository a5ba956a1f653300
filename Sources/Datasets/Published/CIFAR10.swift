import Compute

/// `cifar10`: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009).
struct CIFAR10Definition: PublishedDefinition {
  static let records = CIFAR(
    labelBytes: 1, labelIndex: 0, classes: 10, namesFile: "batches.meta.txt",
    trainFiles: (1...5).map { "data_batch_\($0).bin" }, testFile: "test_batch.bin")
  private static let file = PublishedFile(
    "cifar-10-binary.tar.gz", at: "https://www.cs.toronto.edu/~kriz/",
    sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd")

  static let entry = CatalogueEntry(
    published: "cifar10", task: "small photographs, ten classes",
    shape: .image(height: 32, width: 32, channels: 3), classes: 10, trainCount: 50_000, testCount: 10_000,
    licence: "none stated; cite Krizhevsky 2009", source: "https://www.cs.toronto.edu/~kriz/cifar.html",
    files: [file])

  init(_ values: OptionValues) {}

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    try Self.records.decode(Self.file, of: Self.entry.name, fetcher: fetcher, limits: limits, to: path)
  }
}

extension DatasetReference {
  /// Small photographs, 32 × 32 × 3, 10 classes, 50,000 + 10,000.
  public static let cifar10 = DatasetReference(CIFAR10Definition([:]))
}
