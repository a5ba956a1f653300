import Compute
import Networks

/// The training set of one probe, standardised already.
package struct TrainingSet<S: Scalar>: Sendable {
  /// count × shape.count, images in memory order height, width, channels. Where there is a stream, any number of rows
  /// or none.
  package let inputs: Buffer<S>
  /// The rows of all samples where not all are in memory; nil where they are.
  package let stream: (any RowStream)?
  /// count class numbers from 0.
  package let labels: [Int32]
  /// What one sample is.
  package let shape: SampleShape
  /// Classes that labels may name.
  package let classes: Int

  /// A training set of `labels.count` samples; `inputs` holds that many times `shape.count` numbers and every
  /// label lies in 0 ..< classes. `inputs` of a set with a `stream` are the first rows, which it need not make; in
  /// double precision there are none.
  package init(
    inputs: Buffer<S>, stream: (any RowStream)? = nil, labels: [Int32], shape: SampleShape, classes: Int
  ) {
    let all = labels.count * shape.count
    precondition(
      stream == nil ? inputs.count == all : inputs.count <= all && inputs.count % shape.count == 0,
      "one row of inputs for every label")
    precondition(!labels.isEmpty, "at least one sample")
    precondition(labels.allSatisfy { 0 <= $0 && $0 < classes }, "labels below the number of classes")
    self.inputs = inputs
    if let stream, inputs.count > 0 {
      guard let rows = inputs as? Buffer<Float> else {
        preconditionFailure("rows beside a stream are in single precision")
      }
      self.stream = PartlyResidentRows(resident: rows, width: shape.count, rest: stream)
    } else {
      self.stream = stream
    }
    self.labels = labels
    self.shape = shape
    self.classes = classes
  }

  /// Samples.
  package var count: Int { labels.count }

  /// The same samples in another precision; a stream of them where both would take too much memory.
  package func converted<T: Scalar>(to type: T.Type) -> TrainingSet<T> {
    if let same = self as? TrainingSet<T> { return same }
    var stream = stream
    if stream == nil, !ResidentRows.fitInDouble(count, width: shape.count),
      let rows = inputs as? Buffer<Float>
    {
      stream = ResidentStream(rows: rows, width: shape.count)
    }
    if let stream {
      return TrainingSet<T>(
        inputs: Buffer(count: 0), stream: stream, labels: labels, shape: shape, classes: classes)
    }
    return TrainingSet<T>(inputs: inputs.converted(), labels: labels, shape: shape, classes: classes)
  }

  /// Writes the samples at `count` positions to rows; `scratch` holds as many in single precision where the set is
  /// streamed in double.
  func gather(
    _ count: Int, _ positions: UnsafePointer<Int32>, into rows: Buffer<S>, scratch: Buffer<Float>
  ) {
    guard let stream else {
      return S.gatherRows(count, shape.count, inputs.pointer, positions, rows.pointer)
    }
    let positions = UnsafeBufferPointer(start: positions, count: count)
    if let rows = rows as? Buffer<Float> {
      stream.write(positions, into: rows)
    } else {
      stream.write(positions, into: scratch)
      for element in 0..<count * shape.count { rows.pointer[element] = S(scratch.pointer[element]) }
    }
  }

  /// Elements of the scratch that gathering so many samples needs.
  func scratchCount(_ samples: Int) -> Int {
    stream == nil || S.self == Float.self ? 0 : samples * shape.count
  }
}
