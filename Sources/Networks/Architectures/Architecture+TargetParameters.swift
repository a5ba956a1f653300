import Compute
import Foundation

extension Architecture {
  /// The number of parameters; refuses what `Network` refuses.
  package func parameterCount(input: SampleShape, classes: Int) throws(ArchitectureError) -> Int {
    try Network<Double>(self, input: input, classes: classes).parameterCount
  }

  /// This architecture at the width whose parameter count is nearest to a target.
  ///
  /// Counts grow with the width factor in steps, so a bisection over the factor ends at the two counts about the
  /// target. Widths at which the network can't be built (where an input that is added holds one) are stepped over. An
  /// equally near smaller network is preferred. Refused where the nearest width is more than a fifth off (a single unit
  /// too many, or none that can be built).
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
      // The middle, and places beside it that are asked where it can't be built.
      var factors = [(low * high).squareRoot()]
      for part in [0.25, 0.75, 0.125, 0.375, 0.625, 0.875] { factors.append(low * pow(high / low, part)) }
      var isDecided = false
      for factor in factors where !isDecided {
        switch atWidth(factor, input: input, classes: classes) {
        case .success(let candidate):
          if candidate.count <= target {
            below = candidate
            low = factor
          } else {
            above = candidate
            high = factor
          }
          isDecided = true
        case .failure(.tooLarge):
          high = factor
          isDecided = true
        case .failure(.invalid): break
        }
      }
      guard !isDecided else { continue }
      // What can be built lies at the end where something was.
      if below != nil {
        high = factors.min() ?? high
      } else if above != nil {
        low = factors.max() ?? low
      } else {
        break
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

  /// This architecture at a width and its parameters, or why there is none.
  private func atWidth(
    _ factor: Double, input: SampleShape, classes: Int
  ) -> Result<(architecture: Architecture, count: Int), ArchitectureError> {
    do throws(ArchitectureError) {
      let architecture = try scaled(Scaling(rule: .width, factor: factor))
      let count = try architecture.parameterCount(input: input, classes: classes)
      return .success((architecture: architecture, count: count))
    } catch {
      return .failure(error)
    }
  }
}
