import Capacity
import Datasets
import Foundation
import Testing

/// What probes tell of samples that they were not trained on.
@Suite struct TestSplitTests {
  private let library = DatasetLibrary(
    directory: FileManager.default.temporaryDirectory.appending(path: "emc-test-split-\(UUID())"))

  private func probes(_ members: String, samples: Int, replicates: Int = 1) throws -> [JSONValue] {
    let specification = try MeasurementSpecification(json: JSONValue(parsing: "{\(members)}".utf8))
    return try LocalMeasurement(specification: specification, library: library, workers: 2)
      .run(sizes: [samples], replicates: replicates).map(\.json)
  }

  private static let prototypes =
    #""dataset": {"name": "prototypes", "classes": 4, "difficulty": 0.5}, "#
    + #""model": {"kind": "mlp", "hidden": [16], "normalization": "batch"}, "#
    + #""training": {"max_steps": 400, "batch_size": 50}"#

  @Test func whatIsLearntFromMeaningCarriesOverAndWhatIsLearntByHeartDoesNot() throws {
    let test = #", "test": {"samples": 600}"#
    let own = try probes(Self.prototypes + test, samples: 200)[0]
    let random = try probes(Self.prototypes + test + #", "labels": {"kind": "random"}"#, samples: 200)[0]
    #expect(own["outcome"] == .string("fit") && random["outcome"] == .string("fit"))
    #expect(own["test_samples"] == .integer(600) && random["test_samples"] == .integer(600))
    #expect(try #require(own["test_accuracy"]?.doubleValue) > 0.95)
    // Chance is 1/4, with a standard deviation of 0.018 for one network's answers by class.
    #expect(try #require(random["test_accuracy"]?.doubleValue) < 0.5)
    #expect(
      try #require(own["test_loss"]?.doubleValue) < (#require(random["test_loss"]?.doubleValue)))
  }

  @Test func testingChangesNothingElse() throws {
    func rest(_ probe: JSONValue) -> [String: JSONValue] {
      guard case .object(let members) = probe else { return [:] }
      return members.filter { $0.key != "seconds" && !$0.key.hasPrefix("test_") }
    }
    let plain = try probes(Self.prototypes, samples: 120)[0]
    let tested = try probes(Self.prototypes + #", "test": {"samples": 50}"#, samples: 120)[0]
    #expect(plain["test_samples"] == nil)
    #expect(rest(plain) == rest(tested))
  }

  /// The class is whether x > 100, which a linear model that was trained on standardised inputs can only tell where
  /// test inputs are moved and scaled as the training set was.
  @Test(arguments: ["whole_split", "subset"]) func inputsAreStandardisedAsInTraining(kind: String) throws {
    let rows = (0..<400).map { "\(90 + Double($0 * 37 % 400) / 20),\($0 * 37 % 400 > 200 ? "b" : "a")" }
    let file = FileManager.default.temporaryDirectory.appending(path: "emc-test-split-\(UUID()).csv")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data((["x,class"] + rows).joined(separator: "\n").utf8).write(to: file)
    let format = try UploadFormat(name: "csv", options: [("test_fraction", "0.5")])
    let entry = try library.add(
      name: "line-\(kind.replacing("_", with: "-"))", format: format, contentsOf: file.path
    )
    .dataset
    let specification = try MeasurementSpecification(
      json: JSONValue(
        parsing: """
          {"dataset": {"name": "\(entry.name)"}, "model": {"kind": "linear"},
           "inputs": {"standardization": "\(kind)"}, "training": {"max_steps": 3000},
           "test": {"samples": \(entry.testCount)}}
          """.utf8),
      datasets: DatasetResolver(library: library, documents: .clients))
    let probe = try #require(
      try LocalMeasurement(specification: specification, library: library, workers: 1)
        .run(sizes: [150], replicates: 1).first
    ).json
    #expect(probe["test_samples"] == .integer(entry.testCount))
    #expect(try #require(probe["test_accuracy"]?.doubleValue) > 0.97)
  }

  @Test func moreThanTheSplitHoldsIsRefused() throws {
    let error = #expect(throws: SpecificationError.self) {
      try probes(
        #""dataset": {"name": "credit"}, "model": {"kind": "linear"}, "test": {"samples": 1}"#, samples: 10)
    }
    let fault = try #require(error?.faults.first)
    #expect(fault.pointer == "/test/samples" && fault.allowed == "an integer from 0 to 0")
  }
}
