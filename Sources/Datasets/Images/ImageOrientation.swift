/// How an image is to be turned to be looked at, as cameras write it: EXIF's orientation, 1 to 8.
enum ImageOrientation {
  /// The orientation that an image's EXIF data state; nil where there are none or they break their form.
  static func find(in bytes: [UInt8], _ kind: ImageKind) -> Int? {
    switch kind {
    case .jpeg: jpeg(bytes)
    case .png: png(bytes)
    case .webp: webp(bytes)
    case .tiff: directory(bytes[...])
    case .bmp, .gif: nil
    }
  }

  /// In the first segment APP1 that holds EXIF data, which lies before the scan.
  private static func jpeg(_ bytes: [UInt8]) -> Int? {
    var offset = 2
    while offset + 4 <= bytes.count, bytes[offset] == 0xff {
      let marker = bytes[offset + 1]
      if marker == 0xff {
        offset += 1
        continue
      }
      if marker == 0xda || marker == 0xd9 { return nil }
      let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
      guard length >= 2, offset + 2 + length <= bytes.count else { return nil }
      let content = bytes[offset + 4..<offset + 2 + length]
      if marker == 0xe1, content.starts(with: Array("Exif\0\0".utf8)) {
        return directory(content.dropFirst(6))
      }
      offset += 2 + length
    }
    return nil
  }

  private static func png(_ bytes: [UInt8]) -> Int? {
    var offset = 8
    while offset + 8 <= bytes.count {
      let length = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= bytes.count - offset - 8 else { return nil }
      if bytes[offset + 4..<offset + 8].elementsEqual("eXIf".utf8) {
        return directory(bytes[offset + 8..<offset + 8 + length])
      }
      offset += 12 + length
    }
    return nil
  }

  private static func webp(_ bytes: [UInt8]) -> Int? {
    var offset = 12
    while offset + 8 <= bytes.count {
      let length = bytes[offset + 4..<offset + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
      guard length <= bytes.count - offset - 8 else { return nil }
      if bytes[offset..<offset + 4].elementsEqual("EXIF".utf8) {
        let content = bytes[offset + 8..<offset + 8 + length]
        return directory(content.starts(with: Array("Exif\0\0".utf8)) ? content.dropFirst(6) : content)
      }
      offset += 8 + length + length % 2
    }
    return nil
  }

  /// The tag 0x112 in the first directory of a TIFF structure.
  private static func directory(_ bytes: ArraySlice<UInt8>) -> Int? {
    let isBigEndian: Bool
    switch Array(bytes.prefix(4)) {
    case [0x49, 0x49, 42, 0]: isBigEndian = false
    case [0x4d, 0x4d, 0, 42]: isBigEndian = true
    default: return nil
    }
    func number(_ offset: Int, _ size: Int) -> Int? {
      guard offset >= 0, offset <= bytes.count - size else { return nil }
      let field = bytes[bytes.startIndex + offset..<bytes.startIndex + offset + size]
      return isBigEndian
        ? field.reduce(0) { $0 << 8 | Int($1) } : field.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    guard let start = number(4, 4), let count = number(start, 2) else { return nil }
    for entry in 0..<count {
      let offset = start + 2 + 12 * entry
      guard let tag = number(offset, 2) else { return nil }
      guard tag == 0x112 else { continue }
      guard number(offset + 2, 2) == 3, let value = number(offset + 8, 2), 1...8 ~= value else { return nil }
      return value
    }
    return nil
  }
}

extension PixelImage {
  /// Turned and mirrored from how it is stored to how it is looked at.
  func turned(from orientation: Int) -> PixelImage {
    guard 2...8 ~= orientation else { return self }
    let isTransposed = orientation >= 5
    let (rows, columns) = isTransposed ? (width, height) : (height, width)
    let (lastRow, lastColumn) = (height - 1, width - 1)
    return PixelImage(height: rows, width: columns, channels: channels) { result in
      for y in 0..<rows {
        for x in 0..<columns {
          let (row, column) =
            switch orientation {
            case 2: (y, lastColumn - x)
            case 3: (lastRow - y, lastColumn - x)
            case 4: (lastRow - y, x)
            case 5: (x, y)
            case 6: (lastRow - x, y)
            case 7: (lastRow - x, lastColumn - y)
            default: (x, lastColumn - y)
            }
          for channel in 0..<channels {
            result[(y * columns + x) * channels + channel] =
              pixels[(row * width + column) * channels + channel]
          }
        }
      }
    }
  }
}
