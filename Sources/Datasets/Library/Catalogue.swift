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
      .further(.svhn),
      .further(.emnist(.balanced)), .further(.stl10), .further(.tinyImageNet), .further(.higgs),
      .further(.letter),
      .further(.californiaHousing()), .further(.medmnist(MedMNIST(.pathmnist))),
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
  public static let entries: [CatalogueEntry] = images + tables + further + local + generated

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

  private static let further = [
    CatalogueEntry(
      name: "svhn", task: "house numbers, cropped digits, ten classes", shape: small, classes: 10,
      trainCount: 73_257,
      testCount: 26_032, licence: "non-commercial use only",
      source: "http://ufldl.stanford.edu/housenumbers/",
      files: StreetViewNumbers.files),
    CatalogueEntry(
      name: "emnist", task: "handwritten digits and letters in six splits, transposed as published",
      shape: digits,
      classes: nil, trainCount: nil, testCount: nil,
      licence: "none stated; a work of the United States government",
      source: "https://www.nist.gov/itl/products-and-services/emnist-dataset", files: [EMNIST.file]),
    CatalogueEntry(
      name: "stl10", task: "photographs, ten classes", shape: .image(height: 96, width: 96, channels: 3),
      classes: 10,
      trainCount: 5_000, testCount: 8_000,
      licence: "none stated; cite Coates, Lee and Ng 2011; images from ImageNet",
      source: "https://cs.stanford.edu/~acoates/stl10/", files: [STL10.file]),
    CatalogueEntry(
      name: "tiny_imagenet", task: "small photographs, 200 of ImageNet's classes",
      shape: .image(height: 64, width: 64, channels: 3), classes: 200, trainCount: 100_000, testCount: 10_000,
      licence: "research only; see image-net.org", source: "http://cs231n.stanford.edu/",
      files: [TinyImageNet.file]),
    CatalogueEntry(
      name: "higgs", task: "simulated collisions, a Higgs boson or background", shape: .features(28),
      classes: 2,
      trainCount: 10_500_000, testCount: 500_000, licence: "CC BY 4.0",
      source: "https://archive.ics.uci.edu/dataset/280/higgs", files: [FurtherTables.higgs]),
    CatalogueEntry(
      name: "letter", task: "distorted capital letters, 16 measures of each", shape: .features(16),
      classes: 26,
      trainCount: 16_000, testCount: 4_000, licence: "CC BY 4.0",
      source: "https://archive.ics.uci.edu/dataset/59/letter+recognition", files: [FurtherTables.letter]),
    CatalogueEntry(
      name: "california_housing",
      task: "blocks of houses, their median price in classes of as many blocks each",
      shape: .features(8), classes: nil, trainCount: 20_640, testCount: 0,
      licence: "none stated; cite Pace and Barry 1997",
      source: "https://www.dcc.fc.up.pt/~ltorgo/Regression/cal_housing.html", files: [CaliforniaHousing.file]),
    CatalogueEntry(
      name: "medmnist", task: "medical images, eleven parts in four sizes", shape: nil, classes: nil,
      trainCount: nil,
      testCount: nil, licence: "CC BY 4.0 (dermamnist: CC BY-NC 4.0)", source: "https://medmnist.com/",
      files: MedMNIST.Part.allCases.map { MedMNIST($0).file }),
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
