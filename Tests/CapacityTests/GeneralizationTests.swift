import Capacity
import Datasets
import Foundation
import Testing

/// Networks that are tested after a search.
@Suite struct GeneralizationTests {
  private static let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)

  /// Quantiles of tables (NIST, Engineering Statistics Handbook 1.3.6.7.2), and of Cauchy's distribution in closed form.
  @Test(arguments: [
    (1, 0.95, 6.314), (2, 0.95, 2.920), (3, 0.95, 2.353), (4, 0.975, 2.776), (10, 0.95, 1.812),
    (30, 0.975, 2.042),
    (100, 0.95, 1.660), (3, 0.05, -2.353),
  ])
  func studentsQuantilesAreThoseOfTables(_ degrees: Int, _ part: Double, _ value: Double) {
    let student = StudentDistribution(degrees: degrees)
    #expect(abs(student.quantile(part) - value) < 6e-4)
    #expect(abs(student.mass(below: student.quantile(part)) - part) < 1e-12)
    let cauchy = StudentDistribution(degrees: 1)
    for t in [-7.0, -0.3, 0, 0.5, 40] {
      #expect(abs(cauchy.mass(below: t) - (0.5 + atan(t) / .pi)) < 1e-13)
    }
  }

  @Test func meansHaveStudentsIntervalsWidenedByTheTestSamples() throws {
    let settings = GeneralizationSettings(samples: 10, networks: 4, testSamples: 400)
    let found = try #require(
      Generalization(
        [(1, 0.5), (1, 0.6), (0.9, 0.6), (1, 0.7)].map { .init(training: $0.0, test: $0.1) },
        settings: settings, level: 0.9))
    #expect(abs(found.testAccuracy.value - 0.6) < 1e-12 && abs(found.gap.value - 0.375) < 1e-12)
    // s² = 0.02 / 3; p = 241 / 402; t(3; 0.95) = 2.353.
    let p = 241.0 / 402
    let half = 2.3534 * (0.02 / 3 / 4 + p * (1 - p) / 400).squareRoot()
    #expect(abs(found.testAccuracy.upper - (0.6 + half)) < 1e-4)
    #expect(abs(found.testAccuracy.lower - (0.6 - half)) < 1e-4)
    #expect(found.trainingAccuracy.upper == 1)
    // That two networks get three of three right says little of others.
    let perfect = try #require(
      Generalization(
        [.init(training: 1, test: 1), .init(training: 1, test: 1)],
        settings: GeneralizationSettings(samples: 200, networks: 2, testSamples: 3), level: 0.9))
    #expect(perfect.testAccuracy.value == 1 && perfect.testAccuracy.lower < 0.37)
    #expect(perfect.trainingAccuracy.lower < 1 && perfect.trainingAccuracy.lower > 0.9)
    #expect(perfect.gap.lower < 0 && perfect.gap.upper > 0)
    #expect(Generalization([.init(training: 1, test: 0.5)], settings: settings, level: 0.9) == nil)
  }

  /// What the last stage fits is fit: its accuracy is that of the network that came out, and so are the levels that it reached.
  @Test func whatALastStageFitsIsFit() throws {
    let json = #"""
      {"dataset": {"name": "gaussian", "dimensions": 20}, "labels": {"kind": "random"}, "model": {"kind": "mlp", "hidden": [8]},
       "training": {"max_steps": 30, "batch_size": 16, "optimizer": {"kind": "sgd", "learning_rate": 0.02},
         "finish": {"kind": "second_order", "evaluations": 300}},
       "search": {"strategy": "grid", "sizes": [40, 60], "replicates": 4},
       "generalization": {"samples": 40, "networks": 3, "test_samples": 50}}
      """#
    let specification = try MeasurementSpecification(json: JSONValue(parsing: json.utf8))
    let measured = try LocalMeasurement(specification: specification, library: Self.library, workers: 2).run()
    let finished = measured.probes.filter { $0.observation.outcome == .fit && $0.json["finish"] != .null }
    #expect(finished.count >= 8)
    for probe in finished {
      #expect(probe.json["training_accuracy"] == .integer(1) || probe.json["training_accuracy"] == .number(1))
    }
    let result = measured.result.json
    #expect(result["generalization"]?["training_accuracy"]?["value"]?.doubleValue == 1)
    #expect(result["fit_levels"]?.arrayValue?.count == 4)
  }

  private static func specification(_ generalization: String) throws -> MeasurementSpecification {
    try MeasurementSpecification(
      json: JSONValue(
        parsing: Array(
          #"""
          {"dataset": {"name": "prototypes", "height": 6, "width": 6, "classes": 3, "difficulty": 2},
           "model": {"kind": "linear"}, "training": {"max_steps": 300, "batch_size": 16},
           "search": {"max_probes": 8, "initial_samples": 16}, "generalization": \#(generalization)}
          """#.utf8)))
  }

  @Test func networksAreTrainedAfterTheSearchAndDontChangeIt() throws {
    let specification = try Self.specification(#"{"samples": 60, "networks": 3, "test_samples": 500}"#)
    #expect(try MeasurementSpecification(recorded: specification.json) == specification)
    var without = specification
    without.generalization = nil
    func run(_ specification: MeasurementSpecification) throws -> (JSONValue, [ProbeResult]) {
      let found = try LocalMeasurement(specification: specification, library: Self.library, workers: 2).run()
      return (found.result.json, found.probes)
    }
    let (with, probes) = try run(specification)
    let (plain, searched) = try run(without)
    for name in ["emc", "interval", "fit_probability", "budget", "failures", "probe_count"] {
      #expect(with[name] == plain[name], "\(name)")
    }
    #expect(plain["generalization"] == .null)
    let networks = probes.filter { $0.address.kind == .generalization }
    #expect(networks.count == 3 && probes.count == searched.count + 3)
    #expect(networks.allSatisfy { $0.address.samples == 60 && $0.json["test_samples"] == .integer(500) })
    let means = networks.compactMap { $0.json["test_accuracy"]?.doubleValue }
    let value = try #require(with["generalization"]?["test_accuracy"]?["value"]?.doubleValue)
    #expect(abs(value - means.reduce(0, +) / 3) < 1e-12)
    // The prototypes lie far apart compared with the noise: a linear classifier of 60 samples is well above chance.
    #expect(value > 0.6)
  }

  @Test(arguments: [
    (#"{"samples": 0}"#, "/generalization/samples"), (#"{}"#, "/generalization/samples"),
    (#"{"samples": 5, "networks": 1}"#, "/generalization/networks"),
    (#"{"samples": 5, "test_samples": 0}"#, "/generalization/test_samples"),
    (#"{"samples": 5, "seed": 1}"#, "/generalization/seed"), (#"7"#, "/generalization"),
  ])
  func faultsAreNamed(_ text: String, _ pointer: String) throws {
    let error = try #require(throws: SpecificationError.self) { try Self.specification(text) }
    #expect(error.faults.first?.pointer == pointer)
  }

  @Test func aDataSetWithoutTestSplitIsRefused() throws {
    let error = try #require(throws: SpecificationError.self) {
      try MeasurementSpecification(
        json: JSONValue(
          parsing: Array(
            #"{"dataset": {"name": "covertype"}, "model": {"kind": "linear"}, "generalization": {"samples": 9}}"#
              .utf8)))
    }
    #expect(error.faults.map(\.pointer) == ["/generalization"])
  }

  /// Whichever network ended first.
  @Test func theOrderInWhichNetworksEndDoesntCount() throws {
    let admission = try linearAdmission(
      #""training": {"max_steps": 60}, "search": {"strategy": "grid", "sizes": [40], "replicates": 1}, "generalization": {"samples": 37, "networks": 7, "test_samples": 97}"#
    )
    let runner = ProbeRunner(library: Self.library)
    let plan = try runner.plan(admission.specification)
    let probes = try LocalMeasurement(
      specification: admission.specification, library: Self.library, workers: 2
    ).run().probes.map(\.observation)
    #expect(plan.generalization(probes)?.networks == 7)
    for turn in 1..<probes.count {
      let turned = Array(probes[turn...] + probes[..<turn])
      #expect(plan.result(turned).json == plan.result(probes).json)
      #expect(plan.generalization(turned) == plan.generalization(probes))
    }
  }
}
