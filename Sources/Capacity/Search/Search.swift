import Foundation
import Training

/// What a search asks for next.
package enum SearchDecision: Sendable, Hashable {
  /// The probes of the next round.
  case round([ProbeAddress])
  /// The search is over.
  case finished
}

/// The rule that turns the probes that have ended into the next ones: a pure function, so that what it asks for never
/// depends on how many workers there are or on which probe ended first.
package struct Search: Sendable {
  package let settings: SearchSettings
  /// The sizes that may be asked for.
  package let limits: SearchLimits
  /// What it must know of the procedure.
  package let procedure: SearchedProcedure
  /// Keys the sizes that are drawn.
  package let seed: UInt64
  /// What is believed of fit curves beforehand, where they needn't be told apart at small widths.
  package var prior = FitCurvePrior.standard

  /// A search over the sizes that `limits` allow.
  package init(
    settings: SearchSettings, limits: SearchLimits, procedure: SearchedProcedure = SearchedProcedure(),
    seed: UInt64 = 1
  ) {
    self.settings = settings
    self.limits = limits
    self.procedure = procedure
    self.seed = seed
  }

  /// The sizes that the strategy may ask for. Of what lies beyond them no run tells, and no estimate says more than that it
  /// does: a grid that fits everywhere has an EMC of its largest size at least, not one a thousand times as large.
  package var sizes: ClosedRange<Int> {
    let limit = limits.samples
    return switch settings.strategy {
    case .grid(let options):
      min(limit, options.sizes.min() ?? 1)...min(limit, options.sizes.max() ?? limit)
    case .increment: min(limit, settings.initialSamples)...limit
    case .adaptive, .bisect: 1...limit
    }
  }

  /// Whether these go up to the most that there are.
  var asksForAll: Bool { sizes.upperBound == limits.samples }

  /// (upper − lower) / n₅₀ of the narrowest intervals that the strategy may lead to. Many runs of sizes near one another tell
  /// curves apart that are steeper than their distance.
  private var narrowestWidth: Double {
    func width(_ distance: Double, _ replicates: Int) -> Double {
      36 * distance / Double(replicates * replicates)
    }
    func distance(_ step: Int) -> Double { log1p(Double(step) / Double(limits.samples)) }
    switch settings.strategy {
    case .adaptive(let options): return options.relativeWidth
    case .bisect(let options):
      // Sizes are never nearer than by a sample.
      return width(max(options.relativeTolerance, distance(1)), options.replicates)
    case .increment(let options):
      switch options.increment {
      case .step(let step): return width(distance(step), options.replicates)
      case .factor(let factor): return width(log(factor), options.replicates)
      }
    case .grid(let options):
      let distances = zip(options.sizes, options.sizes.dropFirst()).map { log(Double($1) / Double($0)) }
      return distances.min().map { width($0, options.replicates) } ?? 1
    }
  }

  /// Whether what runs tell is read by a finer grid, and by steeper curves, than sizes are drawn by.
  var resolvesMore: Bool { narrowestWidth / 5 < FitCurvePosterior.spacing }

  /// What runs tell of the fit curve, as finely as the strategy needs.
  func reading(_ counts: [FitCount], sizes: ClosedRange<Int>) -> FitCurvePosterior {
    FitCurvePosterior(
      counts, sizes: sizes, prior: prior.resolving(narrowestWidth),
      spacing: min(FitCurvePosterior.spacing, narrowestWidth / 5))
  }

  /// What decides which sizes are asked for: the same whatever width is, lest a search for a narrower interval begin otherwise
  /// than one for a wider, or a race have another winner.
  func design(
    _ counts: [FitCount], sizes: ClosedRange<Int>, spacing: Double = FitCurvePosterior.spacing
  ) -> FitCurvePosterior {
    FitCurvePosterior(counts, sizes: sizes, prior: prior, spacing: spacing)
  }

  /// What an EMC at the largest size of a range is bounded by.
  func bound(of sizes: ClosedRange<Int>) -> Bound {
    sizes.upperBound < limits.samples ? .searchSizes : limits.bound
  }

  /// What comes after whole rounds: every probe that was asked for has ended.
  package func next(_ history: [ProbeObservation]) -> SearchDecision {
    let runs = runs(history)
    let decision =
      switch settings.strategy {
      case .adaptive(let options): AdaptiveSearch(self, options).next(history)
      case .bisect(let options): BisectSearch(self, options).next(runs)
      case .increment(let options): IncrementSearch(self, options).next(runs)
      case .grid(let options): GridSearch(self, options).next(runs)
      }
    guard case .finished = decision else { return decision }
    let verifications = verifications(history, runs)
    return verifications.isEmpty ? .finished : .round(verifications)
  }

  /// The runs that count: all, or those with the longest guard where the procedure depends on it.
  func runs(_ history: [ProbeObservation]) -> [TrainingRun] {
    guard procedure.dependsOnGuard else { return TrainingRun.runs(history, maxSteps: procedure.maxSteps) }
    return runs(history, doublings: history.map(\.address.doublings).max() ?? 0)
  }

  /// How many runs were trained: of a procedure that depends on its guard each guard has runs of its own.
  func runCount(_ history: [ProbeObservation]) -> Int {
    guard procedure.dependsOnGuard else { return runs(history).count }
    return history.count { $0.address.kind == .training && $0.outcome != nil }
  }

  func runs(_ history: [ProbeObservation], doublings: Int) -> [TrainingRun] {
    TrainingRun.runs(history.filter { $0.address.doublings == doublings }, maxSteps: procedure.maxSteps)
  }

  /// Without the probes of a longer guard whose first round is not over: while few of the runs that may well fit
  /// with it have been given it, it is hardly known which sizes are too large.
  func wholeGuards(_ history: [ProbeObservation]) -> [ProbeObservation] {
    guard case .adaptive(let options) = settings.strategy, case .settle = settings.budget else {
      return history
    }
    let training = history.filter { $0.address.kind == .training }
    guard let longest = training.map(\.address.doublings).max(), longest > 0 else { return history }
    let before = training.filter { $0.address.doublings < longest }
    let ended = Set(training.map(\.address))
    let wanted = AdaptiveSearch(self, options).extensions(before, doublings: longest)
    return wanted.allSatisfy(ended.contains) ? history : before
  }

  /// The threshold at the guard of `doublings` doublings.
  package func threshold(_ history: [ProbeObservation], doublings: Int) -> MeasuredThreshold {
    guard procedure.dependsOnGuard else {
      return MeasuredThreshold(runs(history), at: guardSteps(doublings), search: self)
    }
    // A run says nothing of another guard, but that it fits no more than twice as many samples for twice the steps: what failed
    // and was not trained anew bounds the threshold from above.
    let own = runs(history, doublings: doublings)
    var known = Set(own.map { [$0.samples, $0.replicate] })
    var verdicts = own.map { (samples: $0.samples, isFit: $0.fitSteps != nil) }
    for shorter in (0..<doublings).reversed() {
      for run in runs(history, doublings: shorter)
      where known.insert([run.samples, run.replicate]).inserted && run.fitSteps == nil {
        let factor = pow(1 + MeasuredThreshold.largestGrowth, Double(doublings - shorter))
        verdicts.append((samples: Int(min(Double(run.samples) * factor, Double(Int32.max))), isFit: false))
      }
    }
    return MeasuredThreshold(FitCount.counts(verdicts), search: self)
  }

  /// By how much n₅₀ grows for a doubling of the guard of `doublings` doublings.
  func growth(_ history: [ProbeObservation], doublings: Int, threshold: MeasuredThreshold) -> BudgetGrowth {
    guard procedure.dependsOnGuard else {
      return BudgetGrowth(runs(history), at: guardSteps(doublings), threshold: threshold)
    }
    guard doublings > 0 else { return BudgetGrowth() }
    let before = self.threshold(history, doublings: doublings - 1)
    return BudgetGrowth(from: before, to: threshold, level: settings.level)
  }

  /// The thresholds at the longest guard and at its halvings, of those whose interval has two ends.
  func thresholds(_ history: [ProbeObservation]) -> [(steps: Int, threshold: MeasuredThreshold)] {
    let all = runs(history)
    let top = doublings(all)
    var found: [(steps: Int, threshold: MeasuredThreshold)] = []
    var steps = guardSteps(top)
    while steps >= 1 {
      if procedure.dependsOnGuard, steps < procedure.maxSteps { break }
      let threshold =
        (steps < procedure.maxSteps
        ? MeasuredThreshold(all, at: steps, search: self)
        : self.threshold(history, doublings: (steps / procedure.maxSteps).trailingZeroBitCount)).told
      if threshold.isTwoSided { found.append((steps, threshold)) }
      steps /= 2
    }
    return found
  }

  /// The guard with so many doublings.
  func guardSteps(_ doublings: Int) -> Int { procedure.maxSteps << doublings }

  /// The doublings of the longest guard among these runs.
  func doublings(_ runs: [TrainingRun]) -> Int {
    let longest = runs.map(\.guardSteps).max() ?? procedure.maxSteps
    return (longest / procedure.maxSteps).trailingZeroBitCount
  }

  /// The verifications still to be made: of the failures nearest to the threshold.
  private func verifications(_ history: [ProbeObservation], _ runs: [TrainingRun]) -> [ProbeAddress] {
    guard settings.verifiedProbes > 0 else { return [] }
    let threshold = threshold(history, doublings: doublings(runs))
    let failures = runs.filter { $0.fitSteps == nil }.sorted {
      (threshold.distance($0.samples), $0.samples, $0.replicate)
        < (threshold.distance($1.samples), $1.samples, $1.replicate)
    }
    let verified = Set(history.map(\.address).filter { $0.kind == .verification })
    return failures.prefix(settings.verifiedProbes).map { run in
      ProbeAddress(
        samples: run.samples, replicate: run.replicate,
        doublings: (run.guardSteps / procedure.maxSteps).trailingZeroBitCount, kind: .verification)
    }.filter { !verified.contains($0) }
  }
}

