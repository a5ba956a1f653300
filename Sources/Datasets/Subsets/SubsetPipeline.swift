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
    let first = Array(indices.prefix(request.residentSamples ?? indices.count))
    var (writer, moments) = try writer(indices)
    let inputs = Buffer<Float>(count: first.count * shape.count)
    if writer.wantsOwnMoments {
      let own: ChannelMoments
      if first.count == indices.count {
        try writer.writeRaw(first, into: inputs, execution)
        own = ChannelMoments(of: inputs, channels: shape.channels)
        own.standardize(inputs, count: inputs.count)
        try writer.permute(inputs, first, execution)
      } else {
        own = try momentsOfFloats(indices, writer)
        writer.later = own
        try writer.write(first, into: inputs, execution)
      }
      moments = own
    } else {
      try writer.write(first, into: inputs, execution)
    }
    source.release()
    return Subset(
      inputs: inputs,
      stream: first.count < indices.count ? SubsetStream(writer: writer, indices: indices) : nil,
      labels: labels, shape: shape, classes: labelling.classes, indices: indices, moments: moments)
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

  /// What writes the inputs, standardised as asked, and the moments that it does it with.
  private func writer(
    _ indices: [Int]
  ) throws(DatasetError) -> (writer: SubsetWriter<Source>, moments: ChannelMoments?) {
    let identity = ChannelTransform.identity(channels: shape.channels)
    var writer = SubsetWriter(source: source, request: request, transform: identity)
    if let moments = request.moments {
      writer.transform = ChannelTransform(standardizing: moments)
      return (writer, moments)
    }
    switch request.standardization {
    case .wholeSplit:
      if let moments = source.moments { writer.transform = ChannelTransform(standardizing: moments) }
      return (writer, source.moments)
    case .none: return (writer, nil)
    case .subset:
      if let moments = try momentsOfDoubles(indices, writer) {
        writer.transform = ChannelTransform(standardizing: moments)
        return (writer, moments)
      }
      writer.wantsOwnMoments = true
      return (writer, nil)
    }
  }

  /// The subset's own moments where its raw values are doubles, whose differences single precision might lose before
  /// they are standardised; nil where it holds them.
  private func momentsOfDoubles(
    _ indices: [Int], _ writer: SubsetWriter<Source>
  ) throws(DatasetError) -> ChannelMoments? {
    guard let first = indices.first, source.doubles(at: first, split: request.split) != nil else {
      return nil
    }
    try execution.poll()
    let channels = shape.channels
    return ChannelMoments(channels: channels, count: indices.count * (shape.count / channels)) { body in
      for index in indices {
        let row =
          request.inputs == .gaussian
          ? writer.gaussianRow(index) : source.doubles(at: index, split: request.split) ?? []
        for (element, value) in row.enumerated() { body(element % channels, value) }
      }
    }
  }

  /// The moments of the subset's values as single precision holds them, block by block.
  private func momentsOfFloats(
    _ indices: [Int], _ writer: SubsetWriter<Source>
  ) throws(DatasetError) -> ChannelMoments {
    let channels = shape.channels
    let rows = min(indices.count, max(1, (64 << 20) / (4 * shape.count)))
    let block = Buffer<Float>(count: rows * shape.count)
    var failure: DatasetError?
    let moments = ChannelMoments(channels: channels, count: indices.count * (shape.count / channels)) {
      body in
      for start in stride(from: 0, to: indices.count, by: rows) where failure == nil {
        let part = Array(indices[start..<min(indices.count, start + rows)])
        do throws(DatasetError) { try writer.writeRaw(part, into: block, execution) } catch {
          failure = error
        }
        var channel = 0
        for element in 0..<part.count * shape.count {
          body(channel, Double(block.pointer[element]))
          channel = channel + 1 == channels ? 0 : channel + 1
        }
      }
    }
    if let failure { throw failure }
    return moments
  }
}
