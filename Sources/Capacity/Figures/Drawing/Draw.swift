/// The few shapes that figures are made of.
enum Draw {
  static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, classes: String) -> SVGElement {
    SVGElement(
      "line", ["class": classes, "x1": x1.pixels, "y1": y1.pixels, "x2": x2.pixels, "y2": y2.pixels])
  }

  static func text(_ text: String, x: Double, y: Double, classes: String = "") -> SVGElement {
    classes.isEmpty
      ? SVGElement("text", ["x": x.pixels, "y": y.pixels], text: text)
      : SVGElement("text", ["class": classes, "x": x.pixels, "y": y.pixels], text: text)
  }

  /// `title` is shown to who points at it.
  static func rectangle(
    x: Double, y: Double, width: Double, height: Double, classes: String, title: String? = nil
  ) -> SVGElement {
    SVGElement(
      "rect",
      ["class": classes, "x": x.pixels, "y": y.pixels, "width": width.pixels, "height": height.pixels],
      title.map { [SVGElement("title", text: $0)] } ?? [])
  }

  /// A line through points, in their order.
  static func polyline(_ points: [(x: Double, y: Double)], classes: String) -> SVGElement {
    SVGElement("polyline", ["class": classes, "points": list(points)])
  }

  /// The area between a line and the one that goes back.
  static func band(_ upper: [(x: Double, y: Double)], _ lower: [(x: Double, y: Double)], classes: String)
    -> SVGElement
  {
    SVGElement("polygon", ["class": classes, "points": list(upper + lower.reversed())])
  }

  private static func list(_ points: [(x: Double, y: Double)]) -> String {
    points.map { "\($0.x.pixels),\($0.y.pixels)" }.joined(separator: " ")
  }

  static func group(_ classes: String, _ children: [SVGElement]) -> SVGElement {
    SVGElement("g", ["class": classes], children)
  }
}
