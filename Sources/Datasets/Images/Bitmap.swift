/// Windows' bitmap files (BMP): 1, 4, 8, 16, 24 and 32 bits a pixel with or without a table of colours, bottom up or
/// top down, as Microsoft documents `BITMAPFILEHEADER` and the headers behind it from 1990 on. What is compressed by
/// run lengths is refused.
///
/// No library of Debian's reads these alone; the form is a header and rows of pixels.
struct Bitmap {
  let height: Int
  let width: Int
  private let bytes: [UInt8]
  private let name: String
  private let bits: Int
  private let isTopDown: Bool
  private let pixelOffset: Int
  private let table: [[UInt8]]
  private let masks: [UInt32]

  /// Reads the headers, up to the pixels.
  init(_ bytes: [UInt8], name: String) throws(DatasetError) {
    func malformed(_ reason: String) -> DatasetError {
      .malformed(file: name, place: .wholeFile, reason: "a corrupt BMP (\(reason))")
    }
    func number(_ offset: Int, _ size: Int) throws(DatasetError) -> Int {
      guard offset >= 0, offset <= bytes.count - size else { throw malformed("its header ends early") }
      return bytes[offset..<offset + size].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let headerSize = try number(14, 4)
    guard [12, 40, 52, 56, 64, 108, 124].contains(headerSize) else {
      throw malformed("a header of \(headerSize) bytes")
    }
    let isOld = headerSize == 12
    let signedHeight =
      isOld ? try number(20, 2) : Int(Int32(truncatingIfNeeded: try number(22, 4)))
    width = isOld ? try number(18, 2) : Int(Int32(truncatingIfNeeded: try number(18, 4)))
    guard signedHeight != Int(Int32.min) else { throw malformed("a height of \(signedHeight)") }
    isTopDown = signedHeight < 0
    height = abs(signedHeight)
    bits = try number(isOld ? 24 : 28, 2)
    let compression = isOld ? 0 : try number(30, 4)
    guard [1, 4, 8, 16, 24, 32].contains(bits) else { throw malformed("\(bits) bits a pixel") }
    guard compression == 0 || (compression == 3 || compression == 6) && (bits == 16 || bits == 32) else {
      throw .malformed(
        file: name, place: .wholeFile,
        reason: "a BMP compressed by method \(compression), which isn't read: save it as PNG")
    }
    pixelOffset = try number(10, 4)
    var masks: [UInt32] = bits == 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff]
    if compression != 0 {
      for channel in 0..<3 { masks[channel] = UInt32(try number(54 + 4 * channel, 4)) }
    }
    self.masks = masks
    var table: [[UInt8]] = []
    if bits <= 8 {
      let used = isOld ? 0 : try number(46, 4)
      let entry = isOld ? 3 : 4
      let start = 14 + headerSize
      for colour in 0..<min(used == 0 ? 1 << bits : used, 1 << bits)
      where start + colour * entry + 3 <= min(bytes.count, max(pixelOffset, start)) {
        table.append(Array(bytes[start + colour * entry..<start + colour * entry + 3].reversed()))
      }
    }
    // Colours that the table leaves out are black.
    while bits <= 8, table.count < 1 << bits { table.append([0, 0, 0]) }
    self.table = table
    self.bytes = bytes
    self.name = name
  }

  /// Writes height × width × 3 bytes.
  func decode(into pixels: inout [UInt8]) throws(DatasetError) {
    precondition(pixels.count == height * width * 3)
    let row = (width * bits + 31) / 32 * 4
    guard pixelOffset <= bytes.count, row * height <= bytes.count - pixelOffset else {
      throw .malformed(file: name, place: .wholeFile, reason: "a corrupt BMP (its pixels end early)")
    }
    for y in 0..<height {
      let source = pixelOffset + (isTopDown ? y : height - 1 - y) * row
      let target = y * width * 3
      switch bits {
      case 24:
        for x in 0..<width {
          for channel in 0..<3 { pixels[target + 3 * x + channel] = bytes[source + 3 * x + 2 - channel] }
        }
      case 16, 32:
        for x in 0..<width {
          let size = bits / 8
          let value = (0..<size).reversed().reduce(UInt32(0)) {
            $0 << 8 | UInt32(bytes[source + size * x + $1])
          }
          for channel in 0..<3 { pixels[target + 3 * x + channel] = Self.byte(value, masks[channel]) }
        }
      default:
        let perByte = 8 / bits
        for x in 0..<width {
          let shift = 8 - bits * (x % perByte + 1)
          let colour = table[Int(bytes[source + x / perByte]) >> shift & (1 << bits - 1)]
          for channel in 0..<3 { pixels[target + 3 * x + channel] = colour[channel] }
        }
      }
    }
  }

  /// The masked bits as a share of 255, rounded down.
  private static func byte(_ value: UInt32, _ mask: UInt32) -> UInt8 {
    guard mask != 0 else { return 0 }
    let shift = UInt32(mask.trailingZeroBitCount)
    return UInt8(UInt64((value & mask) >> shift) * 255 / UInt64(mask >> shift))
  }
}
