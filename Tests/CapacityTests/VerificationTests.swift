import Capacity
import Datasets
import Foundation
import Testing
import Training

/// The verification of a measurement's failures, and the levels of training error that its probes reached.
@Suite struct MeasurementVerificationTests {
  private static let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)

  private func specification(search: String, training: String = "", dimensions: Int = 4, probes: Int = 16)
    throws
    -> MeasurementSpecification
  {
    try MeasurementSpecification(
      json: JSONValue(
        parsing: """
          {"dataset": {"name": "gaussian", "dimensions": \(dimensions)}, "model": {"kind": "linear"},
           "labels": {"kind": "random"}, "seed": 3,
           "training": {"optimizer": {"kind": "lbfgs"}, "precision": "double", "max_steps": 400\(training)},
           "search": {"initial_samples": 8, "max_probes": \(probes), \(search)}}
          """.utf8))
  }

  private func without(_ names: [String], _ value: JSONValue?) -> JSONValue? {
    guard case .object(let members) = value else { return value }
    return .object(members.filter { !names.contains($0.key) })
  }

  @Test func failuresOfALinearModelAreVerifiedMinima() throws {
    let specification = try specification(search: #""verification": {"probes": 3}"#)
    let measurement = try LocalMeasurement(specification: specification, library: Self.library, workers: 2)
    let (result, probes) = try measurement.run()
    let verified = probes.filter { $0.address.kind == .verification }
    // The logistic loss of data that no plane separates has one minimum, at a finite distance.
    #expect(verified.map(\.verdict) == [.minimum, .minimum, .minimum])
    #expect(verified.allSatisfy { $0.outcome == nil && $0.json["relative_gradient_norm"] != nil })
    let failures = try #require(result.json["failures"])
    let count = probes.count { $0.address.kind == .training && $0.outcome != .fit }
    #expect(failures["count"] == .integer(count))
    #expect(failures["minimum"] == .integer(3) && failures["unverified"] == .integer(count - 3))
    let summary = try #require(result.json["summary"]?.stringValue)
    #expect(summary.contains("finds 3 of the 3 verified failures at minima"), "\(summary)")
    #expect(!summary.contains("more steps"), "\(summary)")
    // Those nearest to the threshold.
    let threshold = try #require(result.json["fit_probability"]?["threshold"]?.doubleValue)
    let distances = probes.filter { $0.address.kind == .training && $0.outcome != .fit }
      .map { abs(log(Double($0.address.samples) / threshold)) }.sorted()
    #expect(
      verified.allSatisfy { abs(log(Double($0.address.samples) / threshold)) <= distances[2] + 1e-12 })
  }

  /// With the ends of the failures at hand, and trained again without them.
  @Test func aVerificationDoesNotDependOnWhatItGoesOnFrom() throws {
    let specification = try specification(search: #""verification": {"probes": 2}"#)
    let (result, probes) = try LocalMeasurement(
      specification: specification, library: Self.library, workers: 1
    ).run()
    let training = probes.filter { $0.address.kind == .training }
    let read = training.compactMap { ProbeResult(json: $0.json, guardSteps: 400) }
    #expect(read.count == training.count)
    let again = try LocalMeasurement(specification: specification, library: Self.library, workers: 1)
      .run(from: read)
    #expect(again.result.json.text() == result.json.text())
    let verified = { (probes: [ProbeResult]) in
      probes.filter { $0.address.kind == .verification }.map { without(["seconds"], $0.json)?.text() }
    }
    #expect(verified(again.probes) == verified(probes) && verified(probes).count == 2)
    // What was printed is read again, verifications too.
    let all = probes.compactMap { ProbeResult(json: $0.json, guardSteps: 400) }
    #expect(all.map(\.observation) == probes.map(\.observation))
  }

  @Test func aVerificationHasAnAddressOfItsOwnAndItsRunsTrajectory() throws {
    let specification = try specification(search: #""verification": {"probes": 1}"#)
    let plan = try ProbeRunner(library: Self.library).plan(specification)
    let run = plan.probe(ProbeAddress(samples: 9, replicate: 1))
    let verification = plan.probe(run.address.verification)
    #expect(run.digest != verification.digest && run.trajectory == verification.trajectory)
    let decoded = try ProbeSpecification(json: JSONValue(parsing: verification.json.text().utf8))
    #expect(decoded.digest == verification.digest && decoded.address.kind == .verification)
    #expect(decoded.trajectory == verification.trajectory)
  }

  @Test func quantizedParametersCannotBeVerified() {
    #expect {
      try specification(
        search: #""verification": {"probes": 1}"#,
        training: #", "reparameterization": {"kind": "quantized", "bits": 4}"#)
    } throws: { error in
      (error as? SpecificationError)?.faults.contains {
        $0.pointer == "/search/verification/probes" && $0.detail.contains("no gradient")
      } == true
    }
  }

  @Test func theLevelsOfTrainingErrorComeFromTheSameProbes() throws {
    // A budget that ends while few samples are left, so that the levels lie apart.
    let specification = try MeasurementSpecification(
      json: JSONValue(
        parsing: """
          {"dataset": {"name": "gaussian", "dimensions": 10}, "model": {"kind": "mlp", "hidden": [6]},
           "labels": {"kind": "random"}, "seed": 3,
           "training": {"optimizer": {"kind": "adam", "learning_rate": 0.01}, "batch_size": 16, "max_steps": 1000},
           "search": {"initial_samples": 8, "max_probes": 40}}
          """.utf8))
    let json = try LocalMeasurement(specification: specification, library: Self.library, workers: 2)
      .run().result.json
    let levels = try #require(json["fit_levels"]?.arrayValue)
    #expect(levels.map { $0["training_error"]?.doubleValue } == [0, 0.01, 0.05, 0.1])
    #expect(levels[0]["emc"] == json["emc"] && levels[0]["interval"] == json["interval"])
    let emcs = levels.compactMap { $0["emc"]?.integerValue }
    #expect(emcs.count == 4 && emcs == emcs.sorted())
    #expect(Double(emcs[3]) > 1.3 * Double(emcs[0]))
  }

  @Test func anAskedTrainingErrorIsTheProbesOwn() throws {
    let specification = try specification(search: #""fit": {"training_error": 0.05}"#)
    #expect(specification.experiment.training.fitTrainingError == 0.05)
    let recorded = try MeasurementSpecification(recorded: specification.json)
    #expect(recorded == specification)
    let (result, probes) = try LocalMeasurement(
      specification: specification, library: Self.library, workers: 2
    ).run()
    let levels = try #require(result.json["fit_levels"]?.arrayValue)
    #expect(levels.map { $0["training_error"]?.doubleValue } == [0.05, 0.1])
    #expect(levels[0]["emc"] == result.json["emc"])
    for probe in probes where probe.outcome == .fit {
      let accuracy = try #require(probe.json["training_accuracy"]?.doubleValue)
      #expect(accuracy >= 0.95 - 1e-9)
    }
  }
}