/// What a search must know of the procedure that it measures.
package struct SearchedProcedure: Sendable, Hashable {
  /// The guard of its probes.
  package var maxSteps: Int
  /// Samples in a step; nil where it goes over all.
  package var batchSize: Int?
  /// Whether a probe with a larger guard is another run, not the same one longer.
  package var dependsOnGuard: Bool
  /// The training error that counts as a fit.
  package var fitTrainingError = 0.0
  /// Whether a second-order method goes on from where training stopped.
  package var hasFinish = false
  /// Whether there is a learning rate.
  package var usesLearningRate = true
  /// Whether every minimum of the loss is the best: then no start and no optimizer finds another.
  package var isConvex = false
  /// Whether a race among learning rates chose it.
  package var rateIsRaced = false

  /// A procedure.
  package init(maxSteps: Int = 20_000, batchSize: Int? = 128) {
    self.maxSteps = maxSteps
    self.batchSize = batchSize
    dependsOnGuard = false
  }

  /// What a search must know of an experiment.
  init(_ experiment: Experiment) {
    self.init(experiment.training)
    isConvex = experiment.model.architecture == .linear && experiment.training.reparameterization == .none
  }

  /// What a search must know of a procedure.
  package init(_ procedure: Procedure) {
    maxSteps = procedure.maxSteps
    batchSize =
      if case .size(let size) = procedure.batchSize, !procedure.optimizer.needsFullBatch { size } else { nil }
    dependsOnGuard = procedure.dependsOnGuard
    fitTrainingError = procedure.fitTrainingError
    hasFinish = procedure.finish != .none
    usesLearningRate = procedure.optimizer.usesLearningRate
  }
}
