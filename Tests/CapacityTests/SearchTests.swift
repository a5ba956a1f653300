import Capacity
import Testing
import Training

/// Runs a search against a rule that knows every outcome beforehand.
private func run(
  _ settings: SearchSettings, limit: Int, outcome: (ProbeAddress) -> Outcome
) -> (estimate: Estimate, rounds: [[ProbeAddress]]) {
  let search = Search(settings: settings, limits: SearchLimits(samples: limit))
  var history: [ProbeObservation] = []
  var rounds: [[ProbeAddress]] = []
  while case .round(let probes) = search.next(history) {
    precondition(!probes.isEmpty && rounds.count < 1000, "a search that waits for nothing never ends")
    rounds.append(probes)
    history += probes.map { ProbeObservation(address: $0, outcome: outcome($0), steps: 100) }
  }
  return (Estimate(history, search: search), rounds)
}

private func bisect(_ initialSamples: Int = 64, tolerance: Double = 0.05, replicates: Int = 1)
  -> SearchSettings
{
  var options = BisectSearch.Options()
  options.relativeTolerance = tolerance
  options.replicates = replicates
  return SearchSettings(strategy: .bisect(options), initialSamples: initialSamples)
}

@Suite struct BisectTests {
  @Test func endsBetweenNeighboursOfEveryThreshold() {
    for tolerance in [0.0, 0.05, 0.2] {
      for threshold in [1, 2, 3, 63, 64, 65, 100, 777, 4000, 9999] {
        let (_, rounds) = run(bisect(tolerance: tolerance), limit: 10_000) {
          $0.samples <= threshold ? .fit : .minimum
        }
        let sizes = rounds.flatMap { $0.map(\.samples) }
        let lo = sizes.filter { $0 <= threshold }.max() ?? 0
        let hi = sizes.filter { $0 > threshold }.min()!
        #expect(Double(hi - lo) <= max(1, tolerance * Double(lo)))
      }
    }
  }

  @Test func takesTheSizesThatTheRuleNames() {
    let (estimate, rounds) = run(bisect(), limit: 60_000) { $0.samples <= 790 ? .fit : .minimum }
    #expect(rounds.map { $0[0].samples } == [64, 128, 256, 512, 1024, 768, 896, 832, 800])
    #expect(estimate.strict.largestFit == 768 && estimate.strict.firstUnfit == 800)
    #expect(estimate.boundedBy == .minimum)
    let interval = estimate.threshold.interval
    #expect(interval.lower! <= 768 && 800 <= interval.upper!)
  }

  @Test func clampsTheLastDoublingToTheDataSet() {
    let (estimate, rounds) = run(bisect(), limit: 100) { _ in .fit }
    #expect(rounds.map { $0[0].samples } == [64, 100])
    #expect(estimate.emc == 100 && estimate.boundedBy == .datasetSize)
    #expect(estimate.threshold.interval.upper == nil)
  }

  @Test func doesNotOverflowNearTheLargestSize() {
    let (estimate, rounds) = run(bisect(), limit: .max) { _ in .fit }
    #expect(rounds.last![0].samples == .max)
    #expect(estimate.emc == .max)
  }

  @Test func goesDownToOneWhenTheFirstSizeFails() {
    let (estimate, rounds) = run(bisect(8), limit: 100) { _ in .minimum }
    #expect(rounds.map { $0[0].samples } == [8, 4, 2, 1])
    #expect(estimate.strict.largestFit == nil && estimate.strict.firstUnfit == 1)
    #expect(estimate.threshold.interval.lower == nil)
  }

  /// ⌊r/2⌋ + 1 replicates decide where they agree; only where they don't the rest is asked for. A tie is unfit.
  @Test(arguments: [
    (1, [true], 1, true), (2, [true, false], 2, false), (3, [true, true, false], 2, true),
    (3, [true, false, true], 3, true), (3, [false, false, true], 2, false),
    (4, [true, true, false, false], 4, false), (4, [true, true, true, false], 3, true),
    (5, [false, true, false, true, true], 5, true),
  ])
  func asksForNoMoreReplicatesThanCanDecide(_ replicates: Int, _ fits: [Bool], _ asked: Int, _ isFit: Bool) {
    let (_, rounds) = run(bisect(10, tolerance: 0, replicates: replicates), limit: 10) {
      $0.samples < 10 || fits[$0.replicate] ? .fit : .minimum
    }
    let ten = rounds.joined().filter { $0.samples == 10 }
    #expect(ten.map(\.replicate) == Array(0..<asked))
    #expect((rounds.joined().contains { $0.samples == 5 }) == !isFit)
  }
}

@Suite struct IncrementAndGridTests {
  @Test func incrementStopsAtTheFirstFailure() {
    var options = IncrementSearch.Options()
    options.increment = .step(10)
    options.replicates = 1
    let settings = SearchSettings(strategy: .increment(options), initialSamples: 5)
    let (estimate, rounds) = run(settings, limit: 1000) { $0.samples <= 30 ? .fit : .budget }
    #expect(rounds.map { $0[0].samples } == [5, 15, 25, 35])
    #expect(estimate.strict.largestFit == 25 && estimate.strict.firstUnfit == 35)
    options.increment = .factor(1.05)
    let (_, grown) = run(SearchSettings(strategy: .increment(options), initialSamples: 5), limit: 9) { _ in
      .fit
    }
    #expect(grown.map { $0[0].samples } == [5, 6, 7, 8, 9])
  }

