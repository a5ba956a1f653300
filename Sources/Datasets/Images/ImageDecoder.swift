import CPNG
import CTurboJPEG

/// Decodes JPEG (libjpeg-turbo) and PNG (libpng) images, told apart by their first bytes. One decoder belongs to
/// one thread.
final class ImageDecoder {
  private let turbo: tjhandle
  private let limits: DatasetLimits
  /// The memory of the last image, for the next one: fresh pages for each would cost a tenth of its decoding.
  private var spare: [UInt8] = []

  init(limits: DatasetLimits) {
    guard let turbo = tjInitDecompress() else { preconditionFailure("libjpeg-turbo can't be initialised") }
    self.turbo = turbo
    self.limits = limits
  }

  deinit { tjDestroy(turbo) }

  /// Decodes, converts and resizes one image, whose bytes go behind those in `pixels`.
  func decode(
    _ bytes: [UInt8], name: String, form: ImageForm, into pixels: inout [UInt8]
  ) throws(DatasetError) {
    pixels += try withDecoded(bytes, name: name) {
      $0.converted(to: form.channels).resized(to: form).pixels
    }
  }

  /// Gives `body` one image as it stands, in memory that the next image reuses.
  func withDecoded<T>(
    _ bytes: [UInt8], name: String, _ body: (PixelImage) -> T
  ) throws(DatasetError) -> T {
    let image = try decode(bytes, name: name)
    defer { spare = image.pixels }
    return body(image)
  }

  private func decode(_ bytes: [UInt8], name: String) throws(DatasetError) -> PixelImage {
    if bytes.starts(with: [0xff, 0xd8]) { return try decodeJPEG(bytes, name) }
    if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]) { return try decodePNG(bytes, name) }
    throw .malformed(file: name, place: .offset(0), reason: "neither a JPEG nor a PNG image")
  }

  private func checkSize(_ height: Int, _ width: Int, _ name: String) throws(DatasetError) {
    guard height > 0, width > 0 else {
      throw .malformed(file: name, place: .wholeFile, reason: "an image of \(height) × \(width) pixels")
    }
    guard height <= limits.imagePixels / width else {
      throw .limitExceeded(file: name, limit: "an image of \(height) × \(width) pixels")
    }
  }

  /// `count` bytes that nobody else holds, with whatever is in them.
  private func memory(_ count: Int) -> [UInt8] {
    var pixels: [UInt8] = []
    swap(&pixels, &spare)
    if pixels.count > count {
      pixels.removeLast(pixels.count - count)
    } else {
      pixels.append(contentsOf: repeatElement(0, count: count - pixels.count))
    }
    return pixels
  }

  private func decodeJPEG(_ bytes: [UInt8], _ name: String) throws(DatasetError) -> PixelImage {
    var (width, height, subsampling, colours) = (Int32(0), Int32(0), Int32(0), Int32(0))
    let status = tjDecompressHeader3(
      turbo, bytes, UInt(bytes.count), &width, &height, &subsampling, &colours)
    guard status == 0 else { throw corrupt(name) }
    try checkSize(Int(height), Int(width), name)
    let (format, channels): (TJPF, Int) =
      switch UInt32(colours) {
      case TJCS_GRAY.rawValue: (TJPF_GRAY, 1)
      case TJCS_CMYK.rawValue, TJCS_YCCK.rawValue: (TJPF_CMYK, 4)
      default: (TJPF_RGB, 3)
      }
    var pixels = memory(Int(height) * Int(width) * channels)
    let result = tjDecompress2(
      turbo, bytes, UInt(bytes.count), &pixels, width, 0, height, Int32(format.rawValue), TJFLAG_ACCURATEDCT)
    // Real collections hold images with harmless oddities; missing or broken data are no such thing.
    guard result == 0 || isHarmless else { throw corrupt(name) }
    let image = PixelImage(height: Int(height), width: Int(width), channels: channels, pixels: pixels)
    return channels == 4 ? image.withoutInk() : image
  }

  private var isHarmless: Bool {
    guard tjGetErrorCode(turbo) == Int32(TJERR_WARNING.rawValue) else { return false }
    let message = String(cString: tjGetErrorStr2(turbo))
    return message.contains("extraneous bytes before marker")
      || message.contains("Unknown Adobe color transform")
  }

  private func corrupt(_ name: String) -> DatasetError {
    .malformed(
      file: name, place: .wholeFile, reason: "a corrupt JPEG (\(String(cString: tjGetErrorStr2(turbo))))")
  }

  private func decodePNG(_ bytes: [UInt8], _ name: String) throws(DatasetError) -> PixelImage {
    var reading = png_reading()
    defer { png_reading_end(&reading) }
    return try bytes.withUnsafeBufferPointer { (bytes) throws(DatasetError) in
      guard png_reading_begin(&reading, bytes.baseAddress, bytes.count) != 0 else {
        throw corrupt(&reading, name)
      }
      let (height, width) = (Int(reading.height), Int(reading.width))
      try checkSize(height, width, name)
      let channels = Int(reading.channels)
      var pixels = memory(height * width * channels)
      guard png_reading_pixels(&reading, &pixels) != 0 else { throw corrupt(&reading, name) }
      return PixelImage(height: height, width: width, channels: channels, pixels: pixels)
    }
  }

  private func corrupt(_ reading: inout png_reading, _ name: String) -> DatasetError {
    let message = withUnsafeBytes(of: &reading.message) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    return .malformed(file: name, place: .wholeFile, reason: "a corrupt PNG (\(message))")
  }
}
