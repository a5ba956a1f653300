/// Which data set: a catalogue entry with its options, files of the user's own, or a stored data set. The catalogue's have
/// names of their own beside their definitions: `.mnist`, `.gaussian(dimensions:classes:)`, ….
public enum DatasetReference: Sendable, Hashable {
  /// A published or a generated data set.
  case catalogue(CatalogueDataset)
  /// ImageNet in a local folder, in the layouts that `ImageNet` names.
  case imageNet(path: String, form: ImageForm)
  /// A folder or tar of images `<split>/<class>/<file>`: an absolute path, or a file of the mirror's
  /// `image_folder`.
  case imageFolder(path: String, form: ImageForm)
  /// A delimited text file on this machine.
  case table(path: String, options: TableOptions)
  /// An `.npy` or `.npz` file on this machine.
  case arrays(path: String, options: ArrayOptions)
  /// A data set that was added to the library under a name.
  case stored(name: String)

  /// A data set by its definition.
  init(_ definition: some DatasetDefinition) { self = .catalogue(CatalogueDataset(definition)) }

  /// The name in specifications and in the catalogue.
  public var name: String {
    switch self {
    case .catalogue(let dataset): dataset.name
    case .imageNet: "imagenet"
    case .imageFolder: "image_folder"
    case .table: "csv"
    case .arrays(let path, _): path.lowercased().hasSuffix(".npz") ? "npz" : "npy"
    case .stored(let name): name
    }
  }
}
