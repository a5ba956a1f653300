import Compute

/// Which of CIFAR-100's two labels.
public enum CIFAR100Labels: String, Sendable, Hashable, CaseIterable, Codable {
  /// 100 classes.
  case fine
  /// 20 groups of five.
  case coarse
}

/// `cifar100`: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009).
struct CIFAR100Definition: PublishedDefinition {
  private static let file = PublishedFile(
    "cifar-100-binary.tar.gz", at: "https://www.cs.toronto.edu/~kriz/",
    sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec")

  static let entry = CatalogueEntry(
    published: "cifar100", task: "small photographs, 100 fine or 20 coarse classes",
    shape: .image(height: 32, width: 32, channels: 3), trainCount: 50_000, testCount: 10_000,
    licence: "none stated; cite Krizhevsky 2009", source: "https://www.cs.toronto.edu/~kriz/cifar.html",
    files: [file])

  static let options = [
    OptionDeclaration.choice(
      "labels", of: CIFAR100Labels.self, default: .fine, "100 fine classes, or 20 coarse ones.")
  ]

  private let labels: CIFAR100Labels

  init(_ values: OptionValues) { labels = values.choice("labels") }

  var values: OptionValues { ["labels": .word(labels.rawValue)] }
  private var isCoarse: Bool { labels == .coarse }
  private var classes: Int { isCoarse ? 20 : 100 }
  var facts: DatasetFacts { Self.published(classes: classes) }
  var key: String { "cifar100-\(labels.rawValue)" }

  /// Two labels a record, the coarse one first.
  var records: CIFAR {
    CIFAR(
      labelBytes: 2, labelIndex: isCoarse ? 0 : 1, classes: classes,
      namesFile: isCoarse ? "coarse_label_names.txt" : "fine_label_names.txt", trainFiles: ["train.bin"],
      testFile: "test.bin")
  }

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    try records.decode(Self.file, of: Self.entry.name, fetcher: fetcher, limits: limits, to: path)
  }
}

extension DatasetReference {
  /// Small photographs, 32 × 32 × 3, 100 fine or 20 coarse classes, 50,000 + 10,000.
  public static func cifar100(_ labels: CIFAR100Labels) -> DatasetReference {
    DatasetReference(CIFAR100Definition(["labels": .word(labels.rawValue)]))
  }
}
