import CGIF
import CTIFF
import CWebP

extension ImageDecoder {
  /// Still images, and the first frame of animations as it stands on its canvas; opacity is left out.
  func decodeWebP(_ bytes: [UInt8], _ name: String) throws(DatasetError) -> PixelImage {
    let corrupt = DatasetError.malformed(file: name, place: .wholeFile, reason: "a corrupt WebP")
    var features = WebPBitstreamFeatures()
    guard WebPGetFeatures(bytes, bytes.count, &features) == VP8_STATUS_OK else { throw corrupt }
    let (height, width) = (Int(features.height), Int(features.width))
    try checkSize(height, width, name)
    var pixels = memory(height * width * 3)
    if features.has_animation != 0 {
      guard Self.firstFrame(bytes, height: height, width: width, into: &pixels) else { throw corrupt }
    } else {
      guard WebPDecodeRGBInto(bytes, bytes.count, &pixels, pixels.count, Int32(width * 3)) != nil else {
        throw corrupt
      }
    }
    return PixelImage(height: height, width: width, channels: 3, pixels: pixels)
  }

  private static func firstFrame(_ bytes: [UInt8], height: Int, width: Int, into pixels: inout [UInt8])
    -> Bool
  {
    bytes.withUnsafeBufferPointer { bytes in
      var data = WebPData(bytes: bytes.baseAddress, size: bytes.count)
      var options = WebPAnimDecoderOptions()
      guard WebPAnimDecoderOptionsInit(&options) != 0 else { return false }
      options.color_mode = MODE_RGBA
      guard let decoder = WebPAnimDecoderNew(&data, &options) else { return false }
      defer { WebPAnimDecoderDelete(decoder) }
      var information = WebPAnimInfo()
      var frame: UnsafeMutablePointer<UInt8>?
      var time = Int32(0)
      guard WebPAnimDecoderGetInfo(decoder, &information) != 0, Int(information.canvas_height) == height,
        Int(information.canvas_width) == width, WebPAnimDecoderGetNext(decoder, &frame, &time) != 0, let frame
      else { return false }
      for pixel in 0..<height * width {
        for channel in 0..<3 { pixels[3 * pixel + channel] = frame[4 * pixel + channel] }
      }
      return true
    }
  }

  /// The first frame on its canvas.
  func decodeGIF(_ bytes: [UInt8], _ name: String) throws(DatasetError) -> PixelImage {
    let reading = UnsafeMutablePointer<gif_reading>.allocate(capacity: 1)
    reading.initialize(to: gif_reading())
    defer {
      gif_reading_end(reading)
      reading.deallocate()
    }
    return try bytes.withUnsafeBufferPointer { (bytes) throws(DatasetError) in
      func corrupt() -> DatasetError {
        .malformed(file: name, place: .wholeFile, reason: "a corrupt GIF (\(text(reading.pointee.message)))")
      }
      guard gif_reading_begin(reading, bytes.baseAddress, bytes.count) != 0 else { throw corrupt() }
      let (height, width) = (Int(reading.pointee.height), Int(reading.pointee.width))
      try checkSize(height, width, name)
      var pixels = memory(height * width * 3)
      var line = [UInt8](repeating: 0, count: width)
      guard gif_reading_pixels(reading, &pixels, &line) != 0 else { throw corrupt() }
      return PixelImage(height: height, width: width, channels: 3, pixels: pixels)
    }
  }

  /// The first page, rows as they are stored.
  func decodeTIFF(_ bytes: [UInt8], _ name: String) throws(DatasetError) -> PixelImage {
    let reading = UnsafeMutablePointer<tiff_reading>.allocate(capacity: 1)
    reading.initialize(to: tiff_reading())
    defer {
      tiff_reading_end(reading)
      reading.deallocate()
    }
    return try bytes.withUnsafeBufferPointer { (bytes) throws(DatasetError) in
      func corrupt() -> DatasetError {
        let message = text(reading.pointee.message)
        return .malformed(
          file: name, place: .wholeFile,
          reason: "a TIFF that can't be read (\(message.isEmpty ? "no image in it" : message))")
      }
      guard tiff_reading_begin(reading, bytes.baseAddress, bytes.count, Self.tiffMemory) != 0 else {
        throw corrupt()
      }
      let (height, width) = (Int(reading.pointee.height), Int(reading.pointee.width))
      try checkSize(height, width, name)
      let channels = Int(reading.pointee.channels)
      let scratch = tiff_reading_scratch(reading)
      guard scratch <= Self.tiffMemory else {
        throw .limitExceeded(file: name, limit: "rows of \(scratch) bytes")
      }
      var pixels = memory(height * width * channels)
      let isRead = withUnsafeTemporaryAllocation(byteCount: scratch, alignment: 16) {
        tiff_reading_pixels(reading, &pixels, $0.baseAddress) != 0
      }
      guard isRead else { throw corrupt() }
      if reading.pointee.warnings > 0 { note(text(reading.pointee.warning), of: name) }
      return PixelImage(height: height, width: width, channels: channels, pixels: pixels)
    }
  }

  /// What libtiff may take at once: a large image of 32 bits a pixel.
  private static let tiffMemory = 1 << 29

  /// The text in an array of characters that C ends with a zero.
  private func text<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
