/// A decoded image: rows from top to bottom, channels interleaved.
struct PixelImage: Hashable {
  var height: Int
  var width: Int
  var channels: Int
  var pixels: [UInt8]

  init(height: Int, width: Int, channels: Int, pixels: [UInt8]) {
    precondition(pixels.count == height * width * channels)
    (self.height, self.width, self.channels, self.pixels) = (height, width, channels, pixels)
  }

  /// An image whose pixels `body` writes, all of them.
  init(
    height: Int, width: Int, channels: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Void
  ) {
    let count = height * width * channels
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      body(UnsafeMutableBufferPointer(rebasing: target[..<count]))
      initialized = count
    }
    self.init(height: height, width: width, channels: channels, pixels: pixels)
  }

  /// Grey or colour as asked. Grey is ITU-R 601-2 luma in 16-bit fixed point, as Pillow computes it.
  func converted(to target: Int) -> PixelImage {
    guard target != channels else { return self }
    return PixelImage(height: height, width: width, channels: target) { result in
      pixels.withUnsafeBufferPointer { pixels in
        for pixel in 0..<height * width {
          if target == 3 {
            for channel in 0..<3 { result[3 * pixel + channel] = pixels[pixel] }
          } else {
            let red = Int(pixels[3 * pixel]) * 19_595
            let green = Int(pixels[3 * pixel + 1]) * 38_470
            let blue = Int(pixels[3 * pixel + 2]) * 7_471
            result[pixel] = UInt8((red + green + blue + 0x8000) >> 16)
          }
        }
      }
    }
  }

  /// Cyan, magenta, yellow and black, stored inverted as Adobe's programs do, to red, green and blue.
  func withoutInk() -> PixelImage {
    precondition(channels == 4)
    return PixelImage(height: height, width: width, channels: 3) { result in
      pixels.withUnsafeBufferPointer { pixels in
        for pixel in 0..<height * width {
          let black = Int(pixels[4 * pixel + 3])
          for channel in 0..<3 {
            result[3 * pixel + channel] = UInt8((Int(pixels[4 * pixel + channel]) * black + 127) / 255)
          }
        }
      }
    }
  }
}
