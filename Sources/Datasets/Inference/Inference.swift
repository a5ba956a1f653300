/// What was understood of a user's file: nothing that was guessed stays unsaid.
public struct Inference: Sendable, Hashable, Codable {
  /// Of delimited text: how it is written, and every column.
  public var table: TableInference?
  /// Of NumPy files: which array was what.
  public var arrays: ArrayInference?
  /// Of images: layout, splits, sizes and what was left out.
  public var images: ImageInference?
  /// Every class with its samples, in the order of the labels.
  public var classes: [ClassCount] = []
  /// What the owner of the file should know before a measurement on it is believed.
  public var warnings: [DatasetWarning] = []

  /// Nothing understood yet.
  public init() {}

  /// Adds what should be known.
  public mutating func warn(_ kind: DatasetWarning.Kind, _ detail: String) {
    warnings.append(DatasetWarning(kind: kind, detail: detail))
  }
}

/// A class and how many samples it has.
public struct ClassCount: Sendable, Hashable, Codable {
  /// The name, or the label's digits where the file gives none.
  public var name: String
  /// Samples in the training split.
  public var trainingSamples: Int
  /// Samples in the test split.
  public var testSamples: Int
}

/// Something about a file that is no fault, and that changes what a measurement on it means.
public struct DatasetWarning: Sendable, Hashable, Codable {
  /// What it is about. A closed set, so that programs can tell warnings apart.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// A class that no training sample has: no random label should name it, and no network can learn it.
    case classWithoutTrainingSamples = "class_without_training_samples"
    /// A column or channel that is the same in every training sample.
    case constantColumn = "constant_column"
    /// Training samples that are the same as others.
    case duplicateRows = "duplicate_rows"
    /// Equal training samples with different labels, which no network can fit.
    case conflictingLabels = "conflicting_labels"
    /// Values that were missing, and what became of them.
    case missingValues = "missing_values"
    /// A column that was left out.
    case columnLeftOut = "column_left_out"
    /// Rows that were left out.
    case rowsLeftOut = "rows_left_out"
    /// A column whose differences single precision can't carry after standardisation.
    case precisionLost = "precision_lost"
    /// Files of an archive or folder that are no samples.
    case filesLeftOut = "files_left_out"
    /// Something that a decoder mended.
    case decoderWarning = "decoder_warning"
    /// A split that took another's place.
    case splitReplaced = "split_replaced"
    /// A reading of the file that was chosen among several.
    case inferred
  }

  /// What it is about.
  public var kind: Kind
  /// One line for a person.
  public var detail: String

  /// A warning.
  public init(kind: Kind, detail: String) {
    self.kind = kind
    self.detail = detail
  }
}