  @Test func gridAsksForAllAtOnce() {
    let settings = SearchSettings(strategy: .grid(GridSearch.Options(sizes: [10, 20], replicates: 2)))
    let (estimate, rounds) = run(settings, limit: 100) { $0.samples == 10 ? .fit : .diverged }
    #expect(
      rounds == [
        [10, 20].flatMap { size in (0..<2).map { ProbeAddress(samples: size, replicate: $0) } }
      ])
    #expect(estimate.boundedBy == .diverged)
  }
}

@Suite struct EstimateTests {
  @Test func anEMCAtTheLargestSizeThatMemoryHoldsSaysSo() {
    let search = Search(settings: bisect(), limits: SearchLimits(dataset: 100, memory: 80))
    let history = [64, 80].map {
      ProbeObservation(address: ProbeAddress(samples: $0, replicate: 0), outcome: .fit, steps: 10)
    }
    #expect(search.next(history) == .finished)
    let estimate = Estimate(history, search: search)
    #expect(estimate.emc == 80 && estimate.boundedBy == .memory)
    #expect(SearchLimits(dataset: 100, memory: 100).bound == .datasetSize)
    #expect(SearchLimits(dataset: 100, memory: nil).bound == .datasetSize)
  }

  /// The failures within the interval decide, by precedence; those far away don't.
  @Test(arguments: [
    ([Outcome.minimum, .minimum, .minimum], Bound.minimum), ([.saddle, .minimum, .minimum], .saddle),
    ([.saddle, .diverged, .minimum], .diverged), ([.saddle, .diverged, .budget], .budget),
  ])
  func theWorstFailureWithinTheIntervalBounds(_ outcomes: [Outcome], _ bound: Bound) {
    var history: [ProbeObservation] = []
    for (replicate, outcome) in outcomes.enumerated() {
      for samples in [6, 7, 8] {
        history.append(
          ProbeObservation(
            address: ProbeAddress(samples: samples, replicate: replicate),
            outcome: samples == 8 ? outcome : .fit,
            steps: 10))
      }
      history.append(
        ProbeObservation(
          address: ProbeAddress(samples: 90, replicate: replicate), outcome: .budget, steps: 10))
    }
    let search = Search(settings: SearchSettings(), limits: SearchLimits(samples: 100))
    #expect(Estimate(history, search: search).boundedBy == bound)
  }

  /// Where fewer than half of the runs fit however small the size, there is no threshold to speak of.
  /// Of sizes below the smallest that was tried no more is told than of those beyond the largest.
  @Test func nothingIsToldOfSizesThatNobodyTried() throws {
    let search = Searches.adaptive()
    let failures = (0..<5).map { _ in (samples: 64, isFit: false) }
    let low = MeasuredThreshold(FitCount.counts(failures), search: search)
    #expect(low.told.emc == 64 && low.told.samples == nil && low.told.isBelowRange)
    #expect(low.told.interval == (nil, 64) && low.told.emcPerParameter(10) == nil)
    let result = Estimate(
      (0..<5).map {
        ProbeObservation(address: ProbeAddress(samples: 64, replicate: $0), outcome: .budget, steps: 20_000)
      }, search: search)
    let text = try #require(
      MeasurementResult(estimate: result, parameterCount: 10, kernels: []).json["summary"]?.stringValue)
    #expect(text.hasPrefix("Fewer than half of all runs fit even 64 samples"), "\(text)")
    #expect(!text.contains("lower bound"), "\(text)")
    let high = MeasuredThreshold(FitCount.counts([(samples: 64, isFit: true)]), search: search)
    #expect(high.told.emc == 64 && high.told.interval.upper == nil)
    // What is only likelier than not isn't told as what is.
    let few = (0..<2).map {
      ProbeObservation(address: ProbeAddress(samples: 64, replicate: $0), outcome: .budget, steps: 20_000)
    }
    let guess = Estimate(few, search: search)
    #expect(guess.threshold.isBelowRange && guess.threshold.interval.upper != 64)
    let said =
      MeasurementResult(estimate: guess, parameterCount: 10, kernels: []).json["summary"]?.stringValue ?? ""
    #expect(said.hasPrefix("Fewer than half of all runs are likely to fit even"), "\(said)")
  }

  /// Half of all runs fit one sample, hardly any two: no interval of whole samples is narrower.
  @Test func aSearchEndsWhereWholeSamplesCannotBeTold() {
    let found = Searches.simulate(
      Searches.adaptive(limit: 60), SimulatedCurve(shape: .logistic, threshold: 1.4, scale: 0.05), trials: 40)
    #expect(found.trials.map(\.probes).sorted()[20] < 60)
    #expect(found.coverage > 0.8)
  }

  @Test func claimsNoThresholdWhereMostRunsCollapse() {
    let history = (0..<60).map { index in
      ProbeObservation(
        address: ProbeAddress(samples: 1 + index, replicate: 0), outcome: index % 5 == 0 ? .fit : .budget,
        steps: 10)
    }
    let search = Search(settings: SearchSettings(), limits: SearchLimits(samples: 10_000))
    let estimate = Estimate(history, search: search)
    #expect(estimate.emc == nil)
    #expect(estimate.threshold.interval == (nil, nil))
  }
}
