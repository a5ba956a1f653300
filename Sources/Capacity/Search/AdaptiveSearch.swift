import Compute
import Foundation

/// Asks for the sizes that are expected to tell the most about the threshold for the training steps that they cost, a few
/// at once, until the interval is narrow enough or its probes are used up.
///
/// The first round begins at `initialSamples`. Of every round but its first size the sizes are drawn, by streams keyed by
/// the seed and the number of runs before, so that what is asked for depends on the history alone; neither the wanted
/// width nor the number of probes has a part in it, and a search that asks for more begins as one that asks for less.
package struct AdaptiveSearch {
  /// What a specification says of it.
  package struct Options: Sendable, Hashable {
    /// The search ends when (upper − lower) / n₅₀ of the interval is no larger.
    package var relativeWidth = 0.2
    /// Runs at most.
    package var maxProbes = 100
    /// Runs that are asked for at once.
    package var probesPerRound = 4

    /// The defaults.
    package init() {}
  }

  private let search: Search
  private let options: Options

  init(_ search: Search, _ options: Options) {
    self.search = search
    self.options = options
  }

  func next(_ history: [ProbeObservation]) -> SearchDecision {
    let runs = search.runs(history)
    guard !runs.isEmpty else {
      return round(runs, search.design([], sizes: search.sizes), doublings: 0)
    }
    let doublings = search.doublings(runs)
    let threshold = search.threshold(history, doublings: doublings)
    let isUsedUp = runs.count >= options.maxProbes
    if !isNarrow(threshold) {
      let stopped = stopped(runs, threshold, doublings: doublings)
      if !stopped.isEmpty { return .round(stopped) }
    }
    if !isUsedUp, !isNarrow(threshold) { return round(runs, threshold.design, doublings: doublings) }
    guard case .settle(let tolerance, let maxSteps) = search.settings.budget, threshold.isTwoSided else {
      return .finished
    }
    let growth = search.growth(history, doublings: doublings, threshold: threshold)
    if growth.isSettled(tolerance) { return .finished }
    // Where it may well have settled, more runs tell; where it surely has not, only a longer guard does.
    if !isUsedUp, growth.mayBeSettled(tolerance) {
      return round(runs, threshold.design, doublings: doublings)
    }
    guard search.guardSteps(doublings) <= maxSteps / 2 else { return .finished }
    // Where each guard has runs of its own they are as many again.
    if isUsedUp, !search.procedure.dependsOnGuard, !canFollow(runs, threshold, growth) { return .finished }
    let longer = extensions(runs, threshold, growth, doublings: doublings + 1)
    return longer.isEmpty ? .finished : .round(longer)
  }

  /// Whether the interval is narrow enough, or as narrow as whole samples are; one that has an end beyond the range is when all
  /// of it is.
  private func isNarrow(_ threshold: MeasuredThreshold) -> Bool {
    guard threshold.isClaimed else { return false }
    if threshold.relativeWidth <= options.relativeWidth || threshold.isBeyondRange { return true }
    guard case (let lower?, let upper?) = threshold.interval else { return false }
    return upper - lower <= 1
  }

  /// Whether the runs that there are would tell where n₅₀ is with twice the guard: where no more may be added, a threshold
  /// that grows leaves them behind, and the longest guard's reading would say less than a shorter one's does.
  private func canFollow(
    _ runs: [TrainingRun], _ threshold: MeasuredThreshold, _ growth: BudgetGrowth
  ) -> Bool {
    let curve = PointCurve(threshold.posterior)
    func information(moved: Double) -> Double {
      runs.reduce(0) { $0 + curve.information($1.samples, moved: moved) }
    }
    let (now, then) = (information(moved: 0), information(moved: log(1 + (growth.value ?? 0))))
    return threshold.relativeWidth * (now / max(then, 1e-9)).squareRoot() <= Self.widest
      * options.relativeWidth
  }
  private static let widest = 2.0

  private func round(_ runs: [TrainingRun], _ posterior: FitCurvePosterior, doublings: Int) -> SearchDecision
  {
    let count = min(options.probesPerRound, options.maxProbes - runs.count)
    let threshold = ThresholdDistribution(posterior)
    let cost = StepCost(
      runs, search: search, guardSteps: search.guardSteps(doublings), likelySize: exp(threshold.quantile(0.5))
    )
    let design = ProbeDesign(posterior, threshold: threshold) { cost.expected($0, fit: $1) }
    var stream = RandomStream(seed: search.seed, purpose: .search, samples: runs.count, replicate: doublings)
    var sizes = design.sizes((1..<max(2, options.probesPerRound)).map { _ in stream.uniform() })
    if runs.isEmpty { sizes[0] = min(search.settings.initialSamples, search.limits.samples) }
    var replicates: [Int: Int] = [:]
    for run in runs { replicates[run.samples, default: 0] += 1 }
    return .round(
      sizes.prefix(count).map { size in
        defer { replicates[size, default: 0] += 1 }
        return ProbeAddress(
          samples: size, replicate: search.settings.firstReplicate + replicates[size, default: 0],
          doublings: doublings)
      })
  }

  /// Runs that were stopped at a shorter guard and of which it would have to be known now whether they fit: left out of this
  /// guard's first round because they hardly could, they alone may say from which size on too few do. The smallest first, as
  /// many as are asked for at once; they are runs that there are already, whatever is used up.
  private func stopped(
    _ runs: [TrainingRun], _ threshold: MeasuredThreshold, doublings: Int
  ) -> [ProbeAddress] {
    guard doublings > 0, !search.procedure.dependsOnGuard else { return [] }
    let steps = search.guardSteps(doublings)
    let curve = PointCurve(threshold.posterior)
    let largestFit = runs.last { $0.isFit(at: steps) == true }?.samples ?? 0
    return runs.filter { run in
      guard run.isFit(at: steps) == nil else { return false }
      let p = curve.fit(run.samples)
      return p > 0.02 && (p < 0.98 - curve.lapse || run.samples > largestFit)
    }.prefix(options.probesPerRound).map {
      ProbeAddress(samples: $0.samples, replicate: $0.replicate, doublings: doublings)
    }
  }

  /// The first round with a guard of so many doublings, after all that was seen with shorter ones.
  func extensions(_ history: [ProbeObservation], doublings: Int) -> [ProbeAddress] {
    let runs = search.runs(history)
    let threshold = search.threshold(history, doublings: doublings - 1)
    let growth = search.growth(history, doublings: doublings - 1, threshold: threshold)
    return extensions(runs, threshold, growth, doublings: doublings)
  }

  /// The runs that may well fit with the larger guard, or that this would have to be known of.
  private func extensions(
    _ runs: [TrainingRun], _ threshold: MeasuredThreshold, _ growth: BudgetGrowth, doublings: Int
  ) -> [ProbeAddress] {
    let curve = PointCurve(threshold.posterior)
    let step = log(1 + max(growth.upper, search.settings.budget.tolerance))
    return runs.filter { run in
      if search.procedure.dependsOnGuard {
        let p = curve.fit(run.samples)
        return p > 0.02 && p < 0.98 - curve.lapse
      }
      guard run.isFit(at: search.guardSteps(doublings)) == nil else { return false }
      let (now, then) = (curve.fit(run.samples), curve.fit(run.samples, moved: step))
      return (then - now) / max(1e-9, 1 - now) > 0.01
    }.map { ProbeAddress(samples: $0.samples, replicate: $0.replicate, doublings: doublings) }
  }
}

