/// An interval along one axis: a line with caps, or with an arrow where an end is not known or lies beyond the axis.
struct IntervalBar {
  let scale: AxisScale
  let lower: Double?
  let upper: Double?

  /// Along the horizontal axis, at the height `y`.
  func horizontal(y: Double, cap: Double = 5, classes: String) -> [SVGElement] {
    let (from, to) = ends
    return [Draw.line(from.place, y, to.place, y, classes: classes)]
      + [(from, 1.0), (to, -1.0)].map { end, inward in
        end.isClosed
          ? Draw.line(end.place, y - cap, end.place, y + cap, classes: classes)
          : Draw.polyline(
            [(end.place + 6 * inward, y - cap), (end.place, y), (end.place + 6 * inward, y + cap)],
            classes: classes)
      }
  }

  /// Along the vertical axis, at the place `x`.
  func vertical(x: Double, cap: Double = 4, classes: String) -> [SVGElement] {
    let (from, to) = ends
    return [Draw.line(x, from.place, x, to.place, classes: classes)]
      + [(from, -1.0), (to, 1.0)].map { end, inward in
        end.isClosed
          ? Draw.line(x - cap, end.place, x + cap, end.place, classes: classes)
          : Draw.polyline(
            [(x - cap, end.place + 6 * inward), (x, end.place), (x + cap, end.place + 6 * inward)],
            classes: classes)
      }
  }

  private struct End {
    let place: Double
    let isClosed: Bool
  }

  private var ends: (End, End) {
    (
      End(
        place: lower.map(scale.clampedPlace) ?? scale.start,
        isClosed: lower.map { $0 >= scale.domain.lowerBound } ?? false),
      End(
        place: upper.map(scale.clampedPlace) ?? scale.end,
        isClosed: upper.map { $0 <= scale.domain.upperBound } ?? false)
    )
  }
}
