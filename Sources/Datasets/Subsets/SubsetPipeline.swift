import Compute

/// Draw, label, write, transform: the steps from a request to a subset, the same for every data set.
struct SubsetPipeline<Source: SampleSource> {
  let source: Source
  let request: SubsetRequest
  let execution: DrawExecution

  private var key: DrawKey { DrawKey(request.key) }
  private var shape: SampleShape { source.shape }

  func run() throws(DatasetError) -> Subset {
    let labelling = Labelling(source: source, request: request, execution: execution)
    try validate()
    try labelling.validate()
    let indices = try draw(labelling)
    try execution.poll()
    let labels = try labelling.labels(at: indices)
    let (inputs, moments) = try write(indices)
    try permute(inputs, indices)
    source.release()
    return Subset(
      inputs: inputs, labels: labels, shape: shape, classes: labelling.classes, indices: indices,
      moments: moments)
  }

  private func validate() throws(DatasetError) {
    guard request.samples >= 1 else {
      throw .invalidOption(option: "samples", value: "\(request.samples)", allowed: "1 or more")
    }
    if let available = source.count(of: request.split), request.samples > available {
      throw .tooFewSamples(asked: request.samples, available: available)
    }
  }

  private func draw(_ labelling: Labelling<Source>) throws(DatasetError) -> [Int] {
    let count = source.count(of: request.split)
    switch request.sampling {
    case .uniform:
      guard let count else { return Array(0..<request.samples) }
      return Draw.uniform(request.samples, of: count, stream: key.stream(.draw))
    case .balanced:
      let members = try labelling.members(upTo: count)
      return try Draw.balanced(request.samples, members: members, inOrder: count == nil, key: key)
    }
  }

  /// The inputs, standardised as asked, and the moments that did it.
  private func write(_ indices: [Int]) throws(DatasetError) -> (Buffer<Float>, ChannelMoments?) {
    let inputs = Buffer<Float>(count: indices.count * shape.count)
    if let moments = request.moments {
      try writeRaw(indices, ChannelTransform(standardizing: moments), into: inputs)
      return (inputs, moments)
    }
    let identity = ChannelTransform.identity(channels: shape.channels)
    switch request.standardization {
    case .wholeSplit:
      let transform = source.moments.map(ChannelTransform.init(standardizing:)) ?? identity
      try writeRaw(indices, transform, into: inputs)
      return (inputs, source.moments)
    case .none:
      try writeRaw(indices, identity, into: inputs)
      return (inputs, nil)
    case .subset:
      if let moments = try subsetMoments(indices) {
        try writeRaw(indices, ChannelTransform(standardizing: moments), into: inputs)
        return (inputs, moments)
      }
      try writeRaw(indices, identity, into: inputs)
      let moments = ChannelMoments(of: inputs, channels: shape.channels)
      moments.standardize(inputs)
      return (inputs, moments)
    }
  }

  /// The subset's own moments where its raw values are doubles, whose differences single precision might lose before
  /// they are standardised; nil where it holds them.
  private func subsetMoments(_ indices: [Int]) throws(DatasetError) -> ChannelMoments? {
    guard let first = indices.first, source.doubles(at: first, split: request.split) != nil else {
      return nil
    }
    try execution.poll()
    let channels = shape.channels
    return ChannelMoments(channels: channels, count: indices.count * (shape.count / channels)) { body in
      for index in indices {
        let row =
          request.inputs == .gaussian
          ? gaussianRow(index) : source.doubles(at: index, split: request.split) ?? []
        for (element, value) in row.enumerated() { body(element % channels, value) }
      }
    }
  }

  /// Normal values with the data's moments; generated data have moments 0 and 1.
  private func gaussianRow(_ index: Int) -> [Double] {
    let moments = source.moments
    let channels = shape.channels
    var stream = key.stream(.inputs, index: index)
    return (0..<shape.count).map { element in
      let channel = element % channels
      return (moments?.mean[channel] ?? 0) + (moments?.deviation[channel] ?? 1) * stream.normal()
    }
  }

  private func writeRaw(
    _ indices: [Int], _ transform: ChannelTransform, into inputs: Buffer<Float>
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

  private func permute(_ inputs: Buffer<Float>, _ indices: [Int]) throws(DatasetError) {
    let (key, shape) = (key, shape)
    switch request.inputs {
    case .original, .gaussian: return
    case .shuffledPixels:
      let stream = RandomStream(seed: request.key.seed, purpose: .permutation)
      let permutation = Draw.uniform(shape.positions, of: shape.positions, stream: stream)
      try execution.forEachRange(of: indices.count, width: shape.count) { rows in
        for row in rows { Pixels.permute(inputs, row: row, shape: shape, by: permutation) }
      }
    case .randomPixels:
      try execution.forEachRange(of: indices.count, width: shape.count) { rows in
        for row in rows {
          let permutation = Draw.uniform(
            shape.positions, of: shape.positions, stream: key.stream(.permutation, index: indices[row]))
          Pixels.permute(inputs, row: row, shape: shape, by: permutation)
        }
      }
    }
  }
}
