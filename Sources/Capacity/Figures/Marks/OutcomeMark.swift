import Training

extension Outcome {
  /// The mark of a probe that ended so: fits are solid, failures hollow, each with a form and a colour of its own.
  var mark: (shape: MarkShape, series: Int, isSolid: Bool) {
    switch self {
    case .fit: (.circle, 0, true)
    case .budget: (.circle, 1, false)
    case .minimum: (.square, 2, false)
    case .saddle: (.triangle, 3, false)
    case .diverged: (.cross, 5, true)
    }
  }

  /// The mark of a run that ended so, in its stack: upwards (−1) or downwards (1) from the height `base`.
  func element(
    _ index: Int, in stack: DotStack, from base: Double, _ direction: Double, classes: String,
    title: String? = nil
  ) -> SVGElement {
    let (x, y) = (stack.places[index], base + direction * stack.distance(index))
    let classes = (mark.isSolid || stack.isCrowded ? "solid" : "hollow") + classes
    guard stack.isCrowded else {
      return mark.shape.element(x: x, y: y, radius: stack.radius, classes: classes, title: title)
    }
    return Draw.rectangle(
      x: x - stack.radius, y: y - stack.pitch / 2, width: 2 * stack.radius, height: stack.pitch,
      classes: classes, title: title)
  }

  /// What it is, for a legend.
  var legend: String {
    switch self {
    case .fit: "fit"
    case .budget: "steps spent"
    case .minimum: "at a minimum"
    case .saddle: "at a saddle"
    case .diverged: "diverged"
    }
  }
}
