import Compute
import Networks

/// The training set of one probe, standardised already.
package struct TrainingSet<S: Scalar>: Sendable {
  /// count × shape.count, images in memory order height, width, channels.
  package let inputs: Buffer<S>
  /// count class numbers from 0.
  package let labels: [Int32]
  /// What one sample is.
  package let shape: InputShape
  /// Classes that labels may name.
  package let classes: Int

  /// A training set of `labels.count` samples; `inputs` holds that many times `shape.count` numbers and every
  /// label lies in 0 ..< classes.
  package init(inputs: Buffer<S>, labels: [Int32], shape: InputShape, classes: Int) {
    precondition(inputs.count == labels.count * shape.count, "one row of inputs for every label")
    precondition(!labels.isEmpty, "at least one sample")
    precondition(labels.allSatisfy { 0 <= $0 && $0 < classes }, "labels below the number of classes")
    self.inputs = inputs
    self.labels = labels
    self.shape = shape
    self.classes = classes
  }

  /// Samples.
  package var count: Int { labels.count }

  /// The same samples in another precision.
  package func converted<T: Scalar>(to type: T.Type) -> TrainingSet<T> {
    if let same = self as? TrainingSet<T> { return same }
    return TrainingSet<T>(inputs: inputs.converted(), labels: labels, shape: shape, classes: classes)
  }
}
