/// How often each byte occurs in each channel: exact moments, whatever the number of pixels.
struct PixelHistogram {
  private let channels: Int
  private var counts: [Int]

  init(channels: Int) {
    self.channels = channels
    // A table of bytes may have as many channels as columns.
    counts = [Int](repeating: 0, count: channels * 256)
  }

  /// Adds whole pixels, channels interleaved.
  mutating func add(_ pixels: [UInt8]) {
    var channel = 0
    for pixel in pixels {
      counts[channel << 8 | Int(pixel)] += 1
      channel += 1
      if channel == channels { channel = 0 }
    }
  }

  /// Mean and deviation in units of pixel / 255.
  var moments: ChannelMoments {
    var mean: [Double] = []
    var deviation: [Double] = []
    for channel in 0..<channels {
      let row = counts[channel << 8..<(channel + 1) << 8]
      let total = Double(max(1, row.reduce(0, +)))
      let sum = zip(row, 0...).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      let average = sum / total
      let squares = zip(row, 0...).reduce(0.0) { result, entry in
        let difference = Double(entry.1) - average
        return result + Double(entry.0) * difference * difference
      }
      mean.append(average / 255)
      deviation.append((squares / total).squareRoot() / 255)
    }
    return ChannelMoments(mean: mean, deviation: deviation)
  }
}

extension ChannelMoments {
  /// Population moments of interleaved values; two passes in double precision. A channel whose values are all the
  /// same has that value as its mean and the deviation 0, whatever sums would round to.
  @inline(__always)
  init<Value: BinaryFloatingPoint>(of values: UnsafeBufferPointer<Value>, channels: Int) {
    self.init(channels: channels, count: values.count / channels) { body in
      var channel = 0
      for value in values {
        body(channel, Double(value))
        channel = channel + 1 == channels ? 0 : channel + 1
      }
    }
  }

  /// Population moments of what `forEach` gives, channel and value, each time it is called; `count` values a channel.
  @inline(__always)
  init(channels: Int, count: Int, forEach: ((Int, Double) -> Void) -> Void) {
    var sums = [Double](repeating: 0, count: channels)
    var squares = sums
    var first = [Double](repeating: .nan, count: channels)
    var isConstant = [Bool](repeating: true, count: channels)
    let count = Double(max(1, count))
    forEach { channel, value in
      sums[channel] += value
      if first[channel].isNaN { first[channel] = value }
      if value != first[channel] { isConstant[channel] = false }
    }
    let mean = zip(sums, zip(isConstant, first)).map { sum, constant in
      constant.0 && !constant.1.isNaN ? constant.1 : sum / count
    }
    forEach { channel, value in
      let difference = value - mean[channel]
      squares[channel] += difference * difference
    }
    self.init(mean: mean, deviation: squares.map { ($0 / count).squareRoot() })
  }
}
