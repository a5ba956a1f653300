/// The data sets that the library knows.
public enum Catalogue {
  /// Every published and every generated data set, in the order of listings. A new one has its line here.
  static let definitions: [any DatasetDefinition.Type] = [
    MNISTDefinition.self,
    FashionMNISTDefinition.self,
    KMNISTDefinition.self,
    CIFAR10Definition.self,
    CIFAR100Definition.self,
    CovertypeDefinition.self,
    AdultDefinition.self,
    CreditDefinition.self,
    SVHNDefinition.self,
    EMNISTDefinition.self,
    STL10Definition.self,
    TinyImageNetDefinition.self,
    HiggsDefinition.self,
    LetterDefinition.self,
    CaliforniaHousingDefinition.self,
    MedMNISTDefinition.self,
    GaussianDefinition.self,
    PrototypeDefinition.self,
    TeacherDefinition.self,
  ]

  static func definition(named name: String) -> (any DatasetDefinition.Type)? {
    definitions.first { $0.entry.name == name }
  }

  /// The names of all entries; none of them can be given to a data set of the user's.
  public static let names = Set(entries.map(\.name))

  /// The entry of a name.
  public static func entry(named name: String) -> CatalogueEntry? { entries.first { $0.name == name } }

  /// All entries: published data, local files, generated data.
  public static let entries: [CatalogueEntry] = {
    let defined = definitions.map { $0.entry }
    return defined.filter { $0.kind == .published } + files + defined.filter { $0.kind == .generated }
  }()

  /// Forms of files, whose options are those of additions (`UploadFormat`).
  private static let files = [
    CatalogueEntry(files: "csv", task: "rows of a delimited text file", source: "a local file"),
    CatalogueEntry(files: "npy", task: "rows of a NumPy array", source: "a local file"),
    CatalogueEntry(files: "npz", task: "NumPy arrays of inputs and labels", source: "a local file"),
    CatalogueEntry(
      files: "image_folder", task: "images of <split>/<class>/<file>", source: "a local folder or tar"),
    CatalogueEntry(
      files: "imagenet", task: "photographs, 1000 classes, from a local folder",
      licence: "research only; see image-net.org", source: "https://image-net.org/"),
  ]
}
