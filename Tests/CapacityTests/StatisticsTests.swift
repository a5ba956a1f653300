import Capacity
import Foundation
import Testing
import Training

private func search(
  _ options: AdaptiveSearch.Options = AdaptiveSearch.Options(), limit: Int = 60_000,
  budget: BudgetRule = .fixed
) -> Search {
  Search(
    settings: SearchSettings(strategy: .adaptive(options), budget: budget),
    limits: SearchLimits(samples: limit))
}

private func simulate(
  _ search: Search, _ curve: SimulatedCurve, trials: Int, seed: UInt64 = 5
) -> SimulationSummary {
  SearchSimulation(search: search, curve: curve, seed: seed).run(trials: trials, workers: 2)
}

@Suite struct StatisticsTests {
  /// The posterior against the integral over μ, s and λ on a grid a hundred times as fine, written down anew.
  @Test func theThresholdsQuantilesAreThoseOfTheIntegral() {
    let counts = FitCount.counts(
      [(100, true), (200, true), (200, true), (300, false), (300, true), (450, false), (400, false)].map {
        (samples: $0.0, isFit: $0.1)
      })
    let limit = 2000
    var masses: [(theta: Double, mass: Double)] = []
    let lapses = [(0.0, 0.5), (0.03, 0.2), (0.1, 0.13), (0.2, 0.1), (0.3, 0.06), (0.4, 0.04)]
    for j in 0..<11 {
      let scale = 0.02 * pow(75, Double(j) / 10)
      for (lapse, lapseWeight) in lapses {
        for i in 0..<8000 {
          let (low, high) = (-log(4.0), log(Double(limit)) + log(4.0))
          let mu = low + (high - low) * (Double(i) + 0.5) / 8000
          var mass = lapseWeight * scale.squareRoot()
          for count in counts {
            let p = (1 - lapse) / (1 + exp((log(Double(count.samples)) - mu) / scale))
            mass *= pow(p, Double(count.fits)) * pow(1 - p, Double(count.failures))
          }
          masses.append((mu + scale * log(1 - 2 * lapse), mass))
        }
      }
    }
    masses.sort { $0.theta < $1.theta }
    let total = masses.reduce(0) { $0 + $1.mass }
    let found = ThresholdDistribution(FitCurvePosterior(counts, sizes: 1...limit))
    for part in [0.05, 0.25, 0.5, 0.75, 0.95] {
      var sum = 0.0
      let exact = masses.first {
        sum += $0.mass
        return sum >= part * total
      }!.theta
      #expect(abs(found.quantile(part) - exact) < 0.02, "\(part): \(found.quantile(part)) for \(exact)")
      #expect(abs(found.mass(below: exact) - part) < 0.01)
    }
  }

  /// A small part of the table in docs/statistics.md: 90 % intervals cover at least 0.88 but for what 200 trials can show.
  @Test(arguments: [
    SimulatedCurve(shape: .logistic, threshold: 1000, scale: 0.14),
    SimulatedCurve(shape: .gumbelLeft, threshold: 1000, scale: 0.3, lapse: 0.1),
    SimulatedCurve(shape: .gumbelRight, threshold: 30, scale: 0.3),
    SimulatedCurve(shape: .probit, threshold: 50_000, scale: 0.5, lapse: 0.25),
    // Just inside of the largest size: a few lucky rounds there are no proof that it lies beyond.
    SimulatedCurve(shape: .logistic, threshold: 55_000, scale: 0.14),
    SimulatedCurve(shape: .logistic, threshold: 55_000, scale: 0.4),
    SimulatedCurve(shape: .step, threshold: 1000, scale: 0.1, lapse: 0.1),
  ])
  func intervalsCover(_ curve: SimulatedCurve) {
    let summary = simulate(search(), curve, trials: 200)
    // Three standard errors below 0.88.
    #expect(summary.coverage >= 0.88 - 3 * (0.88 * 0.12 / 200).squareRoot(), "\(summary.coverage)")
    #expect(summary.trials.allSatisfy { $0.probes <= 100 })
  }

