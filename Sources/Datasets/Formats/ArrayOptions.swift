/// How NumPy files are read as a data set.
public struct ArrayOptions: Sendable, Hashable {
  /// Where the channels of images stand.
  public enum ChannelOrder: String, Sendable, Hashable, CaseIterable, Codable {
    /// samples × channels × height × width, as PyTorch has it.
    case first
    /// samples × height × width × channels, as TensorFlow and image files have it.
    case last
  }

  /// The class column of a single two-dimensional array (`.npy`); the last one by default.
  public var classColumn = -1
  /// The array of inputs in an `.npz`; nil: as the names and shapes of the arrays say.
  public var inputs: String?
  /// The array of labels in an `.npz`; nil: as the names and shapes of the arrays say.
  public var labels: String?
  /// The array of the test split's inputs in an `.npz`; nil: as the names of the arrays say.
  public var testInputs: String?
  /// The array of the test split's labels in an `.npz`; nil: as the names of the arrays say.
  public var testLabels: String?
  /// Where the channels of images stand; nil: as the shape says, where it allows one reading only.
  public var channelOrder: ChannelOrder?

  /// The options as they stand.
  public init() {}
}