/// One curve in place of a posterior: its mean scale and lapse at its median threshold.
struct PointCurve {
  let scale: Double
  let lapse: Double
  private let middle: Double

  init(_ posterior: FitCurvePosterior) {
    scale = posterior.expectedScale
    lapse = min(0.45, posterior.expectedLapse)
    middle = ThresholdDistribution(posterior).quantile(0.5) - scale * log(1 - 2 * lapse)
  }

  /// What a run of n samples tells of ln n₅₀: (∂p / ∂ ln n₅₀)² / (p (1 − p)), for a curve that has moved up by so much.
  func information(_ samples: Int, moved: Double) -> Double {
    let p = fit(samples, moved: moved)
    guard p > 0, p < 1 else { return 0 }
    let slope = p * (1 - p / (1 - lapse)) / scale
    return slope * slope / (p * (1 - p))
  }

  /// p(n), for a curve that has moved up by so much of ln n.
  func fit(_ samples: Int, moved: Double = 0) -> Double {
    (1 - lapse) / (1 + exp((log(Double(samples)) - middle - moved) / scale))
  }
}

/// What a probe of n samples that takes t steps costs: with batches of B, in steps, t + 1 + n / B, since samples are drawn and
/// checked too; where a step goes over all samples, in samples, (t + 2) n, and `slot` besides: a search has only so many probes,
/// and many small ones that tell little would look cheap.
///
/// How many steps that will be is learned from the runs so far: a failure takes the failures' mean, a fit as many as fits of its
/// size took.
struct StepCost {
  private let failure: Double
  private let guardSteps: Double
  /// nil where a step goes over all samples.
  private let batchSize: Double?
  private let likelySize: Double
  /// ln(steps of a fit) = intercept + slope · ln n; nil before anything fitted.
  private let fits: (intercept: Double, slope: Double)?

