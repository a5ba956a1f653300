import Capacity
import Datasets
import Foundation
import Testing
import Training

/// What is told of the runs that there are, and what isn't.
@Suite struct ReadingLimitTests {
  /// With nested subsets the interval is conditional on one order of the samples.
  @Test func aNestedSubsetSaysWhoseIntervalItIs() throws {
    for isNested in [false, true] {
      let admission = try Admission(
        json: JSONValue(
          parsing: #"""
            {"dataset": {"name": "gaussian", "dimensions": 6}, "model": {"kind": "linear"}, "subset": {"nested": \#(isNested)},
             "training": {"max_steps": 100}, "search": {"strategy": "grid", "sizes": [4, 8], "replicates": 2}}
            """#.utf8), memoryLimit: 1 << 30)
      let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)
      let result = try LocalMeasurement(specification: admission.specification, library: library, workers: 1)
        .run()
        .result.json
      #expect(result["summary"]?.stringValue?.contains("subset.nested") == isNested)
    }
  }

  /// Nothing is said of sizes that can't be asked for: all that fit tell that the EMC is the range's end, at least.
  @Test func aThresholdBeyondTheRangeIsAtLeastTheRangesEnd() {
    let runs = (0..<12).map { _ in (samples: 60_000, isFit: true) }
    let threshold = MeasuredThreshold(FitCount.counts(runs), search: Searches.adaptive())
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

  /// A search that stops at its first failure knows nothing of larger sizes: however many there are, they weigh nothing beside the
  /// few runs that might have been unlucky.
  @Test func aSearchThatOnlyGoesUpClaimsNothingBeyondWhereItStopped() throws {
    var options = IncrementSearch.Options()
    options.increment = .step(1)
    options.replicates = 1
    let settings = SearchSettings(strategy: .increment(options), initialSamples: 10)
    let search = Search(settings: settings, limits: SearchLimits(samples: 20_000_000))
    let curve = SimulatedCurve(shape: .logistic, threshold: 20, scale: 0.1)
    let summary = Searches.simulate(search, curve, trials: 200)
    #expect(summary.coverage >= 0.88, "\(summary.coverage)")
    // None lies within the sizes that were tried.
    #expect(summary.bias == nil)
    let history = (10...14).map { size in
      ProbeObservation(
        address: ProbeAddress(samples: size, replicate: 0), outcome: size < 14 ? .fit : .budget, steps: 100)
    }
    let estimate = Estimate(history, search: search)
    #expect(try #require(estimate.emc) <= 14)
    #expect(estimate.threshold.interval.upper == nil)
    #expect(estimate.runs.count == 5 && Estimate([], search: search).emc == nil)
  }

  /// What the prior thinks of growth is no finding.
  @Test func growthIsToldOnlyOfAThresholdThatIsKnown() {
    let failures = (0..<4).map { replicate in
      ProbeObservation(
        address: ProbeAddress(samples: 64, replicate: replicate), outcome: .budget, steps: 20_000)
    }
    let estimate = Estimate(failures, search: Searches.adaptive())
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
      text: String, bound: Bound?
    ) {
      let search = Searches.adaptive(limit: limit)
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
}
