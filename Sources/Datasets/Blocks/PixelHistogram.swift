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
  /// Population moments of float rows in mapped bytes; two passes in double precision.
  init(ofFloats bytes: UnsafeRawBufferPointer, at offset: Int, rows: Int, width: Int, channels: Int) {
    var sums = [Double](repeating: 0, count: channels)
    var squares = sums
    let perChannel = Double(max(1, rows * (width / channels)))
    let values = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + rows * width * 4])
      .assumingMemoryBound(to: Float.self)
    var channel = 0
    for value in values {
      sums[channel] += Double(value)
      channel = channel + 1 == channels ? 0 : channel + 1
    }
    let mean = sums.map { $0 / perChannel }
    for value in values {
      let difference = Double(value) - mean[channel]
      squares[channel] += difference * difference
      channel = channel + 1 == channels ? 0 : channel + 1
    }
    self.init(mean: mean, deviation: squares.map { ($0 / perChannel).squareRoot() })
  }
}
