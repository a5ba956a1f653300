/// A picture of data with the numbers that it shows. Equal input gives equal bytes.
package protocol Figure: Sendable {
  /// Self-contained, without scripts or references.
  var svg: String { get }
  /// A row for everything that is drawn by a number.
  var rows: [TableRow] { get }
  /// The first columns of the rows, whether they have them or not.
  static var columns: [String] { get }
}

extension Figure {
  /// The rows as a table (RFC 4180).
  package var csv: String { String(decoding: CSVText.table(rows, leading: Self.columns), as: UTF8.self) }
}

/// The page that a figure is drawn on: title, lines below it, what else is drawn from the top down, and the text for who
/// doesn't see it.
struct FigurePage {
  let title: String
  let description: String
  let width: Double
  private(set) var elements: [SVGElement] = []
  /// Where what comes next begins.
  var y: Double

  /// Left and right of everything.
  static let margin = 20.0

  /// - Parameter lines: below the title, the first of them emphasised, each as many of its sentences as have room.
  init(title: String, lines: [String], description: String, width: Double = 760) {
    self.title = title
    self.description = description
    self.width = width
    y = 0
    let inner = width - 2 * Self.margin
    y = 30
    for line in TextMetrics(size: 17, isBold: true).lines(title, width: inner, limit: 2) {
      elements.append(Draw.text(line, x: Self.margin, y: y, classes: "title"))
      y += 21
    }
    for (index, line) in lines.enumerated() {
      for part in TextMetrics(size: 12, isBold: index == 0).sentenceLines(line, width: inner, limit: 3) {
        elements.append(Draw.text(part, x: Self.margin, y: y, classes: index == 0 ? "strong" : "muted"))
        y += 17
      }
    }
  }

  mutating func append(_ element: SVGElement) { elements.append(element) }
  mutating func append(contentsOf more: [SVGElement]) { elements.append(contentsOf: more) }

  mutating func append(_ legend: Legend, left: Double = margin) {
    let (drawn, height) = legend.elements(x: left, y: y, right: width - Self.margin)
    elements.append(contentsOf: drawn)
    y += height
  }

  /// The document, as high as what was drawn.
  func svg() -> String {
    let height = (y + 14).rounded(.up)
    let children =
      [
        SVGElement("title", text: title), SVGElement("desc", text: description),
        SVGElement(styleSheet: FigureStyle.sheet),
        Draw.rectangle(x: 0, y: 0, width: width, height: height, classes: "background"),
      ] + elements
    let root = SVGElement(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "class": "emc-figure", "role": "img", "width": width.pixels,
        "height": height.pixels, "viewBox": "0 0 \(width.pixels) \(height.pixels)",
      ], children)
    return root.text + "\n"
  }
}
