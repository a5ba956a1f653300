/// The form of a mark: told apart without its colour too.
enum MarkShape: Sendable, Hashable, CaseIterable {
  case circle, square, diamond, triangle, invertedTriangle, cross

  /// The mark around a place, about as large to the eye whatever its form. `title` is shown to who points at it.
  func element(x: Double, y: Double, radius r: Double, classes: String, title: String? = nil) -> SVGElement {
    let children = title.map { [SVGElement("title", text: $0)] } ?? []
    if self == .circle {
      return SVGElement(
        "circle", ["class": classes, "cx": x.pixels, "cy": y.pixels, "r": r.pixels], children)
    }
    return SVGElement("path", ["class": classes, "d": path(x, y, r)], children)
  }

  private func path(_ x: Double, _ y: Double, _ r: Double) -> String {
    func polygon(_ points: [(Double, Double)]) -> String {
      "M" + points.map { "\((x + $0.0 * r).pixels) \((y + $0.1 * r).pixels)" }.joined(separator: "L") + "Z"
    }
    return switch self {
    case .circle: ""
    case .square: polygon([(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)])
    case .diamond: polygon([(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)])
    case .triangle: polygon([(0, -1.2), (1.12, 0.85), (-1.12, 0.85)])
    case .invertedTriangle: polygon([(0, 1.2), (1.12, -0.85), (-1.12, -0.85)])
    case .cross:
      polygon([
        (-1.1, -0.7), (-0.7, -1.1), (0, -0.4), (0.7, -1.1), (1.1, -0.7), (0.4, 0), (1.1, 0.7), (0.7, 1.1),
        (0, 0.4),
        (-0.7, 1.1), (-1.1, 0.7), (-0.4, 0),
      ])
    }
  }
}
