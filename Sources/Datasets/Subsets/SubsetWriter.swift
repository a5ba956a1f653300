import Compute

/// Writes samples of a subset as networks see them: each by itself, so that it doesn't matter which others are written
/// with it, or when.
struct SubsetWriter<Source: SampleSource>: Sendable {
  let source: Source
  let request: SubsetRequest
  /// What raw values go through.
  var transform: ChannelTransform
  /// What values are standardised with once they are in single precision; nil where the transform does it.
  var later: ChannelMoments?
  /// Whether values in single precision are to be standardised with their own moments, which are not known yet.
  var wantsOwnMoments = false
  /// One permutation of the pixels of all samples.
  private let permutation: [Int]?

  init(source: Source, request: SubsetRequest, transform: ChannelTransform) {
    self.source = source
    self.request = request
    self.transform = transform
    guard request.inputs == .shuffledPixels else {
      permutation = nil
      return
    }
    let positions = source.shape.positions
    permutation = Draw.uniform(
      positions, of: positions, stream: RandomStream(seed: request.key.seed, purpose: .permutation))
  }

  private var key: DrawKey { DrawKey(request.key) }
  private var shape: SampleShape { source.shape }

  /// Writes the samples at these indices of the split to the first rows of `inputs`.
  func write(
    _ indices: [Int], into inputs: Buffer<Float>, _ execution: DrawExecution
  ) throws(DatasetError) {
    try writeRaw(indices, into: inputs, execution)
    later?.standardize(inputs, count: indices.count * shape.count)
    try permute(inputs, indices, execution)
  }

  /// Normal values with the data's moments; generated data have moments 0 and 1. Each split has values of its own.
  func gaussianRow(_ index: Int) -> [Double] {
    let moments = source.moments
    let channels = shape.channels
    var stream = key.stream(.inputs, index: GaussianDataset.position(index, request.split))
    return (0..<shape.count).map { element in
      let channel = element % channels
      return (moments?.mean[channel] ?? 0) + (moments?.deviation[channel] ?? 1) * stream.normal()
    }
  }

  /// Writes them as they are before they are standardised with their own moments and their pixels permuted.
  func writeRaw(
    _ indices: [Int], into inputs: Buffer<Float>, _ execution: DrawExecution
  ) throws(DatasetError) {
    guard request.inputs == .gaussian else {
      try source.write(
        at: indices, split: request.split, key: key, transform: transform, into: inputs, execution: execution)
      return
    }
    let width = shape.count
    try execution.forEachRange(of: indices.count, width: width) { rows in
      let values = inputs.mutableElements
      for row in rows {
        for (element, raw) in gaussianRow(indices[row]).enumerated() {
          values[row * width + element] = transform(raw, channel: element % shape.channels)
        }
      }
    }
  }

  /// Permutes the pixels of the first rows as the request has it.
  func permute(
    _ inputs: Buffer<Float>, _ indices: [Int], _ execution: DrawExecution
  ) throws(DatasetError) {
    guard permutation != nil || request.inputs == .randomPixels else { return }
    let (key, shape, permutation) = (key, shape, permutation)
    try execution.forEachRange(of: indices.count, width: shape.count) { rows in
      for row in rows {
        let permutation =
          permutation
          ?? Draw.uniform(
            shape.positions, of: shape.positions, stream: key.stream(.permutation, index: indices[row]))
        Pixels.permute(inputs, row: row, shape: shape, by: permutation)
      }
    }
  }
}

/// The inputs of a subset by the positions of its samples.
struct SubsetStream<Source: SampleSource>: RowStream {
  let writer: SubsetWriter<Source>
  let indices: [Int]

  func write(_ positions: UnsafeBufferPointer<Int32>, into rows: Buffer<Float>) {
    do {
      try writer.write(positions.map { indices[Int($0)] }, into: rows, DrawExecution())
    } catch {
      // Writing ends early where it is called off alone, and nobody does.
      preconditionFailure("samples that were there can be written: \(error)")
    }
  }
}
