import Capacity
import Datasets
import Foundation
import Testing
import Training

/// What a result says in words doesn't contradict itself.
@Suite struct SummaryTests {
  private let here: TemporaryLibrary

  init() throws { here = try TemporaryLibrary() }

  private func summary(_ specification: MeasurementSpecification) throws -> String {
    let result = try LocalMeasurement(specification: specification, library: here.library, workers: 2).run()
      .result
    return try #require(result.json["summary"]?.stringValue)
  }

  /// More steps don't make a network fit two labels of one input.
  @Test func whatNoNetworkCanFitGrowsWithNoBudget() throws {
    try here.add("same", "a,b,kind\n" + String(repeating: "1,2,p\n1,2,q\n", count: 20))
    let text = try summary(
      here.read(
        #"{"name": "same"}"#,
        rest: #", "training": {"max_steps": 100, "batch_size": 8}, "search": {"max_probes": 12}"#))
    #expect(text.contains("which no network can fit"), "\(text)")
    #expect(!text.contains("Twice the steps") && !text.contains("lower bound"), "\(text)")
  }

  /// Where all failures of a linear model were found at its minimum nothing is left to try.
  @Test func whereTheOneMinimumIsReachedNothingIsAdvised() throws {
    let text = try summary(
      MeasurementSpecification(
        json: JSONValue(
          parsing: """
            {"dataset": {"name": "gaussian", "dimensions": 1}, "labels": {"kind": "random"}, "model": {"kind": "linear"},
             "training": {"max_steps": 200, "optimizer": {"kind": "gradient_descent"}, "precision": "double"},
             "search": {"max_probes": 24, "verification": {"probes": 4}}}
            """.utf8)))
    #expect(text.contains("failures at minima of the loss: no more can be reached from there"), "\(text)")
    #expect(!text.contains("; try "), "\(text)")
  }

  @Test func oneCandidateHasWonNothing() throws {
    let text = try summary(
      MeasurementSpecification(
        json: JSONValue(
          parsing: """
            {"dataset": {"name": "gaussian", "dimensions": 4}, "model": {"kind": "linear"}, "training": {"max_steps": 100},
             "search": {"max_probes": 8, "tune": {"/training/optimizer/learning_rate": [0.1]}}}
            """.utf8)))
    #expect(text.contains("/training/optimizer/learning_rate = 0.1 is the only candidate"), "\(text)")
    #expect(!text.contains("won"))
  }

  /// Nothing is known, so nothing bounds it.
  @Test func withoutARunNothingBounds() {
    let estimate = Estimate([], search: Searches.adaptive())
    let json = MeasurementResult(estimate: estimate, parameterCount: 10, kernels: []).json
    for name in ["bounded_by", "emc", "emc_per_parameter"] { #expect(json[name] == .null, "\(name)") }
  }

  /// Failures at minima of which a second-order method fits some: the network is not the limit.
  @Test func minimaThatCanBeLeftBlameNoNetwork() {
    func probe(_ samples: Int, _ replicate: Int, _ outcome: Outcome?, _ verdict: FailureVerdict? = nil)
      -> ProbeObservation
    {
      ProbeObservation(
        address: ProbeAddress(
          samples: samples, replicate: replicate, kind: verdict == nil ? .training : .verification),
        outcome: outcome, steps: outcome == .fit ? 100 : 20_000, verdict: verdict)
    }
    func text(_ verdicts: [FailureVerdict]) -> String? {
      let runs = (0..<8).flatMap { [probe(100, $0, .fit), probe(200, $0, .minimum)] }
      let verified = verdicts.enumerated().map { probe(200, $0, nil, $1) }
      let estimate = Estimate(runs + verified, search: Searches.adaptive())
      return MeasurementResult(estimate: estimate, parameterCount: 10, kernels: []).json["summary"]?
        .stringValue
    }
    #expect(text([.undecided])?.contains("try a wider network") == true)
    let reachable = text([.reachable, .undecided])
    #expect(
      reachable?.contains("a wider network") == false && reachable?.contains("verified minima") == false)
    #expect(reachable?.contains("not at the best there are") == true, "\(reachable ?? "")")
  }

  /// A grid's largest size isn't the most that there is.
  @Test func whatAGridAskedForIsNotAllThereIs() throws {
    func text(_ sizes: [Int]) -> String? {
      let runs = sizes.flatMap { size in
        (0..<3).map {
          ProbeObservation(address: ProbeAddress(samples: size, replicate: $0), outcome: .fit, steps: 10)
        }
      }
      let estimate = Estimate(runs, search: Searches.grid(sizes, replicates: 3))
      return MeasurementResult(estimate: estimate, parameterCount: 10, kernels: []).json["summary"]?
        .stringValue
    }
    #expect(text([100, 500])?.contains("the most that was asked for") == true)
    #expect(text([100, 60_000])?.contains("the most that can be asked for") == true)
  }
}
