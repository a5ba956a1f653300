/// A rectangle with two axes: grid lines, marks with labels, titles. What is drawn in it is placed by `x` and `y`.
struct PlotArea {
  let x: AxisScale
  let y: AxisScale
  /// Above the area, at its left: what the panel shows, and in what units.
  var heading: String
  var note: String?
  var xTitle: String
  /// What replaces the marks that the vertical axis would have by itself.
  var yTicks: [Tick]?
  /// Where a panel is one of several that share an axis, its labels are left out.
  var showsXLabels = true
  var showsYLabels = true
  /// The horizontal axis lies so far below the area's own lower edge.
  var below = 0.0
  /// Vertical lines begin so far above the area's upper edge.
  var above = 0.0
  /// From where to where horizontal lines go; the horizontal axis may be shorter.
  var left: Double
  var right: Double

  init(x: AxisScale, y: AxisScale, heading: String, note: String? = nil, xTitle: String) {
    self.x = x
    self.y = y
    self.heading = heading
    self.note = note
    self.xTitle = xTitle
    (left, right) = (x.start, x.end)
  }

  var top: Double { y.end }
  var bottom: Double { y.start }

  /// Below this the panel has nothing more.
  var lowerEnd: Double { bottom + below + (showsXLabels ? 20 : 4) + (xTitle.isEmpty ? 0 : 18) }

  /// The frame, to be drawn beneath everything else of the panel.
  func frame() -> [SVGElement] {
    var elements: [SVGElement] = []
    if !heading.isEmpty {
      elements.append(
        Draw.text(heading, x: left, y: top - above - (note == nil ? 10 : 25), classes: "heading"))
    }
    if let note { elements.append(Draw.text(note, x: left, y: top - above - 10, classes: "muted")) }
    for tick in x.ticks(room: 62) where tick.label != nil {
      let place = x.place(tick.value)
      elements.append(Draw.line(place, top - above, place, bottom + below, classes: "grid"))
    }
    for tick in yTicks ?? y.ticks(room: 34) {
      let place = y.place(tick.value)
      guard let label = tick.label else {
        elements.append(Draw.line(left - 3, place, left, place, classes: "axis"))
        continue
      }
      elements.append(Draw.line(left, place, right, place, classes: "grid"))
      if showsYLabels { elements.append(Draw.text(label, x: left - 9, y: place + 4, classes: "muted end")) }
    }
    return elements + horizontalAxis()
  }

  private func horizontalAxis() -> [SVGElement] {
    let line = bottom + below
    var elements = [Draw.line(x.start, line, x.end, line, classes: "axis")]
    for tick in x.ticks(room: 62) {
      let place = x.place(tick.value)
      elements.append(Draw.line(place, line, place, line + (tick.label == nil ? 3 : 5), classes: "axis"))
      if let label = tick.label, showsXLabels {
        elements.append(Draw.text(label, x: place, y: line + 18, classes: "muted middle"))
      }
    }
    if !xTitle.isEmpty {
      elements.append(
        Draw.text(xTitle, x: (x.start + x.end) / 2, y: line + (showsXLabels ? 36 : 20), classes: "middle"))
    }
    return elements
  }
}
