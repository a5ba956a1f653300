import Compute

extension ChannelMoments {
  /// Population mean and deviation of every channel of interleaved values; two passes in double precision.
  init(of values: Buffer<Float>, channels: Int) {
    let perChannel = Double(values.count / channels)
    var sums = [Double](repeating: 0, count: channels)
    let values = values.elements
    var channel = 0
    for value in values {
      sums[channel] += Double(value)
      channel = channel + 1 == channels ? 0 : channel + 1
    }
    let mean = sums.map { $0 / perChannel }
    var squares = [Double](repeating: 0, count: channels)
    for value in values {
      let difference = Double(value) - mean[channel]
      squares[channel] += difference * difference
      channel = channel + 1 == channels ? 0 : channel + 1
    }
    self.init(mean: mean, deviation: squares.map { ($0 / perChannel).squareRoot() })
  }

  /// Standardises interleaved values in place.
  func standardize(_ values: Buffer<Float>) {
    let transform = ChannelTransform(standardizing: self)
    let values = values.mutableElements
    var channel = 0
    for element in values.indices {
      values[element] = transform(Double(values[element]), channel: channel)
      channel = channel + 1 == mean.count ? 0 : channel + 1
    }
  }
}
