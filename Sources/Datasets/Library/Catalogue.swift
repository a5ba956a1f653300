/// What can be measured without bringing data along.
public struct CatalogueEntry: Sendable, Hashable {
  /// How an entry's samples come about.
  public enum Kind: String, Sendable, Hashable {
    /// Fetched from where the authors publish them.
    case published
    /// Made by a rule.
    case generated
    /// Files of the user's own.
    case files
  }

  /// The name in specifications.
  public let name: String
  /// What the samples show and what the classes are.
  public let task: String
  /// The shape of one input; nil where options or the files decide.
  public let shape: SampleShape?
  /// Number of classes; nil where options or the files decide.
  public let classes: Int?
  /// Samples in the published training split; nil where there is no end or the files decide.
  public let trainCount: Int?
  /// Samples in the published test split; nil where there is no end or the files decide.
  public let testCount: Int?
  /// The terms that the authors give.
  public let licence: String
  /// Where it comes from.
  public let source: String
  /// The published files with their checksums; none for generated and local data.
  public let files: [PublishedFile]
  /// How the samples come about.
  public internal(set) var kind = Kind.published

  /// The published data set with its default options; nil for generated data and files.
  public var published: DatasetReference? {
    let published: [DatasetReference] = [
      .mnist, .fashionMNIST, .kmnist, .cifar10, .cifar100(.fine), .covertype(), .adult, .credit(),
    ]
    return published.first { $0.name == name }
  }
}

/// The data sets that the library knows.
public enum Catalogue {
  /// The names of all entries; none of them can be given to a data set of the user's.
  public static let names = Set(entries.map(\.name))

  /// The entry of a name.
  public static func entry(named name: String) -> CatalogueEntry? { entries.first { $0.name == name } }

  /// All entries: published images, published tables, local files, generated data.
  public static let entries: [CatalogueEntry] = images + tables + local + generated

  private static let digits = SampleShape.image(height: 28, width: 28, channels: 1)
  private static let small = SampleShape.image(height: 32, width: 32, channels: 3)

  private static let images = [
    CatalogueEntry(
      name: "mnist", task: "handwritten digits, ten classes", shape: digits, classes: 10, trainCount: 60_000,
      testCount: 10_000, licence: "CC BY-SA 3.0", source: "http://yann.lecun.com/exdb/mnist/",
      files: DigitImages.mnist.files),
    CatalogueEntry(
      name: "fashion_mnist", task: "pieces of clothing, ten classes", shape: digits, classes: 10,
      trainCount: 60_000, testCount: 10_000, licence: "MIT",
      source: "https://github.com/zalandoresearch/fashion-mnist", files: DigitImages.fashion.files),
    CatalogueEntry(
      name: "kmnist", task: "cursive Japanese characters, ten classes", shape: digits, classes: 10,
      trainCount: 60_000, testCount: 10_000, licence: "CC BY-SA 4.0",
      source: "https://codh.rois.ac.jp/kmnist/",
      files: DigitImages.kuzushiji.files),
    CatalogueEntry(
      name: "cifar10", task: "small photographs, ten classes", shape: small, classes: 10, trainCount: 50_000,
      testCount: 10_000, licence: "none stated; cite Krizhevsky 2009",
      source: "https://www.cs.toronto.edu/~kriz/cifar.html", files: [CIFAR.ten.file]),
    CatalogueEntry(
      name: "cifar100", task: "small photographs, 100 fine or 20 coarse classes", shape: small, classes: nil,
      trainCount: 50_000, testCount: 10_000, licence: "none stated; cite Krizhevsky 2009",
      source: "https://www.cs.toronto.edu/~kriz/cifar.html", files: [CIFAR.hundred(.fine).file]),
  ]

  private static let tables = [
    CatalogueEntry(
      name: "covertype", task: "cells of forest, seven kinds of cover", shape: .features(54), classes: 7,
      trainCount: 581_012, testCount: 0, licence: "CC BY 4.0",
      source: "https://archive.ics.uci.edu/dataset/31/covertype", files: [UCITables.Covertype.file]),
    CatalogueEntry(
      name: "adult", task: "people of the 1994 census, income above 50,000 dollars or not",
      shape: .features(108), classes: 2, trainCount: 32_561, testCount: 16_281, licence: "CC BY 4.0",
      source: "https://archive.ics.uci.edu/dataset/2/adult",
      files: [UCITables.Adult.train, UCITables.Adult.test]),
    CatalogueEntry(
      name: "credit", task: "clients of a bank, default of the next payment or not", shape: .features(23),
      classes: 2, trainCount: 30_000, testCount: 0, licence: "CC BY 4.0",
      source: "https://archive.ics.uci.edu/dataset/350/default+of+credit+card+clients",
      files: [UCITables.Credit.files[0]]),
  ]

  private static func open(
    _ name: String, _ task: String, licence: String, source: String, _ kind: CatalogueEntry.Kind = .files
  ) -> CatalogueEntry {
    CatalogueEntry(
      name: name, task: task, shape: nil, classes: nil, trainCount: nil, testCount: nil, licence: licence,
      source: source, files: [], kind: kind)
  }

  private static let local = [
    open("csv", "rows of a delimited text file", licence: "the user's", source: "a local file"),
    open("npy", "rows of a NumPy array", licence: "the user's", source: "a local file"),
    open("npz", "NumPy arrays of inputs and labels", licence: "the user's", source: "a local file"),
    open(
      "image_folder", "images of <split>/<class>/<file>", licence: "the user's",
      source: "a local folder or tar"),
    open(
      "imagenet", "photographs, 1000 classes, from a local folder",
      licence: "research only; see image-net.org",
      source: "https://image-net.org/"),
  ]

  private static let generated = [
    open(
      "gaussian", "standard normal inputs, random labels", licence: "none needed", source: "generated",
      .generated),
    open(
      "prototypes", "smooth class images plus noise", licence: "none needed", source: "generated", .generated),
    open(
      "teacher", "normal inputs labelled by a random network", licence: "none needed", source: "generated",
      .generated),
  ]
}
