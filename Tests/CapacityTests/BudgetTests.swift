import Capacity
import Foundation
import Testing
import Training

/// How a reading depends on how long its runs may train.
@Suite struct BudgetTests {
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
      let found = BudgetDependence(Estimate(history, search: Searches.adaptive())).growth
      #expect(isWithin.contains(found.value!), "\(growth): \(found)")
      #expect(found.lower <= growth && growth <= found.upper, "\(growth): \(found)")
      #expect(growth == 0 || !found.isSettled(0.05), "\(growth): \(found)")
    }
  }

  /// Growth that halves with each doubling: what is told is that of the last one, not the mean of both.
  @Test func growthThatSlowsIsToldAsWhatItHasBecome() {
    var history: [ProbeObservation] = []
    for index in 0..<240 {
      let samples = Int(1000 * exp(-0.6 + Double(index / 8) * 1.1 / 30))
      // ln(n / n₅₀) of the largest threshold that the run fits: 30 % from a quarter of the guard to half of it, 5 % to all of it.
      let u = (Double(index * 37 % 240) + 0.5) / 240
      let place = log(Double(samples) / 1000) + 0.14 * log(u / (1 - u))
      let fit: Int? =
        place <= -log(1.05) - log(1.3) ? 5000 : place <= -log(1.05) ? 10_000 : place <= 0 ? 20_000 : nil
      history.append(
        ProbeObservation(
          address: ProbeAddress(samples: samples, replicate: index), outcome: fit == nil ? .budget : .fit,
          steps: fit ?? 20_000))
    }
    let found = BudgetDependence(Estimate(history, search: Searches.adaptive())).growth
    #expect(found.value.map { (0.02...0.1).contains($0) } == true && found.lower <= 0.05, "\(found)")
    #expect(found.upper < 0.15, "\(found)")
  }

  /// What has ended at a minimum fits with no longer guard: where all failures that decide have, hardly anything is left to grow.
  @Test func minimaDoNotGrow() {
    func growth(_ outcome: Outcome) -> BudgetGrowth {
      let history = (0..<60).map { index in
        let samples = 800 + 8 * index
        let isFit = index * 37 % 60 > index
        // A third of the fits came late.
        return ProbeObservation(
          address: ProbeAddress(samples: samples, replicate: 0), outcome: isFit ? .fit : outcome,
          steps: isFit ? (index % 3 == 0 ? 15_000 : 2000) : (outcome == .budget ? 20_000 : 6000))
      }
      return BudgetDependence(Estimate(history, search: Searches.adaptive())).growth
    }
    let (open, ended) = (growth(.budget), growth(.minimum))
    #expect(open.upper > 0.1 && !open.isSettled(0.05), "\(open)")
    // Of few that have ended the next need not.
    #expect(ended.upper < open.upper / 2 && ended.value.map { $0 < 0.01 } == true, "\(ended), \(open)")
  }

  /// Budgets that settle over six doublings, with probes for few of them: the reading is no guess far above the threshold of its
  /// guard (it was 2.3 times as large on the mean, with 12 % a doubling 1.4 times), and its interval is of use.
  @Test(arguments: [(growth: 0.12, probes: 60), (growth: 0.3, probes: 60), (growth: 0.3, probes: 24)])
  func aGrowingThresholdIsFollowedAsFarAsItsProbesTell(_ item: (growth: Double, probes: Int)) {
    var options = AdaptiveSearch.Options()
    options.relativeWidth = 0.3
    options.maxProbes = item.probes
    let search = Searches.adaptive(options, budget: .settle(tolerance: 0.05, maxSteps: 64 * 20_000))
    let curve = SimulatedCurve(
      shape: .logistic, threshold: 1000, scale: 0.2, lapse: 0.02, growth: item.growth)
    let summary = Searches.simulate(search, curve, trials: 80)
    #expect(summary.coverage >= 0.88 - 3 * (0.88 * 0.12 / 80).squareRoot(), "\(summary.coverage)")
    #expect(summary.bias.map { abs($0) < 0.15 } == true)
    #expect(SimulationSummary.quantile(summary.trials.compactMap(\.relativeWidth), 0.5) < 2)
    #expect(summary.settled.map { $0 <= 0.05 } == true)
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
    let estimate = Estimate(history, search: Searches.adaptive())
    let interval = estimate.threshold.interval
    #expect(try #require(interval.lower) > 1_000)
    // At most four times as many samples with four times the steps.
    #expect(try (1_850...20_000).contains(#require(interval.upper)), "\(interval)")
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

  /// Until all runs that may well fit with a longer guard have been given it the reading is that of the guard before, not a
  /// guess at a wide posterior: what progress shows, and what is told of a measurement that was interrupted.
  @Test func aGuardWhoseRoundIsUnderWayTellsNothingYet() throws {
    let search = Searches.adaptive(budget: .settle(tolerance: 0.05, maxSteps: 80_000))
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

  /// A procedure that depends on its guard is trained anew with each longer one, however many runs the shorter ones took.
  @Test func aProcedureThatDependsOnItsGuardIsFollowed() {
    var options = AdaptiveSearch.Options()
    options.maxProbes = 24
    var procedure = SearchedProcedure(maxSteps: 1_000)
    procedure.dependsOnGuard = true
    let search = Search(
      settings: SearchSettings(
        strategy: .adaptive(options), budget: .settle(tolerance: 0.05, maxSteps: 4_000)),
      limits: SearchLimits(samples: 60_000), procedure: procedure)
    let simulation = SearchSimulation(
      search: search,
      curve: SimulatedCurve(shape: .logistic, threshold: 1_000, scale: 0.4, growth: 0.3), seed: 3)
    let longest = (0..<20).map { simulation.play($0).rounds.joined().map(\.address.doublings).max() ?? 0 }
    // 24 runs tell a curve as wide as this too little for runs of another guard to follow it.
    #expect(longest.count { $0 == 2 } > 15, "\(longest)")
  }

  /// What isn't to settle neither has nor hasn't.
  @Test func whatIsNotToSettleHasNoShareThatDoes() {
    let curve = SimulatedCurve(shape: .logistic, threshold: 1_000, scale: 0.1)
    #expect(Searches.simulate(Searches.adaptive(), curve, trials: 2).json["settled"] == .null)
  }
}
