import Foundation

/// Published data sets beside those that the paper measured.
public enum FurtherDataset: Sendable, Hashable {
  /// Street View House Numbers, cropped digits: 32 × 32 × 3, 10 classes, 73,257 + 26,032.
  case svhn
  /// Handwritten digits and letters, 28 × 28.
  case emnist(EMNISTSplit)
  /// Photographs, 96 × 96 × 3, 10 classes, 5,000 + 8,000.
  case stl10
  /// 200 of ImageNet's classes, 64 × 64 × 3, 100,000 + 10,000 (its validation images).
  case tinyImageNet
  /// Collisions of particles, 28 features, 2 classes, 10,500,000 + 500,000.
  case higgs
  /// Letters described by 16 integers, 26 classes, 16,000 + 4,000.
  case letter
  /// Blocks of houses in California, 8 features; the price in classes of as many blocks each.
  case californiaHousing(classes: Int = 10, testFraction: Double = 0)
  /// A part of MedMNIST by the name of its file.
  case medmnist(MedMNIST)

  /// The name in specifications and in the catalogue.
  public var name: String {
    switch self {
    case .svhn: "svhn"
    case .emnist: "emnist"
    case .stl10: "stl10"
    case .tinyImageNet: "tiny_imagenet"
    case .higgs: "higgs"
    case .letter: "letter"
    case .californiaHousing: "california_housing"
    case .medmnist: "medmnist"
    }
  }

  /// What a kept data set is called: its name and its options.
  var key: String {
    switch self {
    case .emnist(let split): "emnist-\(split.rawValue)"
    case .californiaHousing(let classes, let testFraction):
      "california_housing-\(classes)" + (testFraction > 0 ? "-test-\(testFraction)" : "")
    case .medmnist(let part): "medmnist-\(part.fileName.replacing(".npz", with: ""))"
    default: name
    }
  }

  /// Fetches what isn't there and writes the block file.
  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    switch self {
    case .svhn: try StreetViewNumbers.decode(fetcher: fetcher, limits: limits, to: path)
    case .emnist(let split): try EMNIST.decode(split, fetcher: fetcher, limits: limits, to: path)
    case .stl10: try STL10.decode(fetcher: fetcher, limits: limits, to: path)
    case .tinyImageNet:
      try UploadFormat.images(ImageForm(height: 64, width: 64)).decode(
        try fetcher.fetch(TinyImageNet.file, of: name), directory: fetcher.directory, limits: limits, to: path
      )
    case .higgs: try FurtherTables.decodeHiggs(fetcher: fetcher, limits: limits, to: path)
    case .letter: try FurtherTables.decodeLetter(fetcher: fetcher, limits: limits, to: path)
    case .californiaHousing(let classes, let testFraction):
      try CaliforniaHousing(classes: classes, testFraction: testFraction)
        .decode(fetcher: fetcher, limits: limits, to: path)
    case .medmnist(let part):
      try UploadFormat.npz(ArrayOptions()).decode(
        try fetcher.fetch(part.file, of: name), directory: fetcher.directory, limits: limits, to: path)
    }
  }
}

/// Tiny ImageNet (Stanford's CS231n): a zip of `train/<wnid>/images/`, and validation images with a list of their classes.
enum TinyImageNet {
  static let file = PublishedFile(
    "tiny-imagenet-200.zip", at: "http://cs231n.stanford.edu/", sha256: nil,
    md5: "90528d7ca1a48142e341f4ef8d21d0de")
}

/// A part of MedMNIST (Yang et al. 2023, version 3): NumPy files of medical images in MNIST's manner.
public struct MedMNIST: Sendable, Hashable {
  /// Whose images.
  public enum Part: String, Sendable, Hashable, CaseIterable, Codable {
    case pathmnist, dermamnist, octmnist, pneumoniamnist, retinamnist, breastmnist, bloodmnist, tissuemnist,
      organamnist
    case organcmnist, organsmnist

    /// Channels, classes, training samples and test samples.
    var counts: (channels: Int, classes: Int, train: Int, test: Int) {
      switch self {
      case .pathmnist: (3, 9, 89_996, 7_180)
      case .dermamnist: (3, 7, 7_007, 2_005)
      case .octmnist: (1, 4, 97_477, 1_000)
      case .pneumoniamnist: (1, 2, 4_708, 624)
      case .retinamnist: (3, 5, 1_080, 400)
      case .breastmnist: (1, 2, 546, 156)
      case .bloodmnist: (3, 8, 11_959, 3_421)
      case .tissuemnist: (1, 8, 165_466, 47_280)
      case .organamnist: (1, 11, 34_561, 17_778)
      case .organcmnist: (1, 11, 12_975, 8_216)
      case .organsmnist: (1, 11, 13_932, 8_827)
      }
    }
  }

  /// The sides that the images are published in.
  public static let sizes = [28, 64, 128, 224]

  /// Whose images.
  public var part: Part
  /// Pixels of a side.
  public var size = 28

  /// A part in one of its sizes.
  public init(_ part: Part, size: Int = 28) {
    self.part = part
    self.size = size
  }

  var fileName: String { part.rawValue + (size == 28 ? "" : "_\(size)") + ".npz" }

  /// Its checksums change with its versions, so none is stated.
  var file: PublishedFile {
    PublishedFile(fileName, at: "https://zenodo.org/records/10519652/files/", sha256: nil)
  }

  /// The shape of one image, and how many there are.
  public var shape: SampleShape { .image(height: size, width: size, channels: part.counts.channels) }
  /// Classes, training samples and test samples.
  public var counts: (classes: Int, train: Int, test: Int) {
    (part.counts.classes, part.counts.train, part.counts.test)
  }
}
