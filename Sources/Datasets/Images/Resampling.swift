/// How an image is brought to the asked size.
public struct ImageForm: Sendable, Hashable {
  /// What happens to images of another shape.
  public enum Fit: String, Sendable, Hashable, CaseIterable, Codable {
    /// The whole image, its sides scaled by themselves.
    case stretch
    /// The largest part of the right shape in the middle.
    case crop
  }

  /// Pixels from top to bottom.
  public var height: Int
  /// Pixels from left to right.
  public var width: Int
  /// 1 for grey (ITU-R 601 luma), 3 for red, green and blue.
  public var channels: Int
  /// What happens to images of another shape.
  public var fit: Fit

  /// A form; sizes from 1 to 4096, channels 1 or 3.
  public init(height: Int, width: Int, channels: Int = 3, fit: Fit = .stretch) {
    self.height = height
    self.width = width
    self.channels = channels
    self.fit = fit
  }

  func validate() throws(DatasetError) {
    guard 1...4_096 ~= height, 1...4_096 ~= width else {
      throw .invalidOption(option: "resolution", value: "\(height)×\(width)", allowed: "1 to 4096")
    }
    guard channels == 1 || channels == 3 else {
      throw .invalidOption(option: "channels", value: "\(channels)", allowed: "1 or 3")
    }
  }
}

/// A decoded image: rows from top to bottom, channels interleaved.
struct PixelImage: Hashable {
  var height: Int
  var width: Int
  var channels: Int
  var pixels: [UInt8]

  /// Grey or colour as asked. Grey is ITU-R 601-2 luma in 16-bit fixed point, as Pillow computes it.
  func converted(to target: Int) -> PixelImage {
    guard target != channels else { return self }
    var converted = PixelImage(height: height, width: width, channels: target, pixels: [])
    if target == 3 {
      converted.pixels = pixels.flatMap { [$0, $0, $0] }
    } else {
      converted.pixels = (0..<height * width).map { pixel in
        let red = Int(pixels[3 * pixel]) * 19_595
        let green = Int(pixels[3 * pixel + 1]) * 38_470
        let blue = Int(pixels[3 * pixel + 2]) * 7_471
        return UInt8((red + green + blue + 0x8000) >> 16)
      }
    }
    return converted
  }

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
    var result = PixelImage(height: height, width: filter.count, channels: channels, pixels: [])
    result.pixels = [UInt8](repeating: 0, count: height * filter.count * channels)
    for y in 0..<height {
      for x in 0..<filter.count {
        for channel in 0..<channels {
          var sum = TriangleFilter.half
          for tap in 0..<filter.weights[x].count {
            sum +=
              filter.weights[x][tap] * Int(pixels[(y * width + filter.starts[x] + tap) * channels + channel])
          }
          result.pixels[(y * filter.count + x) * channels + channel] = TriangleFilter.byte(sum)
        }
      }
    }
    return result
  }

  private func filteredColumns(_ filter: TriangleFilter) -> PixelImage {
    var result = PixelImage(height: filter.count, width: width, channels: channels, pixels: [])
    let row = width * channels
    result.pixels = [UInt8](repeating: 0, count: filter.count * row)
    for y in 0..<filter.count {
      for element in 0..<row {
        var sum = TriangleFilter.half
        for tap in 0..<filter.weights[y].count {
          sum += filter.weights[y][tap] * Int(pixels[(filter.starts[y] + tap) * row + element])
        }
        result.pixels[y * row + element] = TriangleFilter.byte(sum)
      }
    }
    return result
  }
}

/// For every output position the first input and the weights of it and its successors.
struct TriangleFilter {
  static let bits = 22
  static let half = 1 << (bits - 1)
  let starts: [Int]
  let weights: [[Int]]
  var count: Int { starts.count }

  init(from start: Double, length: Double, size: Int, to count: Int) {
    let scale = length / Double(count)
    let filterScale = max(scale, 1)
    var starts: [Int] = []
    var weights: [[Int]] = []
    for position in 0..<count {
      let center = start + (Double(position) + 0.5) * scale
      let first = max(0, Int(center - filterScale + 0.5))
      let end = min(size, Int(center + filterScale + 0.5))
      let raw = (first..<max(first, end)).map { input in
        max(0, 1 - abs((Double(input) - center + 0.5) * (1 / filterScale)))
      }
      let sum = raw.reduce(0, +)
      starts.append(first)
      weights.append(
        raw.map { weight in
          let scaled = (sum == 0 ? 0 : weight / sum) * Double(1 << Self.bits)
          return Int(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
        })
    }
    self.starts = starts
    self.weights = weights
  }

  static func byte(_ sum: Int) -> UInt8 { UInt8(clamping: sum >> bits) }
}
