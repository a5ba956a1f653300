import Compute

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
  public let kind: Kind

  /// A published data set; what options decide is left out.
  init(
    published name: String, task: String, shape: SampleShape? = nil, classes: Int? = nil,
    trainCount: Int? = nil, testCount: Int? = nil, licence: String, source: String, files: [PublishedFile]
  ) {
    self.name = name
    self.task = task
    self.shape = shape
    self.classes = classes
    self.trainCount = trainCount
    self.testCount = testCount
    self.licence = licence
    self.source = source
    self.files = files
    kind = .published
  }

  /// Data whose options or files decide all that they hold.
  private init(_ kind: Kind, _ name: String, task: String, licence: String, source: String) {
    self.name = name
    self.task = task
    shape = nil
    classes = nil
    trainCount = nil
    testCount = nil
    self.licence = licence
    self.source = source
    files = []
    self.kind = kind
  }

  /// Data made by a rule.
  init(generated name: String, task: String) {
    self.init(.generated, name, task: task, licence: "none needed", source: "generated")
  }

  /// Files of the user's own.
  init(files name: String, task: String, licence: String = "the user's", source: String) {
    self.init(.files, name, task: task, licence: licence, source: source)
  }

  /// The published data set with the options it has where none are given; nil for generated data and files.
  public var published: DatasetReference? {
    guard kind == .published, let definition = Catalogue.definition(named: name) else { return nil }
    return .catalogue(CatalogueDataset(defaultsOf: definition))
  }
}
