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
