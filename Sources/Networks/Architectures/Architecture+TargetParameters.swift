import Compute

extension Architecture {
  /// The number of parameters; refuses what `Network` refuses.
  package func parameterCount(input: SampleShape, classes: Int) throws(ArchitectureError) -> Int {
    try Network<Double>(self, input: input, classes: classes).parameterCount
  }

  /// This architecture at the width whose parameter count is nearest to a target.
  ///
  /// Counts grow with the width factor in steps, so a bisection over the factor ends at the two counts about the
  /// target. An equally near smaller network is preferred. Refused where the nearest width is more than a fifth off
  /// (a single unit too many, or none that can be built).
  package func scaled(
    toParameters target: Int, input: SampleShape, classes: Int
  ) throws(ArchitectureError) -> Architecture {
    guard target > 0 else { throw .invalid(field: "scaling/target_parameters", reason: "at least 1") }
    // Refuses what has no width, or makes no sense at its own size.
    _ = try scaled(Scaling(rule: .width, factor: 1)).parameterCount(input: input, classes: classes)
    var (low, high) = (1e-6, 1e6)
    var below: (architecture: Architecture, count: Int)?
    var above: (architecture: Architecture, count: Int)?
    for _ in 0..<80 where high / low > 1 + 1e-12 {
      let factor = (low * high).squareRoot()
      let candidate = try scaled(Scaling(rule: .width, factor: factor))
      let count: Int
      do {
        count = try candidate.parameterCount(input: input, classes: classes)
      } catch .tooLarge {
        high = factor
        continue
      }
      if count <= target {
        below = (candidate, count)
        low = factor
      } else {
        above = (candidate, count)
        high = factor
      }
    }
    let candidates = [below, above].compactMap { $0 }
    guard let nearest = candidates.min(by: { abs($0.count - target) < abs($1.count - target) }) else {
      throw .tooLarge
    }
    guard abs(nearest.count - target) * 5 <= target else {
      throw .invalid(
        field: "scaling/target_parameters",
        reason: "no width of this network comes near \(target) parameters: the nearest has \(nearest.count)")
    }
    return nearest.architecture
  }
}
