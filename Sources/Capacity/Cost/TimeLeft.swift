import Foundation

/// How much longer a measurement takes, roughly: what its search will still ask for, each probe at what it is expected to cost
/// (`StepCost`), at the pace so far. Of a search that settles its budget only the present guard's.
struct TimeLeft {
  /// What is still to come, in the unit of `spent`; nil where nothing can be told yet.
  private let cost: Double?
  /// What the probes that have ended cost.
  private let spent: Double

  /// - Parameters:
  ///   - all: the probes that have ended, those of a race before the search too.
  ///   - outstanding: the probes that have been asked for and have not ended.
  init(_ all: [ProbeObservation], outstanding: [ProbeAddress], _ estimate: Estimate, search: Search) {
    let observations = all.filter { $0.address.candidate == nil }
    let outstanding = outstanding.filter { $0.candidate == nil }
    let runs = estimate.runs
    let guardSteps = search.guardSteps(search.doublings(runs))
    let threshold = estimate.threshold.samples ?? Double(estimate.emc ?? 1)
    let step = StepCost(runs, search: search, guardSteps: guardSteps, likelySize: max(1, threshold))
    spent = all.reduce(0) { $0 + step.cost(of: $1.address.samples, steps: Double($1.steps)) }
    guard !runs.isEmpty else {
      cost = nil
      return
    }
    func expected(_ address: ProbeAddress) -> Double {
      step.expected(address.samples, fit: Self.fits(address, threshold) ? 1 : 0)
    }
    let underWay = outstanding.reduce(0) { $0 + expected($1) }
    switch search.settings.strategy {
    case .adaptive(let options):
      let (count, width) = (Double(runs.count), estimate.threshold.relativeWidth)
      // An interval narrows with the root of the runs; while there is hardly one, the scale says how many it takes.
      let wanted =
        width <= 1
        ? count * pow(width / options.relativeWidth, 2)
        : 8 + pow(12 * estimate.threshold.posterior.expectedScale / options.relativeWidth, 2)
      let asked = count + Double(outstanding.count)
      let further = max(0, min(max(wanted, count + 1), Double(options.maxProbes)) - asked)
      cost =
        underWay
        + (width <= options.relativeWidth ? 0 : further * step.expected(Int(max(1, threshold)), fit: 0.5))
    case .bisect, .increment, .grid:
      let played = Self.played(observations, outstanding, threshold, search)
      cost = played.map { $0.reduce(underWay) { $0 + expected($1) } }
    }
  }

  /// Whether a probe fits by the threshold so far; what is trained after a search is no larger than that.
  private static func fits(_ address: ProbeAddress, _ threshold: Double) -> Bool {
    address.kind != .verification && Double(address.samples) <= threshold
  }

  /// What a search asks for after what is under way, if all goes as the threshold so far makes likely; nil where that takes
  /// too many rounds to tell.
  private static func played(
    _ observations: [ProbeObservation], _ outstanding: [ProbeAddress], _ threshold: Double, _ search: Search
  ) -> [ProbeAddress]? {
    func likely(_ address: ProbeAddress) -> ProbeObservation {
      ProbeObservation(address: address, outcome: fits(address, threshold) ? .fit : .budget, steps: 1)
    }
    var history = observations + outstanding.map(likely)
    let known = history.count
    for _ in 0..<100 {
      guard case .round(let addresses) = search.next(history) else {
        return history.dropFirst(known).map(\.address)
      }
      history += addresses.map(likely)
    }
    return nil
  }

  /// Seconds, where `elapsed` have passed so far; nil where nothing can be told yet.
  func seconds(elapsed: Double?, limits: MeasurementLimits) -> Double? {
    var left: Double?
    if let cost, let elapsed, spent > 0 { left = cost * elapsed / spent }
    if let elapsed, let maxSeconds = limits.maxSeconds {
      left = min(left ?? .infinity, max(0, maxSeconds - elapsed))
    }
    return left
  }
}
