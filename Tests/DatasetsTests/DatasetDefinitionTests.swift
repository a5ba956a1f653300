import Compute
import Datasets
import Foundation
import Testing

/// What every published and generated data set declares of itself; a new one is held to it by its line in the catalogue.
@Suite("Definitions of data sets")
struct DatasetDefinitionTests {
  private static let names = Catalogue.entries.filter { $0.kind != .files }.map(\.name)

  /// The data set of a name with some values; the other options have those that they have where none are given.
  private static func dataset(_ name: String, _ values: OptionValues = [:]) -> CatalogueDataset? {
    CatalogueDataset(named: name) { options in
      options.reduce(into: OptionValues()) { $0[$1.name] = values[$1.name] ?? $1.firstValue }
    }
  }

  @Test("names are unique, and no file's is among them")
  func uniqueNames() {
    #expect(Catalogue.names.count == Catalogue.entries.count)
    #expect(Catalogue.entries.filter { $0.kind == .generated }.count >= 3)
    #expect(Self.dataset("csv") == nil && Self.dataset("nothing") == nil)
  }

  @Test("a value is kept for every option, and makes another data set", arguments: names)
  func values(name: String) throws {
    let plain = try #require(Self.dataset(name))
    #expect(plain.name == name)
    for option in plain.options {
      #expect(plain.values[option.name] == option.firstValue && !option.summary.isEmpty)
      let other: OptionValue
      switch option.domain {
      case .number(let interval, let value): other = .number((interval.lower + interval.upper + value) / 3)
      case .integer(let range, _): other = .integer(range.upperBound)
      case .boolean(let value): other = .boolean(!value)
      case .choice(let words, _): other = .word(words[words.count - 1])
      }
      #expect(option.allows(other) && other != option.firstValue)
      let changed = try #require(Self.dataset(name, [option.name: other]))
      #expect(changed.values[option.name] == other && changed != plain)
      #expect(Set([changed, plain, changed]).count == 2)
    }
  }

  @Test("what is written in code has the declared defaults")
  func defaults() throws {
    let written: [DatasetReference] = [
      .mnist, .fashionMNIST, .kmnist, .cifar10, .cifar100(.fine), .covertype(), .adult, .credit(), .svhn,
      .emnist(.balanced), .stl10, .tinyImageNet, .higgs, .letter, .californiaHousing(),
      .medmnist(MedMNIST(.pathmnist)), .gaussian(dimensions: 1, classes: 2), .prototypes(PrototypeOptions()),
      .teacher(TeacherOptions()),
    ]
    #expect(written.map(\.name).sorted() == Self.names.sorted())
    for reference in written {
      let dataset = try #require(Self.dataset(reference.name))
      #expect(reference == .catalogue(dataset))
    }
  }

  /// Shape, classes, training and test samples as the authors state them, by the name and what differs from the defaults.
  static let facts: [(String, OptionValues, SampleShape, [Int?])] = [
    ("mnist", [:], .image(height: 28, width: 28, channels: 1), [10, 60_000, 10_000]),
    ("fashion_mnist", [:], .image(height: 28, width: 28, channels: 1), [10, 60_000, 10_000]),
    ("kmnist", [:], .image(height: 28, width: 28, channels: 1), [10, 60_000, 10_000]),
    ("cifar10", [:], .image(height: 32, width: 32, channels: 3), [10, 50_000, 10_000]),
    ("cifar100", [:], .image(height: 32, width: 32, channels: 3), [100, 50_000, 10_000]),
    (
      "cifar100", ["labels": .word("coarse")], .image(height: 32, width: 32, channels: 3),
      [20, 50_000, 10_000]
    ),
    ("covertype", [:], .features(54), [7, 581_012, 0]),
    ("covertype", ["test_fraction": .number(0.2)], .features(54), [7, 581_012, 581_012]),
    ("adult", [:], .features(108), [2, 32_561, 16_281]),
    ("credit", ["test_fraction": .number(0.5)], .features(23), [2, 30_000, 30_000]),
    ("svhn", [:], .image(height: 32, width: 32, channels: 3), [10, 73_257, 26_032]),
    (
      "emnist", ["split": .word("letters")], .image(height: 28, width: 28, channels: 1),
      [26, 124_800, 20_800]
    ),
    ("stl10", [:], .image(height: 96, width: 96, channels: 3), [10, 5_000, 8_000]),
    ("tiny_imagenet", [:], .image(height: 64, width: 64, channels: 3), [200, 100_000, 10_000]),
    ("higgs", [:], .features(28), [2, 10_500_000, 500_000]),
    ("letter", [:], .features(16), [26, 16_000, 4_000]),
    ("california_housing", ["classes": .integer(3)], .features(8), [3, 20_640, 0]),
    (
      "medmnist", ["part": .word("octmnist"), "size": .integer(64)],
      .image(height: 64, width: 64, channels: 1), [4, 97_477, 1_000]
    ),
    ("gaussian", ["dimensions": .integer(5), "classes": .integer(3)], .features(5), [3, 20_000_000, nil]),
    (
      "prototypes", ["height": .integer(4), "channels": .integer(3)],
      .image(height: 4, width: 28, channels: 3), [10, 20_000_000, nil]
    ),
    ("teacher", ["hidden": .integer(8)], .features(100), [2, 20_000_000, nil]),
  ]

