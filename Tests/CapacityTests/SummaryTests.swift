import Capacity
import Datasets
import Foundation
import Testing

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
}
