extension PixelImage {
  /// Resized to a form by a triangle filter whose support grows with the reduction, rows first, then columns,
  /// with weights of 22 fractional bits and rounding after each: Pillow's `resize` with `BILINEAR`, bit for bit.
  func resized(to form: ImageForm) -> PixelImage {
    var box = (top: 0.0, left: 0.0, height: Double(height), width: Double(width))
    if form.fit == .crop {
      let scale = min(box.height / Double(form.height), box.width / Double(form.width))
      let part = (height: scale * Double(form.height), width: scale * Double(form.width))
      box = ((box.height - part.height) / 2, (box.width - part.width) / 2, part.height, part.width)
    }
    var image = self
    if box.width != Double(form.width) || box.left != 0 || width != form.width {
      let weights = TriangleFilter(from: box.left, length: box.width, size: width, to: form.width)
      image = image.filteredRows(weights)
    }
    if box.height != Double(form.height) || box.top != 0 || height != form.height {
      let weights = TriangleFilter(from: box.top, length: box.height, size: height, to: form.height)
      image = image.filteredColumns(weights)
    }
    return image
  }

  private func filteredRows(_ filter: TriangleFilter) -> PixelImage {
    PixelImage(height: height, width: filter.count, channels: channels) { result in
      pixels.withUnsafeBufferPointer { pixels in
        filter.weights.withUnsafeBufferPointer { weights in
          for y in 0..<height {
            for x in 0..<filter.count {
              let first = (y * width + filter.starts[x]) * channels
              let target = (y * filter.count + x) * channels
              let taps = filter.places[x]
              if channels == 3 {
                var (red, green, blue) = (TriangleFilter.half, TriangleFilter.half, TriangleFilter.half)
                var source = first
                for tap in taps {
                  red &+= weights[tap] &* Int(pixels[source])
                  green &+= weights[tap] &* Int(pixels[source + 1])
                  blue &+= weights[tap] &* Int(pixels[source + 2])
                  source += 3
                }
                result[target] = TriangleFilter.byte(red)
                result[target + 1] = TriangleFilter.byte(green)
                result[target + 2] = TriangleFilter.byte(blue)
              } else {
                for channel in 0..<channels {
                  var sum = TriangleFilter.half
                  var source = first + channel
                  for tap in taps {
                    sum &+= weights[tap] &* Int(pixels[source])
                    source += channels
                  }
                  result[target + channel] = TriangleFilter.byte(sum)
                }
              }
            }
          }
        }
      }
    }
  }

  private func filteredColumns(_ filter: TriangleFilter) -> PixelImage {
    let row = width * channels
    return PixelImage(height: filter.count, width: width, channels: channels) { result in
      pixels.withUnsafeBufferPointer { pixels in
        // Whole rows at a time: memory is read in its order.
        withUnsafeTemporaryAllocation(of: Int.self, capacity: row) { sums in
          for y in 0..<filter.count {
            for element in 0..<row { sums[element] = TriangleFilter.half }
            var source = filter.starts[y] * row
            for tap in filter.places[y] {
              let weight = filter.weights[tap]
              for element in 0..<row { sums[element] &+= weight &* Int(pixels[source + element]) }
              source += row
            }
            for element in 0..<row { result[y * row + element] = TriangleFilter.byte(sums[element]) }
          }
        }
      }
    }
  }
}

/// For every output position the first input and the weights of it and its successors.
struct TriangleFilter {
  static let bits = 22
  static let half = 1 << (bits - 1)
  /// The first input of each output position.
  let starts: [Int]
  /// Where the weights of each output position lie.
  let places: [Range<Int>]
  let weights: [Int]
  var count: Int { starts.count }

  init(from start: Double, length: Double, size: Int, to count: Int) {
    let scale = length / Double(count)
    let filterScale = max(scale, 1)
    var starts: [Int] = []
    var places: [Range<Int>] = []
    var weights: [Int] = []
    for position in 0..<count {
      let center = start + (Double(position) + 0.5) * scale
      let first = max(0, Int(center - filterScale + 0.5))
      let end = min(size, Int(center + filterScale + 0.5))
      let raw = (first..<max(first, end)).map { input in
        max(0, 1 - abs((Double(input) - center + 0.5) * (1 / filterScale)))
      }
      let sum = raw.reduce(0, +)
      starts.append(first)
      places.append(weights.count..<weights.count + raw.count)
      for weight in raw {
        let scaled = (sum == 0 ? 0 : weight / sum) * Double(1 << Self.bits)
        weights.append(Int(scaled < 0 ? scaled - 0.5 : scaled + 0.5))
      }
    }
    self.starts = starts
    self.places = places
    self.weights = weights
  }

  static func byte(_ sum: Int) -> UInt8 { UInt8(clamping: sum >> bits) }
}
