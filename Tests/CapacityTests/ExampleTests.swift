import Capacity
import Datasets
import Foundation
import Testing

/// The specifications under `examples/`: what people start from can be run.
@Suite struct ExampleTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "examples")

  private static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".json") }.sorted()

  @Test func thereAreADozen() { #expect(Self.names.count >= 12) }

  @Test(arguments: names) func itIsAdmittedAndDecodedAsItWasRecorded(_ name: String) throws {
    let text = try Data(contentsOf: Self.folder.appending(path: name))
    let admission = try Admission(json: JSONValue(parsing: text), memoryLimit: 4 << 30)
    #expect(admission.specification.name?.isEmpty == false)
    #expect(admission.terms.parameterCount > 0)
    #expect(try MeasurementSpecification(recorded: admission.specification.json) == admission.specification)
  }

  /// The two that need nothing fetched train, a step or so.
  @Test(arguments: ["linear_two_random_labels.json", "prototypes_test_split.json"])
  func itTrains(_ name: String) throws {
    let text = try Data(contentsOf: Self.folder.appending(path: name))
    var specification = try MeasurementSpecification(json: JSONValue(parsing: text))
    specification.experiment.training.maxSteps = 20
    let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)
    let probes = try LocalMeasurement(specification: specification, library: library, workers: 1)
      .run(sizes: [16], replicates: 1)
    #expect(probes.count == 1 && probes[0].steps <= 20)
  }
}
