/// Which array of a NumPy file was taken for what.
public struct ArrayInference: Sendable, Hashable, Codable {
  /// One array of the file.
  public struct Role: Sendable, Hashable, Codable {
    /// The array's name in the file.
    public var name: String
    /// `inputs`, `labels`, `test_inputs`, `test_labels`, `inputs_and_labels` or `unused`.
    public var role: String
    /// Sizes of the dimensions, as stored.
    public var shape: [Int]
    /// NumPy's name of the element type, such as `<f8`.
    public var type: String
    /// Whether the first dimension runs fastest.
    public var fortranOrder: Bool

    /// One array of the file.
    public init(name: String, role: String, shape: [Int], type: String, fortranOrder: Bool) {
      self.name = name
      self.role = role
      self.shape = shape
      self.type = type
      self.fortranOrder = fortranOrder
    }
  }

  /// Every array of the file.
  public var arrays: [Role]
  /// Where the channels of images stand: `first` or `last`; nil for rows of features and grey images.
  public var channels: String?
  /// How labels are written: `values` or `one_hot`.
  public var labelForm: String

  /// What was taken for what.
  public init(arrays: [Role], channels: String? = nil, labelForm: String = "values") {
    self.arrays = arrays
    self.channels = channels
    self.labelForm = labelForm
  }
}
