/// What marks, lines and bands stand for, in as many rows as they take.
struct Legend {
  enum Key {
    case mark(MarkShape, classes: String)
    case line(classes: String)
    case band(classes: String)
    case interval(MarkShape, classes: String)
  }

  struct Entry {
    let key: Key
    let label: String
    /// The class that has the entry's colour.
    let group: String
  }

  var entries: [Entry] = []

  mutating func add(_ key: Key, _ label: String, group: String = "") {
    entries.append(Entry(key: key, label: label, group: group))
  }

  private static let metrics = TextMetrics(size: 12)
  private static let rowHeight = 20.0

  /// The elements from `x` to `right`, and the height they take.
  func elements(x left: Double, y top: Double, right: Double) -> (elements: [SVGElement], height: Double) {
    var elements: [SVGElement] = []
    var (x, y) = (left, top + 10)
    for entry in entries {
      let keyWidth = entry.key.width
      let label = Self.metrics.shortened(entry.label, to: right - left - keyWidth - 6)
      let width = keyWidth + 6 + Self.metrics.width(label)
      if x > left, x + width > right {
        x = left
        y += Self.rowHeight
      }
      elements.append(Draw.group(entry.group, entry.key.elements(x: x, y: y)))
      elements.append(Draw.text(label, x: x + keyWidth + 6, y: y + 4))
      x += width + 20
    }
    return (elements, entries.isEmpty ? 0 : y - top + 10)
  }
}

extension Legend.Key {
  fileprivate var width: Double {
    switch self {
    case .mark: 10
    case .line, .band, .interval: 24
    }
  }

  fileprivate func elements(x: Double, y: Double) -> [SVGElement] {
    switch self {
    case .mark(let shape, let classes): [shape.element(x: x + 5, y: y, radius: 4.2, classes: classes)]
    case .line(let classes): [Draw.line(x, y, x + width, y, classes: classes)]
    case .band(let classes): [Draw.rectangle(x: x, y: y - 6, width: width, height: 12, classes: classes)]
    case .interval(let shape, let classes):
      [
        Draw.line(x, y, x + width, y, classes: "line thin"),
        Draw.line(x, y - 4, x, y + 4, classes: "line thin"),
        Draw.line(x + width, y - 4, x + width, y + 4, classes: "line thin"),
        shape.element(x: x + width / 2, y: y, radius: 4.2, classes: classes),
      ]
    }
  }
}
