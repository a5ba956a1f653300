/// The decoder alone, for benchmarks that hold it beside libjpeg-turbo's own programs.
@_spi(Benchmarks)
public enum ImageDecoding {
  /// Decodes one image after the other, as they stand, on the calling thread. Gives the number of pixels.
  public static func decode(_ images: [[UInt8]]) throws(DatasetError) -> Int {
    let decoder = ImageDecoder(limits: DatasetLimits())
    var count = 0
    for image in images { count += try decoder.withDecoded(image, name: "image") { $0.height * $0.width } }
    return count
  }
}
