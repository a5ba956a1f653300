import Capacity
import Foundation
import Testing

/// The colours of figures: apart from each other for every kind of colour vision, and readable on their ground.
@Suite struct PaletteTests {
  typealias RGB = (r: Double, g: Double, b: Double)

  /// Linear light of a colour as it is written.
  private static func linear(_ text: String) -> RGB {
    let value = Int(text.dropFirst(), radix: 16)!
    let parts = [value >> 16 & 255, value >> 8 & 255, value & 255].map { part in
      let x = Double(part) / 255
      return x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4)
    }
    return (parts[0], parts[1], parts[2])
  }

  /// Relative luminance and contrast of WCAG 2.
  private static func contrast(_ a: String, _ b: String) -> Double {
    let luminances = [a, b].map(linear).map { 0.2126 * $0.r + 0.7152 * $0.g + 0.0722 * $0.b }.sorted()
    return (luminances[1] + 0.05) / (luminances[0] + 0.05)
  }

  /// Complete deficiencies by Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision
  /// deficiency", 2009, severity 1.
  private static let visions: [(name: String, matrix: [Double])] = [
    ("normal", [1, 0, 0, 0, 1, 0, 0, 0, 1]),
    (
      "protanopia",
      [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998]
    ),
    (
      "deuteranopia",
      [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881]
    ),
    (
      "tritanopia",
      [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900]
    ),
  ]

  /// CIE L*a*b* of linear light, D65.
  private static func lab(_ c: RGB) -> RGB {
    let x = (0.4124564 * c.r + 0.3575761 * c.g + 0.1804375 * c.b) / 0.95047
    let y = 0.2126729 * c.r + 0.7151522 * c.g + 0.0721750 * c.b
    let z = (0.0193339 * c.r + 0.1191920 * c.g + 0.9503041 * c.b) / 1.08883
    func f(_ t: Double) -> Double { t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116 }
    return (116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z)))
  }

  private static func distance(_ a: String, _ b: String, _ matrix: [Double]) -> Double {
    let (p, q) = (seen(a, matrix), seen(b, matrix))
    return (pow(p.r - q.r, 2) + pow(p.g - q.g, 2) + pow(p.b - q.b, 2)).squareRoot()
  }

  private static func seen(_ text: String, _ m: [Double]) -> RGB {
    let c = linear(text)
    func clamp(_ v: Double) -> Double { min(1, max(0, v)) }
    return lab(
      (
        clamp(m[0] * c.r + m[1] * c.g + m[2] * c.b), clamp(m[3] * c.r + m[4] * c.g + m[5] * c.b),
        clamp(m[6] * c.r + m[7] * c.g + m[8] * c.b)
      ))
  }

  @Test func seriesStayApartForEveryKindOfColourVision() {
    for ground in [\FigureStyle.Colour.light, \.dark] {
      for (index, a) in FigureStyle.series.enumerated() {
        for b in FigureStyle.series.dropFirst(index + 1) {
          for vision in Self.visions {
            // 2.3 is a just noticeable difference; side by side at a distance it takes a multiple.
            let distance = Self.distance(a[keyPath: ground], b[keyPath: ground], vision.matrix)
            #expect(
              distance >= 11, "\(a[keyPath: ground]) and \(b[keyPath: ground]), \(vision.name): \(distance)")
          }
        }
      }
    }
  }

  @Test func everythingIsReadableOnItsGround() {
    for ground in [\FigureStyle.Colour.light, \.dark] {
      let background = FigureStyle.background[keyPath: ground]
      for colour in FigureStyle.series {
        // WCAG 2.1, 1.4.11: graphical objects.
        #expect(Self.contrast(colour[keyPath: ground], background) >= 3, "\(colour)")
      }
      for colour in [FigureStyle.text, FigureStyle.muted] {
        // 1.4.3: text.
        #expect(Self.contrast(colour[keyPath: ground], background) >= 4.5, "\(colour)")
      }
    }
  }
}
