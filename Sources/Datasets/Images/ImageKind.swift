/// The kinds of images that are decoded.
enum ImageKind: String, CaseIterable, Sendable {
  case jpeg, png, webp, bmp, gif, tiff

  /// The kind that a file's first bytes show, whatever its name.
  init?(firstBytes bytes: some Collection<UInt8>) {
    let start = Array(bytes.prefix(12))
    func begins(_ text: String) -> Bool { start.starts(with: Array(text.utf8)) }
    switch start.first {
    case 0xff where start.starts(with: [0xff, 0xd8]): self = .jpeg
    case 0x89 where start.starts(with: [0x89, 0x50, 0x4e, 0x47]): self = .png
    case _ where begins("RIFF") && start.count == 12 && start[8...] == Array("WEBP".utf8)[...]: self = .webp
    case _ where begins("BM"): self = .bmp
    case _ where begins("GIF8"): self = .gif
    case _ where begins("II*\0") || begins("MM\0*") || begins("II+\0") || begins("MM\0+"): self = .tiff
    default: return nil
    }
  }

  /// The kind that a file's name promises.
  init?(ending: String) {
    switch ending {
    case "jpg", "jpeg", "jpe", "jfif": self = .jpeg
    case "png": self = .png
    case "webp": self = .webp
    case "bmp", "dib": self = .bmp
    case "gif": self = .gif
    case "tif", "tiff": self = .tiff
    default: return nil
    }
  }

  /// The endings that are images, for messages.
  static let endings = ".jpg, .jpeg, .png, .webp, .bmp, .gif, .tif or .tiff"
}
