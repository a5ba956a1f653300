/// The images of a folder or an archive, by split and class, and where their bytes lie.
struct ImageCollection {
  struct Entry: Sendable {
    let name: String
    let className: String
    let source: ImageSource
  }

  private(set) var train: [Entry] = []
  private(set) var test: [Entry] = []
  /// How the folders were read, as far as it is known before images are decoded.
  private(set) var inference: ImageInference
  private(set) var warnings: [DatasetWarning] = []

  /// Images of files that lie in folders as `ImageLayout` says.
  init(_ files: ImageFiles, source: String, limits: DatasetLimits) throws(DatasetError) {
    let layout = try ImageLayout(files, source: source, limits: limits)
    train = layout.train
    test = layout.test
    inference = layout.inference
    warnings = layout.warnings
  }

  /// None yet; `layout` names where they come from.
  init(layout: String) {
    inference = ImageInference(container: "folder", layout: layout, splits: [], kinds: [], leftOut: [])
  }

  mutating func addTrain(_ entry: Entry) { train.append(entry) }
  mutating func addTest(_ entry: Entry) { test.append(entry) }

  /// The classes in order of their names.
  var classNames: [String] { Set((train + test).map(\.className)).sorted() }
}