  /// Nothing is said of sizes that can't be asked for: all that fit tell that the EMC is the range's end, at least.
  @Test func aThresholdBeyondTheRangeIsAtLeastTheRangesEnd() {
    let runs = (0..<12).map { _ in (samples: 60_000, isFit: true) }
    let threshold = MeasuredThreshold(FitCount.counts(runs), search: search())
    #expect(threshold.emc == 60_000)
    #expect(threshold.interval == (60_000, nil))
    #expect(threshold.isBeyondRange)
  }

  /// A grid tells of its own sizes alone.
  @Test func whatAGridFitsEverywhereIsAtLeastItsLargestSize() {
    let grid = GridSearch.Options(sizes: [96, 128, 208], replicates: 6)
    let search = Search(
      settings: SearchSettings(strategy: .grid(grid)), limits: SearchLimits(samples: 1_000_000))
    func estimate(_ outcome: Outcome) -> Estimate {
      guard case .round(let addresses) = search.next([]) else { fatalError("a grid asks for its sizes") }
      return Estimate(
        addresses.map { ProbeObservation(address: $0, outcome: outcome, steps: 100) }, search: search)
    }
    let all = estimate(.fit)
    #expect(all.emc == 208)
    #expect(all.threshold.interval.upper == nil)
    #expect(all.threshold.interval.lower.map { $0 <= 208 } == true)
    #expect(all.boundedBy == .searchSizes)
    let none = estimate(.budget)
    // The end of the range beyond which it lies.
    #expect(none.emc == 96)
    #expect(none.threshold.interval.lower == nil)
    #expect(none.threshold.interval.upper.map { $0 >= 96 } == true)
  }

