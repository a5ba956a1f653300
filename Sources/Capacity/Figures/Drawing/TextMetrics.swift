/// How wide a text is, to lay out what no browser is asked about: the advance widths of Helvetica, to which Arial and
/// Liberation Sans are metrically equal, with room for the fonts that are wider.
package struct TextMetrics {
  let size: Double
  let isBold: Bool

  package init(size: Double, isBold: Bool = false) {
    self.size = size
    self.isBold = isBold
  }

  package func width(_ text: String) -> Double {
    let units = text.unicodeScalars.reduce(0) { $0 + Self.advance($1) }
    return Double(units) / 1000 * size * (isBold ? 1.1 : 1.04)
  }

  /// The text in lines no wider than `width`; what doesn't fit into `limit` lines ends in an ellipsis.
  package func lines(_ text: String, width: Double, limit: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(whereSeparator: \.isWhitespace).map(String.init) {
      if let last = lines.last, self.width(last + " " + word) <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(word)
      }
    }
    guard lines.count > limit else { return lines.map { shortened($0, to: width) } }
    let rest = lines[(limit - 1)...].joined(separator: " ")
    return lines.prefix(limit - 1).map { shortened($0, to: width) } + [shortened(rest, to: width)]
  }

  /// The text, or as much of its beginning as fits with an ellipsis.
  package func shortened(_ text: String, to width: Double) -> String {
    if self.width(text) <= width { return text }
    var kept = text
    while !kept.isEmpty, self.width(kept + "…") > width { kept.removeLast() }
    return kept + "…"
  }

  /// The text, or its beginning and its end with an ellipsis between: names that begin alike stay apart.
  package func shortenedInside(_ text: String, to width: Double) -> String {
    if self.width(text) <= width { return text }
    var (head, tail) = (text, "")
    // The longest of both that fit, the end getting two fifths.
    var rest = text
    while let last = rest.last, self.width(tail) < 0.4 * width {
      tail = String(last) + tail
      rest.removeLast()
    }
    head = rest
    while !head.isEmpty, self.width(head + "…" + tail) > width { head.removeLast() }
    return head + "…" + tail
  }

  /// Thousandths of the size. Adobe's metrics of Helvetica for what ASCII has; scripts whose characters fill a square have
  /// the whole size.
  private static func advance(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value >= 0x20, scalar.value < 0x7F { return ascii[Int(scalar.value) - 0x20] }
    switch scalar.value {
    case 0x300...0x36F, 0x200B...0x200F, 0xFE00...0xFE0F: return 0
    case 0x2009, 0x200A, 0x202F: return 200
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 1000
    case 0x2013: return 556
    case 0x2026, 0x2014: return 1000
    default: return 600
    }
  }

  private static let ascii = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556,
    556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500,
    667,
    556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333,
    556,
    556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500,
    722,
    500, 500, 500, 334, 260, 334, 584,
  ]
}
