import Capacity
import Foundation
import Testing

/// A small part of the studies' table in docs/statistics.md.
@Suite struct StudySimulationTests {
  private func studies(
    _ ratios: [Double], axis: [Double]? = nil, scale: Double = 0.15, count: Int
  ) -> StudySimulationSummary {
    StudySimulation(
      search: Search(settings: SearchSettings(), limits: SearchLimits(samples: 60_000)),
      curve: SimulatedCurve(shape: .logistic, threshold: 1000, scale: scale), ratios: ratios, axis: axis,
      seed: 11
    ).run(studies: count, workers: 2)
  }

  /// The largest count that so many studies exceed with a probability of at most 0.1 %.
  private func bound(_ alpha: Double, _ count: Int) -> Double {
    alpha + 3.1 * (alpha * (1 - alpha) / Double(count)).squareRoot()
  }

  @Test func withoutAnEffectNoneIsFound() {
    let summary = studies([1, 1, 1], count: 120)
    #expect(summary.falseFindings(0.1) <= bound(0.1, 120), "\(summary.falseFindings(0.1))")
    #expect(summary.falseFindings(0.05) <= bound(0.05, 120), "\(summary.falseFindings(0.05))")
    #expect(summary.coverage >= 0.9 - 3.1 * (0.9 * 0.1 / 120).squareRoot(), "\(summary.coverage)")
  }

  @Test func threeTenthsMoreAreFound() {
    let summary = studies([1, 1.3], count: 150)
    #expect(summary.found(0.05) >= 0.8 - 3.1 * (0.8 * 0.2 / 150).squareRoot(), "\(summary.found(0.05))")
    #expect(summary.coverage >= 0.9 - 3.1 * (0.9 * 0.1 / 150).squareRoot(), "\(summary.coverage)")
  }

  @Test func exponentsCover() {
    let summary = studies([1, 2, 4, 8], axis: [8, 16, 32, 64], scale: 0.3, count: 60)
    #expect(
      summary.exponentCoverage >= 0.9 - 3.1 * (0.9 * 0.1 / 60).squareRoot(), "\(summary.exponentCoverage)")
    #expect(summary.curved(0.05) <= bound(0.05, 60), "\(summary.curved(0.05))")
    // And bent ones are noticed.
    #expect(studies([1, 2.5, 4, 4.5], axis: [8, 16, 32, 64], count: 40).curved(0.05) > 0.9)
  }

  /// The same whatever the threads.
  /// Simulated cells are read as real ones are: below the sizes that were tried nothing is told but that.
  @Test func whatLiesBelowTheSizesThatWereTriedIsNoThreshold() {
    let search = Search(
      settings: SearchSettings(strategy: .increment(IncrementSearch.Options()), initialSamples: 64),
      limits: SearchLimits(samples: 60_000))
    let curve = SimulatedCurve(shape: .logistic, threshold: 30, scale: 0.1)
    let study = StudySimulation(search: search, curve: curve, ratios: [1, 1, 10], seed: 3)
      .run(studies: 40, workers: 2)
    #expect(study.coverage > 0.85, "\(study.coverage)")
    // Without a threshold there is neither a bias nor a width.
    let one = SearchSimulation(search: search, curve: curve, seed: 3).run(trials: 20, workers: 2)
    #expect(one.coverage == 1 && one.bias == nil && one.json["bias"] == .null)
    #expect(one.json["relative_width"]?["median"] == .null)
  }

  /// How far a threshold lies beyond the largest size is the prior's word, not the runs'.
  @Test func ratiosToWhatFitsEverythingAreBoundedByTheEnds() {
    let search = Searches.adaptive(limit: 60)
    let curve = SimulatedCurve(shape: .logistic, threshold: 10, scale: 0.05)
    let study = StudySimulation(search: search, curve: curve, ratios: [1, 6.2], seed: 3)
      .run(studies: 100, workers: 2)
    #expect(study.coverage > 0.9 - 3 * (0.9 * 0.1 / 100).squareRoot(), "\(study.coverage)")
  }

  @Test func simulationsRepeat() {
    let simulation = StudySimulation(
      search: Search(settings: SearchSettings(), limits: SearchLimits(samples: 60_000)),
      curve: SimulatedCurve(shape: .step, threshold: 300, scale: 0.1), ratios: [1, 2, 3], axis: [1, 2, 3],
      seed: 4)
    #expect(simulation.run(studies: 6, workers: 1).json == simulation.run(studies: 6, workers: 3).json)
  }
}
