import Datasets

extension DatasetReference {
  /// An entry of the catalogue with its options; nil for another name.
  init?(catalogueEntry name: String?, reading reader: ObjectReader) {
    let testFraction = NumberInterval.from(0, below: 1)
    switch name {
    case "gaussian":
      self = .gaussian(
        dimensions: reader.integer("dimensions", in: 1...1_000_000),
        classes: reader.integer("classes", in: 2...100_000, default: 2))
    case "prototypes": self = .prototypes(PrototypeOptions(reading: reader))
    case "teacher": self = .teacher(TeacherOptions(reading: reader))
    case "mnist": self = .mnist
    case "fashion_mnist": self = .fashionMNIST
    case "kmnist": self = .kmnist
    case "cifar10": self = .cifar10
    case "cifar100": self = .cifar100(reader.choice("labels", default: .fine) ?? .fine)
    case "covertype":
      self = .covertype(testFraction: reader.number("test_fraction", testFraction, default: 0))
    case "adult": self = .adult
    case "credit": self = .credit(testFraction: reader.number("test_fraction", testFraction, default: 0))
    case let name?:
      guard let further = FurtherDataset(name, reading: reader) else { return nil }
      self = .further(further)
    case nil: return nil
    }
  }

  /// Files of this machine with their options; nil for another name.
  ///
  /// - Parameter place: the path of what the document names.
  init?(files name: String, at place: (String) -> String, reading reader: ObjectReader) {
    guard Catalogue.entry(named: name)?.kind == .files else { return nil }
    let given = reader.string("path", allowed: "the path of a file or folder") {
      !$0.isEmpty && !$0.utf8.contains(0)
    }
    let path = place(given ?? "")
    switch name {
    case "csv": self = .table(path: path, options: TableOptions(reading: reader))
    case "npy": self = .arrays(path: path, options: ArrayOptions(npyReading: reader))
    case "npz": self = .arrays(path: path, options: ArrayOptions(npzReading: reader))
    case "image_folder": self = .imageFolder(path: path, form: ImageForm(reading: reader))
    case "imagenet": self = .imageNet(path: path, form: ImageForm(reading: reader))
    default: preconditionFailure("\(name) is no kind of file")
    }
  }

  /// The options as a specification has them, with all their defaults.
  var members: [String: JSONValue] {
    switch self {
    case .gaussian(let dimensions, let classes):
      ["dimensions": .integer(dimensions), "classes": .integer(classes)]
    case .prototypes(let options): options.members
    case .teacher(let options): options.members
    case .cifar100(let labels): ["labels": .string(labels.rawValue)]
    case .covertype(let testFraction), .credit(let testFraction): ["test_fraction": .number(testFraction)]
    case .further(let dataset): dataset.members
    case .mnist, .fashionMNIST, .kmnist, .cifar10, .adult, .stored: [:]
    case .imageNet(let path, let form), .imageFolder(let path, let form):
      form.members.merging(["path": .string(path)]) { $1 }
    case .table(let path, let options): options.members.merging(["path": .string(path)]) { $1 }
    case .arrays(let path, let options):
      (name == "npz" ? options.npzMembers : options.npyMembers).merging(["path": .string(path)]) { $1 }
    }
  }
}
