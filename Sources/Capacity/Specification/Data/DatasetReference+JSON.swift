import Datasets
import Foundation

extension SpecifiedDataset {
  /// The generated and the published data sets.
  private static let catalogueNames = names(of: .generated) + names(of: .published)
  /// Files of this machine.
  private static let fileNames = names(of: .files)

  private static func names(of kind: CatalogueEntry.Kind) -> [String] {
    Catalogue.entries.filter { $0.kind == kind }.map(\.name)
  }

  /// Reads `dataset`: an entry of the catalogue with its options, an added data set, or files.
  init(reading reader: ObjectReader, required: Bool, datasets: DatasetResolver) {
    // Where nothing is asked for at all, the one fault is that the data set is missing.
    guard required else {
      reader.faults.add(
        reader.pointer, nil, allowed: "an object such as {\"name\": \"mnist\"}", "is required")
      self.init(.mnist)
      return
    }
    let name = reader.string("name", allowed: Self.allowedNames(datasets)) { !$0.isEmpty }
    let read: SpecifiedDataset?
    if let name, Self.fileNames.contains(name) {
      read = Self.files(name, reader, datasets)
    } else if let name, !Self.catalogueNames.contains(name) {
      read = Self.added(name, reader, datasets)
    } else {
      read = DatasetReference(catalogueEntry: name, reading: reader).map { SpecifiedDataset($0) }
    }
    // What else stands there can't be judged without knowing which data set is meant.
    if read == nil { reader.acceptRest() }
    reader.finish()
    self = read ?? SpecifiedDataset(.mnist)
  }

  private static func allowedNames(_ datasets: DatasetResolver) -> String {
    var text = "one of " + catalogueNames.joined(separator: ", ")
    if datasets.documents == .operators {
      text += "; the files \(fileNames.joined(separator: ", ")) with their path"
    }
    text += "; or a data set that was added with emc datasets add or POST /v1/datasets"
    let examples = datasets.examples
    return examples.isEmpty ? text : text + " (here: \(examples.joined(separator: ", ")))"
  }

  private static func added(
    _ name: String, _ reader: ObjectReader, _ datasets: DatasetResolver
  ) -> SpecifiedDataset? {
    var digest: String?
    if reader.has("digest") {
      digest = reader.string("digest", allowed: "a SHA-256 digest, 64 hexadecimal digits", where: isDigest)
      guard digest != nil else { return nil }
    }
    do throws(DatasetError) {
      switch try datasets.find(name, digest: digest) {
      case .found(let digest, let facts):
        return SpecifiedDataset(.stored(name: name), digest: digest, facts: facts)
      case .changed(let current):
        reader.fault(
          "digest", allowed: "\(current), or no digest",
          "is not the content that \(name) has here: it was removed and another was added under its name")
      case .missing:
        let content = digest.map { " with the digest \($0)" } ?? ""
        reader.fault(
          "name", allowed: allowedNames(datasets),
          digest == nil ? "is no data set that is known here" : "names no data set\(content) on this machine")
      }
    } catch {
      reader.fault("name", allowed: "a data set that can be opened", "can't be opened: \(error)")
    }
    return nil
  }

  private static func isDigest(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { 48...57 ~= $0 || 97...102 ~= $0 }
  }

  private static func files(
    _ name: String, _ reader: ObjectReader, _ datasets: DatasetResolver
  ) -> SpecifiedDataset? {
    guard datasets.documents == .operators else {
      reader.fault(
        "name", allowed: allowedNames(datasets),
        "reads files of the machine that emc runs on, which can't be named here: upload them with "
          + "POST /v1/datasets, or have them added with emc datasets add, and give the name they got")
      return nil
    }
    guard let reference = DatasetReference(files: name, reading: reader) else { return nil }
    let digest =
      reader.has("digest")
      ? reader.string("digest", allowed: "a SHA-256 digest, 64 hexadecimal digits", where: isDigest) : nil
    guard !reader.faults.concerns(reader.pointer) else { return nil }
    do throws(DatasetError) {
      let dataset = try datasets.open(reference)
      if let digest, digest != dataset.digest {
        reader.fault("digest", allowed: "\(dataset.digest), or no digest", "is not the content of the file")
        return nil
      }
      return SpecifiedDataset(reference, digest: dataset.digest, facts: DatasetFacts(dataset))
    } catch {
      reader.fault("path", allowed: "a file or folder that can be read as \(name)", "can't be read: \(error)")
      return nil
    }
  }
}

extension DatasetReference {
  /// An entry of the catalogue with its options; nil for another name.
  fileprivate init?(catalogueEntry name: String?, reading reader: ObjectReader) {
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
    default: return nil
    }
  }

  /// Files of this machine with their options.
  fileprivate init?(files name: String, reading reader: ObjectReader) {
    let given = reader.string("path", allowed: "the path of a file or folder") {
      !$0.isEmpty && !$0.utf8.contains(0)
    }
    var path = URL(filePath: given ?? "").path
    switch name {
    case "csv": self = .table(path: path, options: TableOptions(reading: reader))
    case "npy": self = .arrays(path: path, options: ArrayOptions(npyReading: reader))
    case "npz": self = .arrays(path: path, options: ArrayOptions(npzReading: reader))
    case "image_folder":
      // What is not here may be a file of the mirror.
      if let given, !FileManager.default.fileExists(atPath: path) { path = given }
      self = .imageFolder(path: path, form: ImageForm(reading: reader))
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
    case .mnist, .fashionMNIST, .kmnist, .cifar10, .adult, .stored: [:]
    case .imageNet(let path, let form), .imageFolder(let path, let form):
      form.members.merging(["path": .string(path)]) { $1 }
    case .table(let path, let options): options.members.merging(["path": .string(path)]) { $1 }
    case .arrays(let path, let options):
      (name == "npz" ? options.npzMembers : options.npyMembers).merging(["path": .string(path)]) { $1 }
    }
  }
}
