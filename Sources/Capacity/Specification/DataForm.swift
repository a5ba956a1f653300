import Compute

/// What a network must know of a data set: it decides on layers, parameters and memory.
package struct DataForm: Sendable, Hashable {
  /// The shape of one input.
  package let shape: SampleShape
  /// Classes of the data set, before any are merged.
  package let classes: Int

  /// A form.
  package init(shape: SampleShape, classes: Int) {
    self.shape = shape
    self.classes = classes
  }
}

extension DataForm {
  /// As `SampleShape.sizes`.
  package var sizes: [Int] { shape.sizes }

  /// The form of what `sizes` wrote; nil for other numbers.
  package init?(sizes: [Int], classes: Int) {
    guard let shape = SampleShape(sizes: sizes), classes > 0 else { return nil }
    self.init(shape: shape, classes: classes)
  }
}