  @Test("facts are what the authors state, with the options")
  func statedFacts() throws {
    for (name, values, shape, counts) in Self.facts {
      let dataset = try #require(Self.dataset(name, values))
      #expect(dataset.facts.shape == shape, "\(name)")
      #expect(
        [dataset.facts.classes, dataset.facts.trainingSamples, dataset.facts.testSamples] == counts, "\(name)"
      )
    }
    #expect(Set(Self.facts.map(\.0)) == Set(Self.names))
  }

  @Test("options out of range are refused before anything is fetched")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let library = DatasetLibrary(directory: folder.url.appending(path: "data"), mirror: folder.path)
    var prototypes = PrototypeOptions()
    prototypes.difficulty = -1
    var teacher = TeacherOptions()
    teacher.hidden = 0
    let references: [(DatasetReference, String)] = [
      (.covertype(testFraction: 1), "test_fraction"), (.credit(testFraction: -0.1), "test_fraction"),
      (.californiaHousing(classes: 101), "classes"), (.prototypes(prototypes), "difficulty"),
      (.teacher(teacher), "hidden"), (.medmnist(MedMNIST(.octmnist, size: 30)), "size"),
    ]
    for (reference, named) in references {
      let error = try datasetError { _ = try library.open(reference) }
      guard case .invalidOption(let option, _, _) = error else { throw error }
      #expect(option == named)
    }
  }

  /// Data directories keep decoded files by these names: another name would decode them all anew.
  @Test("decoded files are called as they always were")
  func keys() throws {
    let folder = try TemporaryFolder()
    let data = folder.url.appending(path: "data")
    let library = DatasetLibrary(directory: data, mirror: folder.path + "/nowhere")
    let references: [(DatasetReference, String)] = [
      (.mnist, "mnist"), (.fashionMNIST, "fashion_mnist"), (.kmnist, "kmnist"), (.cifar10, "cifar10"),
      (.cifar100(.fine), "cifar100-fine"), (.cifar100(.coarse), "cifar100-coarse"), (.adult, "adult"),
      (.covertype(), "covertype"), (.covertype(testFraction: 0.2), "covertype-test-0.2"),
      (.credit(testFraction: 0.25), "credit-test-0.25"), (.svhn, "svhn"), (.stl10, "stl10"),
      (.emnist(.balanced), "emnist-balanced"), (.tinyImageNet, "tiny_imagenet"), (.higgs, "higgs"),
      (.letter, "letter"), (.californiaHousing(), "california_housing-10"),
      (.californiaHousing(classes: 3, testFraction: 0.5), "california_housing-3-test-0.5"),
      (.medmnist(MedMNIST(.octmnist)), "medmnist-octmnist"),
      (.medmnist(MedMNIST(.octmnist, size: 64)), "medmnist-octmnist_64"),
    ]
    for (reference, key) in references {
      _ = try datasetError { _ = try library.open(reference) }
      // Whoever makes a decoded file holds the lock of its name.
      let lock = data.appending(path: "locks/\(key).lock").path
      #expect(FileManager.default.fileExists(atPath: lock), "\(key)")
    }
  }
}
