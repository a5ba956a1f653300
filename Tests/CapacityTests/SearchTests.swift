import Capacity
import Testing
import Training

/// Runs a search against a rule that knows every outcome beforehand.
private func run(
  _ settings: SearchSettings, limit: Int, outcome: (ProbeAddress) -> Outcome
) -> (estimate: Estimate, sizes: [Int]) {
  let search = Search(settings: settings, limits: SearchLimits(samples: limit))
  var history: SearchHistory = [:]
  var sizes: [Int] = []
  while true {
    switch search.next(history) {
    case .estimate(let estimate): return (estimate, sizes)
    case .round(let probes):
      precondition(!probes.isEmpty, "a search that waits for nothing never ends")
      sizes.append(probes[0].samples)
      for probe in probes { history[probe] = outcome(probe) }
    }
  }
}

@Suite struct SearchTests {
  @Test func bracketsEveryThresholdWithinTheTolerance() {
    for tolerance in [0.0, 0.05, 0.2] {
      for threshold in [1, 2, 3, 63, 64, 65, 100, 777, 4000, 9999] {
        let (estimate, _) = run(
          SearchSettings(relativeTolerance: tolerance, replicates: 1), limit: 10_000
        ) { $0.samples <= threshold ? .fit : .minimum }
        let lo = estimate.emc
        let hi = estimate.bracket.smallestUnfit!
        #expect(lo <= threshold && threshold < hi)
        #expect(Double(hi - lo) <= max(1, tolerance * Double(lo)))
        #expect(estimate.boundedBy == .minimum)
      }
    }
  }

  @Test func takesTheSizesThatTheRuleNames() {
    let (estimate, sizes) = run(
      SearchSettings(initialSamples: 64, relativeTolerance: 0.05, replicates: 1), limit: 60_000
    ) { $0.samples <= 790 ? .fit : .minimum }
    #expect(sizes == [64, 128, 256, 512, 1024, 768, 896, 832, 800])
    #expect(estimate.emc == 768)
    #expect(estimate.bracket == Bracket(largestFit: 768, smallestUnfit: 800))
  }

  @Test func clampsTheLastDoublingToTheDataSet() {
    let (estimate, sizes) = run(SearchSettings(replicates: 1), limit: 100) { _ in .fit }
    #expect(sizes == [64, 100])
    #expect(estimate.emc == 100)
    #expect(estimate.boundedBy == .datasetSize)
    #expect(estimate.bracket == Bracket(largestFit: 100, smallestUnfit: nil))
  }

  @Test func anEMCAtTheLargestSizeThatMemoryHoldsSaysSo() {
    let limits = SearchLimits(dataset: 100, memory: 80)
    let search = Search(settings: SearchSettings(initialSamples: 64, replicates: 1), limits: limits)
    let fits: SearchHistory = [
      ProbeAddress(samples: 64, replicate: 0): .fit, ProbeAddress(samples: 80, replicate: 0): .fit,
    ]
    guard case .estimate(let estimate) = search.next(fits) else {
      Issue.record("the search goes beyond what memory holds")
      return
    }
    #expect(estimate.emc == 80 && estimate.boundedBy == .memory && estimate.boundedBy.rawValue == "memory")
    #expect(SearchLimits(dataset: 100, memory: 100).bound == .datasetSize)
    #expect(SearchLimits(dataset: 100, memory: nil).bound == .datasetSize)
  }

  @Test func doesNotOverflowNearTheLargestSize() {
    let (estimate, _) = run(SearchSettings(replicates: 1), limit: .max) { _ in .fit }
    #expect(estimate.emc == .max)
  }

  @Test func goesDownToZeroWhenTheFirstSizeFails() {
    let (estimate, sizes) = run(SearchSettings(initialSamples: 8, replicates: 1), limit: 100) { _ in .minimum
    }
    #expect(sizes == [8, 4, 2, 1])
    #expect(estimate.emc == 0)
    #expect(estimate.bracket == Bracket(largestFit: nil, smallestUnfit: 1))
  }

  @Test(arguments: [
    (1, [true]), (2, [true, false]), (3, [true, true, false]), (4, [true, true, false, false]),
  ])
  func aStrictMajorityDecides(_ replicates: Int, _ fits: [Bool]) {
    let (estimate, _) = run(
      SearchSettings(initialSamples: 10, relativeTolerance: 0, replicates: replicates), limit: 10
    ) { fits[$0.replicate] ? .fit : .minimum }
    let majority = 2 * fits.count(where: \.self) > replicates
    #expect(estimate.emc == (majority ? 10 : 0))
  }

  @Test(arguments: [
    ([Outcome.minimum, .minimum, .minimum], Bound.minimum), ([.minimum, .fit, .minimum], .minimum),
    ([.saddle, .minimum, .minimum], .saddle), ([.saddle, .diverged, .minimum], .diverged),
    ([.saddle, .diverged, .budget], .budget), ([.fit, .diverged, .minimum], .diverged),
  ])
  func theWorstFailureAtTheSmallestUnfitSizeBounds(_ outcomes: [Outcome], _ bound: Bound) {
    let (estimate, _) = run(SearchSettings(initialSamples: 8), limit: 100) { probe in
      probe.samples < 8 ? .fit : probe.samples == 8 ? outcomes[probe.replicate] : .budget
    }
    #expect(estimate.bracket.smallestUnfit == 8)
    #expect(estimate.boundedBy == bound)
  }

  @Test func asksForTheRestOfARoundUntilAllOfItHasEnded() {
    let search = Search(
      settings: SearchSettings(initialSamples: 8, replicates: 3), limits: SearchLimits(samples: 100))
    let history: SearchHistory = [ProbeAddress(samples: 8, replicate: 1): .fit]
    #expect(
      search.next(history)
        == .round([ProbeAddress(samples: 8, replicate: 0), ProbeAddress(samples: 8, replicate: 2)]))
  }
}
