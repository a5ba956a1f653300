import Datasets

extension CatalogueDataset {
  /// A published or generated data set by what it declares; nil for another name.
  init?(named name: String?, reading reader: ObjectReader) {
    guard let name else { return nil }
    self.init(named: name, values: reader.values)
    reader.fault(conflict)
  }
}

extension DatasetReference {
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
    case .catalogue(let dataset): dataset.values.members(of: dataset.options)
    case .stored: [:]
    case .imageNet(let path, let form), .imageFolder(let path, let form):
      form.members.merging(["path": .string(path)]) { $1 }
    case .table(let path, let options): options.members.merging(["path": .string(path)]) { $1 }
    case .arrays(let path, let options):
      (name == "npz" ? options.npzMembers : options.npyMembers).merging(["path": .string(path)]) { $1 }
    }
  }
}
