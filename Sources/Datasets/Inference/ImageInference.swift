/// How a folder or archive of images was read.
public struct ImageInference: Sendable, Hashable, Codable {
  /// A split as the files name it.
  public struct SplitFolder: Sendable, Hashable, Codable {
    /// The folder's name; empty where the classes stand at the root.
    public var name: String
    /// `training`, `test` or `left_out`.
    public var role: String
    /// Images in it.
    public var images: Int

    /// A split.
    public init(name: String, role: String, images: Int) {
      self.name = name
      self.role = role
      self.images = images
    }
  }

  /// How many files are of a kind.
  public struct KindCount: Sendable, Hashable, Codable {
    /// `jpeg`, `png`, …; for others their ending, or `hidden`, `link`, `empty`.
    public var kind: String
    /// How many.
    public var files: Int

    /// Files of a kind.
    public init(kind: String, files: Int) {
      self.kind = kind
      self.files = files
    }
  }

  /// `folder`, `tar` or `zip`.
  public var container: String
  /// `split/class/file`, `class/file`, `class/split/file`, …
  public var layout: String
  /// The splits that were found.
  public var splits: [SplitFolder]
  /// What was decoded, by kind.
  public var kinds: [KindCount]
  /// What wasn't, by kind.
  public var leftOut: [KindCount]
  /// Height and width of the smallest image, by pixels, before resizing.
  public var smallest: [Int]?
  /// Height and width of the largest one.
  public var largest: [Int]?

  /// What was found.
  public init(
    container: String, layout: String, splits: [SplitFolder], kinds: [KindCount], leftOut: [KindCount],
    smallest: [Int]? = nil, largest: [Int]? = nil
  ) {
    self.container = container
    self.layout = layout
    self.splits = splits
    self.kinds = kinds
    self.leftOut = leftOut
    self.smallest = smallest
    self.largest = largest
  }
}
