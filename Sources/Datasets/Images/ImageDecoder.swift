import CPNG
import CTurboJPEG

/// Decodes images, told apart by their first bytes: JPEG (libjpeg-turbo), PNG (libpng), WebP (libwebp), the first frame
/// of GIF (giflib), the first page of TIFF (libtiff), and BMP. One decoder belongs to one thread.
final class ImageDecoder {
  private let turbo: tjhandle
  private let limits: DatasetLimits
  /// The memory of the last image, for the next one: fresh pages for each would cost a tenth of its decoding.
  private var spare: [UInt8] = []
  /// What the images were, and what the decoders had to say of them.
  private(set) var census = ImageCensus()

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
    pixels += try withDecoded(bytes, name: name) { image in
      let orientation = census.kind.flatMap { ImageOrientation.find(in: bytes, $0) } ?? 1
      if orientation != 1 { census.turned += 1 }
      let upright = form.appliesOrientation ? image.turned(from: orientation) : image
      return upright.converted(to: form.channels).resized(to: form).pixels
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
    guard !bytes.isEmpty else {
      throw .malformed(file: name, place: .wholeFile, reason: "the file is empty")
    }
    guard let kind = ImageKind(firstBytes: bytes) else {
      throw .malformed(
        file: name, place: .offset(0),
        reason:
          "no image in a form that is read (\(ImageKind.allCases.map(\.rawValue).joined(separator: ", ")))")
    }
    let image =
      switch kind {
      case .jpeg: try decodeJPEG(bytes, name)
      case .png: try decodePNG(bytes, name)
      case .webp: try decodeWebP(bytes, name)
      case .gif: try decodeGIF(bytes, name)
      case .tiff: try decodeTIFF(bytes, name)
      case .bmp: try decodeBMP(bytes, name)
      }
    census.count(kind, height: image.height, width: image.width)
    return image
  }

  func checkSize(_ height: Int, _ width: Int, _ name: String) throws(DatasetError) {
    guard height > 0, width > 0 else {
      throw .malformed(
        file: name, place: .wholeFile,
        reason: "an image of \(height) × \(width) pixels: the file is corrupt, or cut off before its size")
    }
    guard height <= limits.imagePixels / width else {
      throw .limitExceeded(file: name, limit: "an image of \(height) × \(width) pixels")
    }
  }

  /// `count` bytes that nobody else holds, with whatever is in them.
  func memory(_ count: Int) -> [UInt8] {
    var pixels: [UInt8] = []
    swap(&pixels, &spare)
    if pixels.count > count {
      pixels.removeLast(pixels.count - count)
    } else {
      pixels.append(contentsOf: repeatElement(0, count: count - pixels.count))
    }
    return pixels
  }

  /// What the images since the last call were.
  func takeCensus() -> ImageCensus {
    defer { census = ImageCensus() }
    return census
  }

  /// Keeps what a decoder had to say of an image that it decoded.
  func note(_ warning: String, of name: String) { census.warn("\(name): \(warning)") }

  private func decodeJPEG(_ bytes: [UInt8], _ name: String) throws(DatasetError) -> PixelImage {
    var (width, height, subsampling, colours) = (Int32(0), Int32(0), Int32(0), Int32(0))
    let status = tjDecompressHeader3(
      turbo, bytes, UInt(bytes.count), &width, &height, &subsampling, &colours)
    guard status == 0 || isWarning else { throw corrupt(name) }
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
    // Real collections hold images with oddities that a decoder mends.
    guard result == 0 || isWarning else { throw corrupt(name) }
    if result != 0 { note(lastMessage, of: name) }
    let image = PixelImage(height: Int(height), width: Int(width), channels: channels, pixels: pixels)
    return channels == 4 ? image.withoutInk() : image
  }

  private var lastMessage: String { String(cString: tjGetErrorStr2(turbo)) }

  /// Whether the last fault is one that libjpeg-turbo mends. Data that are missing it makes up: no such thing.
  private var isWarning: Bool {
    tjGetErrorCode(turbo) == Int32(TJERR_WARNING.rawValue) && !lastMessage.contains("remature end")
  }

  private func corrupt(_ name: String) -> DatasetError {
    .malformed(file: name, place: .wholeFile, reason: "a corrupt JPEG (\(lastMessage))")
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

  private func decodeBMP(_ bytes: [UInt8], _ name: String) throws(DatasetError) -> PixelImage {
    let bitmap = try Bitmap(bytes, name: name)
    try checkSize(bitmap.height, bitmap.width, name)
    var pixels = memory(bitmap.height * bitmap.width * 3)
    try bitmap.decode(into: &pixels)
    return PixelImage(height: bitmap.height, width: bitmap.width, channels: 3, pixels: pixels)
  }
}
