import Datasets

/// What a measurement was admitted with: it holds to the measurement's end, on whatever machine it goes on.
package struct MeasurementTerms: Sendable, Hashable {
  /// Shape and classes of the data set.
  package let form: DataForm
  /// P, the number of trainable parameters.
  package let parameterCount: Int
  /// The largest size that memory holds; nil where memory sets no limit.
  package let memoryLimit: Int?
  /// The content that it runs on; nil until a process has it.
  package var dataset: PinnedDataset?

  /// Terms as they were recorded.
  package init(form: DataForm, parameterCount: Int, memoryLimit: Int?, dataset: PinnedDataset?) {
    self.form = form
    self.parameterCount = parameterCount
    self.memoryLimit = memoryLimit
    self.dataset = dataset
  }
}

/// The content of a data set that a measurement runs on.
package struct PinnedDataset: Sendable, Hashable {
  /// SHA-256 of the content.
  package let digest: String
  /// The largest subset that can be drawn from its training split.
  package let sampleLimit: Int

  /// A content.
  package init(digest: String, sampleLimit: Int) {
    self.digest = digest
    self.sampleLimit = sampleLimit
  }

  /// What a measurement on an opened data set is pinned to.
  ///
  /// - Throws: `DatasetError`
  package init(_ dataset: any Dataset, for data: DataSpecification) throws(DatasetError) {
    digest = dataset.digest
    sampleLimit = try data.sampleLimit(of: dataset)
  }
}
