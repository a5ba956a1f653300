import Compute

/// Draw, label, write, transform: the steps from a request to a subset, the same for every data set.
struct SubsetPipeline<Source: SampleSource> {
  let source: Source
  let request: SubsetRequest

  private var key: DrawKey { DrawKey(request.key) }
  private var shape: SampleShape { source.shape }

  func run() throws(DatasetError) -> Subset {
    let labelling = Labelling(source: source, request: request)
    try validate()
    try labelling.validate()
    let indices = try draw(labelling)
    let labels = try labelling.labels(at: indices)
    let (inputs, moments) = write(indices)
    permute(inputs, indices)
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
  private func write(_ indices: [Int]) -> (Buffer<Float>, ChannelMoments?) {
    let inputs = Buffer<Float>(count: indices.count * shape.count)
    if let moments = request.moments {
      writeRaw(indices, ChannelTransform(standardizing: moments), into: inputs)
      return (inputs, moments)
    }
    let identity = ChannelTransform.identity(channels: shape.channels)
    switch request.standardization {
    case .wholeSplit:
      let transform = source.moments.map(ChannelTransform.init(standardizing:)) ?? identity
      writeRaw(indices, transform, into: inputs)
      return (inputs, source.moments)
    case .none:
      writeRaw(indices, identity, into: inputs)
      return (inputs, nil)
    case .subset:
      writeRaw(indices, identity, into: inputs)
      let moments = ChannelMoments(of: inputs, channels: shape.channels)
      moments.standardize(inputs)
      return (inputs, moments)
    }
  }

  private func writeRaw(_ indices: [Int], _ transform: ChannelTransform, into inputs: Buffer<Float>) {
    guard request.inputs == .gaussian else {
      source.write(at: indices, split: request.split, key: key, transform: transform, into: inputs)
      return
    }
    // Generated data have moments 0 and 1.
    let moments = source.moments
    let channels = shape.channels
    let values = inputs.mutableElements
    for (row, index) in indices.enumerated() {
      var stream = key.stream(.inputs, index: index)
      for element in 0..<shape.count {
        let channel = element % channels
        let raw = (moments?.mean[channel] ?? 0) + (moments?.deviation[channel] ?? 1) * stream.normal()
        values[row * shape.count + element] = transform(raw, channel: channel)
      }
    }
  }

  private func permute(_ inputs: Buffer<Float>, _ indices: [Int]) {
    switch request.inputs {
    case .original, .gaussian: return
    case .shuffledPixels:
      let stream = RandomStream(seed: request.key.seed, purpose: .permutation)
      let permutation = Draw.uniform(shape.positions, of: shape.positions, stream: stream)
      for row in indices.indices { Pixels.permute(inputs, row: row, shape: shape, by: permutation) }
    case .randomPixels:
      for (row, index) in indices.enumerated() {
        let permutation = Draw.uniform(
          shape.positions, of: shape.positions, stream: key.stream(.permutation, index: index))
        Pixels.permute(inputs, row: row, shape: shape, by: permutation)
      }
    }
  }
}
