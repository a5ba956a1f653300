import Compute

extension ChannelMoments {
  /// Population mean and deviation of every channel of interleaved values; two passes in double precision.
  init(of values: Buffer<Float>, channels: Int) {
    self.init(
      of: UnsafeBufferPointer(start: UnsafePointer(values.pointer), count: values.count), channels: channels)
  }

  /// Standardises the first `count` interleaved values in place.
  func standardize(_ values: Buffer<Float>, count: Int) {
    let transform = ChannelTransform(standardizing: self)
    let values = UnsafeMutableBufferPointer(rebasing: values.mutableElements[..<count])
    var channel = 0
    for element in values.indices {
      values[element] = transform(Double(values[element]), channel: channel)
      channel = channel + 1 == mean.count ? 0 : channel + 1
    }
  }
}
