import Compute

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

    /// MD5 by size, as in `medmnist/info.py` of version 3.
    fileprivate var checksums: [String] {
      switch self {
      case .pathmnist:
        [
          "a8b06965200029087d5bd730944a56c1", "55aa9c1e0525abe5a6b9d8343a507616",
          "ac42d08fb904d92c244187169d1fd1d9", "2c51a510bcdc9cf8ddb2af93af1eadec",
        ]
      case .dermamnist:
        [
          "0744692d530f8e62ec473284d019b0c7", "b70a2f5635c6199aeaa28c31d7202e1f",
          "2defd784463fa5243564e855ed717de1", "8974907d8e169bef5f5b96bc506ae45d",
        ]
      case .octmnist:
        [
          "c68d92d5b585d8d81f7112f81e2d0842", "e229e9440236b774d9f0dfef9d07bdaf",
          "0a97e76651ace45c5d943ee3f65b63ae", "abc493b6d529d5de7569faaef2773ba3",
        ]
      case .pneumoniamnist:
        [
          "28209eda62fecd6e6a2d98b1501bb15f", "8f4eceb4ccffa70c672198ea285246c6",
          "05b46931834c231683c68f40c47b2971", "d6a3c71de1b945ea11211b03746c1fe1",
        ]
      case .retinamnist:
        [
          "bd4c0672f1bba3e3a89f0e4e876791e4", "afda852cc34dcda56f86ad2b2457dbcc",
          "e48e916a24454daf90583d4e6efb1a18", "eae7e3b6f3fcbda4ae613ebdcbe35348",
        ]
      case .breastmnist:
        [
          "750601b1f35ba3300ea97c75c52ff8f6", "742edef2a1fd1524b2efff4bd7ba9364",
          "363e4b3f8d712e9b5de15470a2aaadf1", "b56378a6eefa9fed602bb16d192d4c8b",
        ]
      case .bloodmnist:
        [
          "7053d0359d879ad8a5505303e11de1dc", "2b94928a2ae4916078ca51e05b6b800b",
          "adace1e0ed228fccda1f39692059dd4c", "b718ff6835fcbdb22ba9eacccd7b2601",
        ]
      case .tissuemnist:
        [
          "ebe78ee8b05294063de985d821c1c34b", "123ece2eba09d0aa5d698fda57103344",
          "61b955355d7425a89687b06cca3ce0c2", "b077128c4a949f0a4eb01517f9037b9c",
        ]
      case .organamnist:
        [
          "68e3f8846a6bd62f0c9bf841c0d9eacc", "2dcccc29b88e6da5a01161ef20cda288",
          "eeae80d0a227a8d099027e1b3cfd3b60", "50747347e05c87dd3aaf92c49f9f3170",
        ]
      case .organcmnist:
        [
          "b9ceb9546e10131b32923c5bbeaea2b1", "3ce34a8724ea6f548e6db4744d03b6a9",
          "773c1f009daa3fe5d9a2a201b2a7ed94", "050f5e875dc056f6768abf94ec9995d1",
        ]
      case .organsmnist:
        [
          "9ab87b696fb54e2a387ebe992d6ed5f1", "53a6d115339d874c25e309a994ff46d3",
          "ded0c5fa01a95dc4978b956f613e9b8e", "b354719e553fbbb2513d5533f52a4cb1",
        ]
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

  /// With the MD5 that MedMNIST publishes for this record of its version 3.
  var file: PublishedFile {
    PublishedFile(
      fileName, at: "https://zenodo.org/records/10519652/files/", sha256: nil,
      md5: Self.sizes.firstIndex(of: size).map { part.checksums[$0] })
  }

  /// The shape of one image, and how many there are.
  public var shape: SampleShape { .image(height: size, width: size, channels: part.counts.channels) }
  /// Classes, training samples and test samples.
  public var counts: (classes: Int, train: Int, test: Int) {
    (part.counts.classes, part.counts.train, part.counts.test)
  }
}

/// `medmnist`: a part in one of its sizes.
struct MedMNISTDefinition: PublishedDefinition {
  static let entry = CatalogueEntry(
    published: "medmnist", task: "medical images, eleven parts in four sizes",
    licence: "CC BY 4.0 (dermamnist: CC BY-NC 4.0)", source: "https://medmnist.com/",
    files: MedMNIST.Part.allCases.map { MedMNIST($0).file })

  static let options = [
    OptionDeclaration.choice("part", of: MedMNIST.Part.self, "Whose images."),
    .integer("size", 28...224, default: 28, "Pixels of a side: 28, 64, 128 or 224."),
  ]

  private let images: MedMNIST

  init(_ values: OptionValues) {
    images = MedMNIST(values.choice("part"), size: values.integer("size"))
  }

  var values: OptionValues { ["part": .word(images.part.rawValue), "size": .integer(images.size)] }

  var conflict: OptionConflict? {
    MedMNIST.sizes.contains(images.size)
      ? nil
      : OptionConflict(option: "size", allowed: "one of 28, 64, 128, 224", detail: "is not published")
  }

  var facts: DatasetFacts {
    let counts = images.counts
    return DatasetFacts(
      shape: images.shape, classes: counts.classes, trainingSamples: counts.train, testSamples: counts.test)
  }

  var key: String { "medmnist-\(images.fileName.replacing(".npz", with: ""))" }

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    try UploadFormat.npz(ArrayOptions()).decode(
      try fetcher.fetch(images.file, of: Self.entry.name), directory: fetcher.directory, limits: limits,
      to: path)
  }
}

extension DatasetReference {
  /// A part of MedMNIST by the name of its file.
  public static func medmnist(_ images: MedMNIST) -> DatasetReference {
    DatasetReference(
      MedMNISTDefinition(["part": .word(images.part.rawValue), "size": .integer(images.size)]))
  }
}
