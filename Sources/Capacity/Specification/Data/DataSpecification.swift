import Datasets
import Training

/// What a network is trained on: a data set, and what becomes of its classes, labels and inputs.
package struct DataSpecification: Sendable, Hashable {
  /// The data set.
  package var dataset: SpecifiedDataset
  /// Which classes are told apart.
  package var classes = ClassGrouping.original
  /// What becomes of the labels.
  package var labels = LabelRegime.original
  /// What becomes of the inputs.
  package var inputs = InputRegime.original
  /// Whose mean and deviation the inputs are standardised with.
  package var standardization = Standardization.wholeSplit
  /// Random changes to the images of a training step, drawn anew in every epoch.
  package var augmentation = Augmentation.none
  /// How the samples are chosen.
  package var sampling = Sampling.uniform
  /// Whether the subset of size n is a prefix of that of size n + 1.
  package var nested = false
  /// Samples of the test split that the trained network is tested on; the whole split where it has fewer here.
  package var testSamples = 0

  /// A data set as it is.
  init(dataset: SpecifiedDataset) { self.dataset = dataset }

  /// The draw of one probe.
  func request(seed: UInt64, address: ProbeAddress) -> SubsetRequest {
    var request = SubsetRequest(
      samples: address.samples,
      key: SubsetKey(seed: seed, samples: address.samples, replicate: address.replicate, nested: nested),
      labels: labels, inputs: inputs, standardization: standardization)
    request.classes = classes
    request.sampling = sampling
    return request
  }

  /// The test samples of every probe with this seed: inputs as the training set's, standardised with what that was,
  /// and the data set's own labels.
  func testRequest(seed: UInt64, available: Int?, moments: ChannelMoments?) -> SubsetRequest {
    // As nested subsets are, keyed by the seed alone: all probes are tested on the same.
    var request = SubsetRequest(
      samples: min(testSamples, available ?? testSamples),
      key: SubsetKey(seed: seed, samples: 0, replicate: 0, nested: true), inputs: inputs,
      standardization: .none)
    request.split = .test
    request.classes = classes
    request.moments = moments
    return request
  }

  /// The largest subset that can be drawn of a data set's training split, whatever memory holds.
  ///
  /// - Throws: `DatasetError`
  func sampleLimit(of dataset: any Dataset) throws(DatasetError) -> Int {
    guard let count = dataset.count else {
      return DatasetFacts.generated(dataset.shape, classes: dataset.classes).trainingSamples
    }
    guard sampling == .balanced, let balanced = try dataset.largestBalancedSubset(classes) else {
      return count
    }
    return min(count, balanced)
  }

  /// Classes that the network tells apart, of so many in the data set.
  func classCount(of original: Int) -> Int {
    switch classes {
    case .original: original
    case .merged(let count): count
    case .oneAgainstRest: 2
    }
  }
}
