import Foundation

/// How much longer a measurement takes, roughly: the probes that its search will still ask for, at the time that those so
/// far took. Of a search that settles its budget only the present guard's.
struct TimeLeft {
  /// Probes that are still to come; nil where nothing can be told yet.
  let probes: Double?

  init(_ observations: [ProbeObservation], _ estimate: Estimate, search: Search) {
    let runs = estimate.runs
    switch search.settings.strategy {
    case .adaptive(let options):
      guard runs.count > 0 else {
        probes = nil
        return
      }
      let (count, width) = (Double(runs.count), estimate.threshold.relativeWidth)
      // An interval narrows with the root of the runs; while there is hardly one, the scale says how many it takes.
      let wanted =
        width <= 1
        ? count * pow(width / options.relativeWidth, 2)
        : 8 + pow(12 * estimate.threshold.posterior.expectedScale / options.relativeWidth, 2)
      probes = width <= options.relativeWidth ? 0 : max(1, min(wanted, Double(options.maxProbes)) - count)
    case .bisect, .increment, .grid:
      probes = Self.played(observations, estimate, search)
    }
  }

  /// The probes of a search whose next outcomes are those that the threshold so far makes likely.
  private static func played(
    _ observations: [ProbeObservation], _ estimate: Estimate, _ search: Search
  ) -> Double? {
    var history = observations
    let threshold = estimate.threshold.samples ?? Double(estimate.emc ?? 0)
    for _ in 0..<100 {
      guard case .round(let addresses) = search.next(history) else {
        return Double(history.count - observations.count)
      }
      history += addresses.map {
        ProbeObservation(address: $0, outcome: Double($0.samples) <= threshold ? .fit : .budget, steps: 1)
      }
    }
    return nil
  }

  /// Seconds, where `elapsed` have passed so far; nil where nothing can be told yet.
  func seconds(_ observations: [ProbeObservation], elapsed: Double?, limits: MeasurementLimits) -> Double? {
    var left: Double?
    if let probes, let elapsed, !observations.isEmpty {
      left = probes * elapsed / Double(observations.count)
    }
    if let elapsed, let maxSeconds = limits.maxSeconds {
      left = min(left ?? .infinity, max(0, maxSeconds - elapsed))
    }
    return left
  }
}