  /// The part of a failure at the likely threshold that any probe costs. By simulation (s = 0.05, 0.15 and 0.4, thresholds from 30 to
  /// 10,000) a tenth takes as many probes to the same width as where all sizes' steps cost the same, and passes over 0.57, 0.72
  /// and 0.66 times as many samples; without it there are up to a quarter more probes.
  private static let slot = 0.1

  /// - Parameter likelySize: the threshold that is likely so far.
  init(_ runs: [TrainingRun], search: Search, guardSteps: Int, likelySize: Double) {
    self.guardSteps = Double(guardSteps)
    self.likelySize = likelySize
    batchSize = search.procedure.batchSize.map(Double.init)
    let failed = runs.filter { $0.fitSteps == nil }.map { Double($0.hasEnded ? $0.steps : guardSteps) }
    failure = failed.isEmpty ? Double(guardSteps) : failed.reduce(0, +) / Double(failed.count)
    let points = runs.compactMap { run in
      run.fitSteps.map { (x: log(Double(run.samples)), y: log(Double(max(1, $0)))) }
    }
    if points.isEmpty {
      fits = nil
    } else {
      let count = Double(points.count)
      let (x, y) = (points.reduce(0) { $0 + $1.x } / count, points.reduce(0) { $0 + $1.y } / count)
      // A slope of 1 (as many epochs whatever the size) weighs as much as a point one octave off.
      let spread = points.reduce(0.5) { $0 + ($1.x - x) * ($1.x - x) }
      let slope = points.reduce(0.5) { $0 + ($1.x - x) * ($1.y - y) } / spread
      fits = (y - slope * x, slope)
    }
  }

  /// Expected cost of a probe of `samples` samples that fits with the probability `fit`.
  func expected(_ samples: Int, fit: Double) -> Double {
    let fitting =
      fits.map { min(guardSteps, exp($0.intercept + $0.slope * log(Double(samples)))) } ?? 0.3 * guardSteps
    return cost(of: samples, steps: fit * fitting + (1 - fit) * failure)
  }

  /// Cost of a probe of `samples` samples that takes so many steps.
  func cost(of samples: Int, steps: Double) -> Double {
    let (size, checked) = (Double(samples), steps + 1)
    return if let batchSize { checked + size / batchSize } else {
      (checked + 1) * size + Self.slot * failure * likelySize
    }
  }
}
