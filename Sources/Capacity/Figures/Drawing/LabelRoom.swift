/// Where labels find room: beside what is drawn, and beside each other.
struct LabelRoom {
  /// An upright rectangle.
  struct Box: Hashable {
    let x, y, width, height: Double

    func overlaps(_ other: Box) -> Bool {
      x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
    }

    func contains(_ other: Box) -> Bool {
      other.x >= x && other.x + other.width <= x + width && other.y >= y
        && other.y + other.height <= y + height
    }
  }

  /// One line of a text, by the middle of its height.
  struct Place {
    /// The class that a text has for it.
    enum Anchor: String {
      case start = ""
      case middle = " middle"
      case end = " end"
    }

    let x, y: Double
    let anchor: Anchor

    func box(_ width: Double) -> Box {
      let left =
        switch anchor {
        case .start: x
        case .middle: x - width / 2
        case .end: x - width
        }
      return Box(x: left, y: y - 6, width: width, height: 12)
    }
  }

  /// What labels may stand in.
  let bounds: Box
  /// What they may not cover.
  private(set) var taken: [Box]

  init(within area: PlotArea, around taken: [Box]) {
    bounds = Box(x: area.left, y: area.top, width: area.right - area.left, height: area.bottom - area.top)
    self.taken = taken
  }

  /// The first of the places at which a text of this width covers nothing, which is taken then.
  mutating func place(_ width: Double, among places: [Place]) -> Place? {
    let free = places.first { place in
      let box = place.box(width)
      return bounds.contains(box) && !taken.contains { $0.overlaps(box) }
    }
    if let free { taken.append(free.box(width)) }
    return free
  }
}