  @Test func aSimulationsCurveIsWhatItSays() {
    for shape in SimulatedCurve.Shape.allCases {
      #expect(abs(shape.value(0) - (shape == .step ? 1 : 0.5)) < 1e-12)
      guard shape != .step else { continue }
      let slope = (shape.value(1e-4) - shape.value(-1e-4)) / 2e-4
      #expect(abs(slope + 0.25) < 1e-6, "\(shape): \(slope)")
      for v in [0.01, 0.3, 0.5, 0.9] { #expect(abs(shape.value(shape.inverse(v)) - v) < 1e-9) }
      // Lapses included, half of all runs fit n₅₀ samples.
      let curve = SimulatedCurve(shape: shape, threshold: 500, scale: 0.2, lapse: 0.2)
      let fits = (0..<20_000).count {
        curve.fitSteps(samples: 500, u: (Double($0) + 0.5) / 20_000, guardSteps: 1000) != nil
      }
      #expect(abs(Double(fits) / 20_000 - 0.5) < 1e-3, "\(shape): \(fits)")
    }
    // n₅₀ grows by 12 % for a doubling: a run at the median fits 1.12 · 500 samples with twice the steps.
    let growing = SimulatedCurve(shape: .logistic, threshold: 500, scale: 0.2, growth: 0.12)
    #expect(abs(growing.fitSteps(samples: 560, u: 0.5, guardSteps: 1000)! - 2000) < 1)
  }

  /// Where a step goes over all samples, one of a probe that is twice as large costs twice as much: a search that knows it
  /// passes over fewer samples in all, with hardly more probes.
  @Test func aStepOverAllSamplesCostsTheirNumber() {
    func cost(_ batchSize: Int?) -> (passed: Double, probes: Int) {
      let search = Search(
        settings: SearchSettings(), limits: SearchLimits(samples: 60_000),
        procedure: SearchedProcedure(batchSize: batchSize))
      var (passed, probes) = (0.0, 0)
      for threshold in [30.0, 300, 1000, 10_000] {
        let curve = SimulatedCurve(shape: .logistic, threshold: threshold, scale: 0.15)
        let simulation = SearchSimulation(search: search, curve: curve, seed: 5)
        for probe in (0..<60).flatMap({ simulation.play($0).rounds.joined() }) {
          passed += Double(probe.address.samples * probe.steps) / threshold
          probes += 1
        }
      }
      return (passed, probes)
    }
    let (full, batches) = (cost(nil), cost(128))
    #expect(full.passed < 0.8 * batches.passed)
    #expect(Double(full.probes) < 1.1 * Double(batches.probes))
  }

  /// What is asked for depends on the history alone: a search that wants more begins as one that wants less.
  @Test func aNarrowerSearchBeginsAsAWiderOne() {
    func sizes(width: Double, probes: Int) -> [ProbeAddress] {
      var options = AdaptiveSearch.Options()
      options.relativeWidth = width
      options.maxProbes = probes
      let search = search(options)
      var history: [ProbeObservation] = []
      while case .round(let addresses) = search.next(history) {
        history += addresses.map {
          // Every third run of a size in between fits.
          let fits = $0.samples < 800 || ($0.samples < 1100 && ($0.samples + $0.replicate) % 3 == 0)
          return ProbeObservation(address: $0, outcome: fits ? .fit : .budget, steps: 1000)
        }
      }
      return history.map(\.address)
    }
    let (wide, narrow) = (sizes(width: 0.4, probes: 60), sizes(width: 0.1, probes: 120))
    #expect(wide.count < narrow.count)
    #expect(Array(narrow.prefix(wide.count)) == wide)
    #expect(Set(narrow).count == narrow.count, "no probe is asked for twice")
  }

  /// The frequencies fall, or don't: at 900 none fit, at 800 and 1,000 all.
  @Test func frequenciesThatRiseAreNoticed() {
    func counts(_ fits: [(Int, Int, Int)]) -> [FitCount] {
      FitCount.counts(
        fits.flatMap { samples, fits, runs in (0..<runs).map { (samples: samples, isFit: $0 < fits) } })
    }
    #expect(Monotonicity.pValue(counts([(800, 8, 8), (900, 0, 8), (1000, 7, 8)]), seed: 1) < 0.01)
    #expect(Monotonicity.pValue(counts([(800, 8, 8), (900, 6, 8), (1000, 1, 8)]), seed: 1) == 1)
    #expect(Monotonicity.pValue(counts([(800, 5, 8), (900, 6, 8), (1000, 1, 8)]), seed: 1) > 0.2)
  }

  /// Runs that say when they fitted say how fast the threshold grows.
  @Test func growthIsToldFromWhenRunsFitted() {
    for (growth, isWithin) in [(0.0, 0.0...0.05), (0.12, 0.05...0.35), (0.3, 0.15...0.7)] {
      let curve = SimulatedCurve(shape: .logistic, threshold: 1000, scale: 0.14, growth: growth)
      var history: [ProbeObservation] = []
      for replicate in 0..<60 {
        let samples = 800 + 8 * replicate
        let u = Double(replicate * 37 % 60) / 60 + 1 / 120.0
        let fit = curve.fitSteps(samples: samples, u: u, guardSteps: 20_000).flatMap {
          $0 <= 20_000 ? $0 : nil
        }
        history.append(
          ProbeObservation(
            address: ProbeAddress(samples: samples, replicate: 0), outcome: fit == nil ? .budget : .fit,
            steps: Int(fit ?? 20_000)))
      }
      let found = BudgetDependence(Estimate(history, search: search())).growth
      #expect(isWithin.contains(found.value!), "\(growth): \(found)")
      #expect(found.lower <= growth && growth <= found.upper, "\(growth): \(found)")
      #expect(growth == 0 || !found.isSettled(0.05), "\(growth): \(found)")
    }
  }

  /// Budgets that settle over six doublings, with probes for few of them: the reading is no guess far above the threshold of its
  /// guard (it was 2.3 times as large on the mean, with 12 % a doubling 1.4 times), and its interval is of use.
  @Test(arguments: [(growth: 0.12, probes: 60), (growth: 0.3, probes: 60), (growth: 0.3, probes: 24)])
  func aGrowingThresholdIsFollowedAsFarAsItsProbesTell(_ item: (growth: Double, probes: Int)) {
    var options = AdaptiveSearch.Options()
    options.relativeWidth = 0.3
    options.maxProbes = item.probes
    let search = search(options, budget: .settle(tolerance: 0.05, maxSteps: 64 * 20_000))
    let curve = SimulatedCurve(
      shape: .logistic, threshold: 1000, scale: 0.2, lapse: 0.02, growth: item.growth)
    let summary = simulate(search, curve, trials: 80)
    #expect(summary.coverage >= 0.88 - 3 * (0.88 * 0.12 / 80).squareRoot(), "\(summary.coverage)")
    #expect(abs(summary.bias) < 0.15, "\(summary.bias)")
    #expect(SimulationSummary.quantile(summary.trials.map(\.relativeWidth), 0.5) < 2)
    #expect(summary.settled <= 0.05)
  }

  /// A run that was stopped at a shorter guard is a failure of as many more samples as n₅₀ may have grown by, and no run that says
  /// nothing: else those that fitted later would be counted alone.
  @Test func aRunThatWasStoppedSaysWhereTheThresholdIsNot() throws {
    func probe(_ samples: Int, _ outcome: Outcome, steps: Int, doublings: Int = 0) -> ProbeObservation {
      ProbeObservation(
        address: ProbeAddress(samples: samples, replicate: 0, doublings: doublings), outcome: outcome,
        steps: steps)
    }
    let stopped = (0..<8).map { probe(4_000 + 100 * $0, .budget, steps: 20_000) }
    let fits = (0..<12).map { probe(500 + 100 * $0, .fit, steps: 2_000 + 500 * $0) }
    let late = (0..<4).map { probe(1_700 + 50 * $0, .fit, steps: 70_000, doublings: 2) }
    let history = stopped + fits + late
    // A fixed budget takes every guard's round for whole.
    let estimate = Estimate(history, search: search())
    let interval = estimate.threshold.interval
    #expect(try #require(interval.lower) > 1_000)
    // At most four times as many samples with four times the steps.
    #expect(try (1_850...20_000).contains(#require(interval.upper)), "\(interval)")
  }

  /// A search that stops at its first failure knows nothing of larger sizes: however many there are, they weigh nothing beside the
  /// few runs that might have been unlucky.
  @Test func aSearchThatOnlyGoesUpClaimsNothingBeyondWhereItStopped() throws {
    var options = IncrementSearch.Options()
    options.increment = .step(1)
    options.replicates = 1
    let settings = SearchSettings(strategy: .increment(options), initialSamples: 10)
    let search = Search(settings: settings, limits: SearchLimits(samples: 20_000_000))
    let curve = SimulatedCurve(shape: .logistic, threshold: 20, scale: 0.1)
    let summary = simulate(search, curve, trials: 200)
    #expect(summary.coverage >= 0.88, "\(summary.coverage)")
    #expect(abs(summary.bias) < 0.3, "\(summary.bias)")
    let history = (10...14).map { size in
      ProbeObservation(
        address: ProbeAddress(samples: size, replicate: 0), outcome: size < 14 ? .fit : .budget, steps: 100)
    }
    let estimate = Estimate(history, search: search)
    #expect(try #require(estimate.emc) <= 14)
    #expect(estimate.threshold.interval.upper == nil)
    #expect(estimate.runs.count == 5 && Estimate([], search: search).emc == nil)
  }

  /// Where a longer guard is another run, those that failed with a shorter one bound the threshold all the same: twice the steps
  /// fit no more than twice as many.
  @Test func failuresThatWereNotTrainedAnewBoundTheThreshold() throws {
    var procedure = SearchedProcedure(maxSteps: 100)
    procedure.dependsOnGuard = true
    let search = Search(
      settings: SearchSettings(budget: .settle(tolerance: 0.05, maxSteps: 400)),
      limits: SearchLimits(samples: 20_000_000), procedure: procedure)
    let shorter = [10, 20, 40, 400, 400, 500, 900].map { size in
      ProbeObservation(
        address: ProbeAddress(samples: size, replicate: size == 40 ? 1 : 0),
        outcome: size < 40 ? .fit : .budget, steps: 100)
    }
    let longer = [10, 20, 30, 35].map { size in
      ProbeObservation(
        address: ProbeAddress(samples: size, replicate: 2, doublings: 1), outcome: .fit, steps: 150)
    }
    #expect(search.threshold(longer, doublings: 1).interval.upper == nil)
    let upper = try #require(search.threshold(shorter + longer, doublings: 1).interval.upper)
    #expect(upper < 2_000, "\(upper)")
  }

  /// What the prior thinks of growth is no finding.
  @Test func growthIsToldOnlyOfAThresholdThatIsKnown() {
    let failures = (0..<4).map { replicate in
      ProbeObservation(
        address: ProbeAddress(samples: 64, replicate: replicate), outcome: .budget, steps: 20_000)
    }
    let estimate = Estimate(failures, search: search())
    #expect(!estimate.threshold.isTwoSided)
    #expect(BudgetDependence(estimate).growth.value == nil)
    let text =
      MeasurementResult(estimate: estimate, parameterCount: 10, kernels: []).json["summary"]?.stringValue
      ?? ""
    #expect(!text.contains("Twice the steps"), "\(text)")
  }

  /// What no run was tried beyond is not claimed in words.
  @Test func aReadingWithoutAnUpperEndSaysSo() throws {
    func summary(_ probes: [(samples: Int, outcome: Outcome)], limit: Int = 60_000) -> (
      text: String, bound: Bound
    ) {
      let search = search(limit: limit)
      let history = probes.map {
        ProbeObservation(
          address: ProbeAddress(samples: $0.samples, replicate: 0), outcome: $0.outcome, steps: 20_000)
      }
      let estimate = Estimate(history, search: search)
      let text =
        MeasurementResult(estimate: estimate, parameterCount: 10, kernels: []).json["summary"]?.stringValue
        ?? ""
      return (text, estimate.boundedBy)
    }
    let few = summary([(64, .fit), (200, .fit), (900, .fit)])
    #expect(
      few.text.contains(
        "Every run fitted, up to 900 samples: how many more would fit is not known."))
    #expect(!few.text.contains("no more samples") && few.bound == .searchSizes)
    // One failure, which may have been a lapse.
    let one = summary(
      [(64, .fit), (200, .fit), (700, .fit), (900, .fit), (1_000, .budget)] + [(2_000, .fit), (2_500, .fit)])
    #expect(!one.text.contains("At least half of all runs fit 60,000"))
    let sizes = (0..<12).map { 100 + 40 * $0 } + (0..<21).map { 580 + $0 }
    let all = summary(sizes.map { (samples: $0, outcome: .fit) }, limit: 600)
    #expect(
      all.text.contains(
        "Every run fitted, up to 600 samples, the most that can be asked for: half of all runs fit"))
    #expect(all.bound == .datasetSize)
  }

  /// Until all runs that may well fit with a longer guard have been given it the reading is that of the guard before, not a
  /// guess at a wide posterior: what progress shows, and what is told of a measurement that was interrupted.
  @Test func aGuardWhoseRoundIsUnderWayTellsNothingYet() throws {
    let search = search(budget: .settle(tolerance: 0.05, maxSteps: 80_000))
    let curve = SimulatedCurve(shape: .logistic, threshold: 1_000, scale: 0.1, growth: 0.2)
    func observe(_ address: ProbeAddress) -> ProbeObservation {
      var bits = UInt64(address.samples) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(address.replicate + 1)
      for _ in 0..<3 { bits = (bits ^ (bits >> 31)) &* 0x94D0_49BB_1331_11EB }
      let uniform = (Double(bits >> 11) + 0.5) / Double(1 << 53)
      let steps = 20_000 << address.doublings
      let fit = curve.fitSteps(samples: address.samples, u: uniform, guardSteps: 20_000)
      guard let fit, fit <= Double(steps) else {
        return ProbeObservation(address: address, outcome: .budget, steps: steps)
      }
      return ProbeObservation(address: address, outcome: .fit, steps: Int(fit.rounded(.up)))
    }
    var history: [ProbeObservation] = []
    var underWay = 0
    while case .round(let addresses) = search.next(history) {
      let longest = history.map(\.address.doublings).max() ?? 0
      let isLonger = addresses.contains { $0.doublings > longest }
      let before = isLonger ? Estimate(history, search: search) : nil
      for (place, address) in addresses.enumerated() {
        history.append(observe(address))
        guard let before, place < addresses.count - 1 else { continue }
        underWay += 1
        let now = Estimate(history, search: search)
        #expect(now.emc == before.emc && now.threshold.interval == before.threshold.interval)
      }
      if let before {
        // With all of it the longer guard is read, where more fits.
        let now = Estimate(history, search: search)
        #expect(try #require(now.emc) > #require(before.emc))
      }
    }
    #expect(underWay > 4, "\(underWay)")
  }
}
