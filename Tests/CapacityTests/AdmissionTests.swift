import Capacity
import Datasets
import Foundation
import Testing

/// Admission looks at this machine; what is recorded is decoded without it.
@Suite struct AdmissionTests {
  private let here: TemporaryLibrary

  init() throws { here = try TemporaryLibrary() }

  private static let flowers = "a,b,kind\n1,2,p\n2,1,q\n3,5,p\n0,4,q\n7,2,q\n"

  /// A file of 360 rows of one class and 40 of the other.
  private static let imbalanced = Bundle.module.resourceURL!.appending(path: "Fixtures/csv/imbalanced.csv")
    .path

  @Test func decodingNeedsNothingOfTheMachineThatAdmitted() throws {
    try here.add("flowers", Self.flowers)
    let path = try here.write(Self.flowers, "direct.csv")
    var documents: [JSONValue] = []
    for (dataset, kind) in [
      (#"{"name": "flowers"}"#, DatasetResolver.Documents.clients),
      (#"{"name": "csv", "path": "\#(path)"}"#, .operators), (#"{"name": "mnist"}"#, .clients),
      (#"{"name": "prototypes", "height": 8, "width": 8}"#, .clients),
    ] {
      let admission = try here.admit(dataset, kind)
      let probe = ProbeSpecification(
        experiment: admission.specification.experiment, datasetDigest: String(repeating: "a", count: 64),
        address: ProbeAddress(samples: 4, replicate: 1))
      #expect(try MeasurementSpecification(recorded: admission.specification.json) == admission.specification)
      documents += [admission.specification.json, probe.json]
    }
    try here.library.remove(name: "flowers")
    try FileManager.default.removeItem(at: here.folder)
    for document in documents {
      if document["samples"] == nil {
        #expect(try MeasurementSpecification(recorded: document).json == document)
      } else {
        #expect(try ProbeSpecification(json: document).json == document)
      }
    }
  }

  @Test func whatIsRecordedIsDecodedWhateverMemoryThereIsNow() throws {
    let text =
      #"{"dataset": {"name": "gaussian", "dimensions": 1000}, "model": {"kind": "mlp", "hidden": [4000, 4000]}}"#
    let admission = try Admission(json: JSONValue(parsing: text.utf8), memoryLimit: 8 << 30)
    let refused = #expect(throws: SpecificationError.self) {
      try Admission(json: admission.specification.json, memoryLimit: 1 << 20)
    }
    #expect(refused?.faults.map(\.pointer) == ["/model"])
    #expect(refused?.faults.first?.allowed.contains("--memory-limit") == true)
    #expect(try MeasurementSpecification(recorded: admission.specification.json) == admission.specification)
  }

  @Test func aPublishedDataSetThatIsNotHereIsAdmittedByTheCatalogueAndPinnedByNobodyYet() throws {
    let admission = try here.admit(#"{"name": "mnist"}"#)
    #expect(admission.terms.dataset == nil)
    #expect(admission.facts.trainingSamples == 60_000)
    #expect(admission.terms.form == DataForm(shape: .image(height: 28, width: 28, channels: 1), classes: 10))
    #expect(admission.terms.parameterCount == 7850)
    // Not even a folder was made.
    #expect(!FileManager.default.fileExists(atPath: here.folder.appending(path: "data").path))
    let generated = try here.admit(#"{"name": "gaussian", "dimensions": 3}"#)
    #expect(
      generated.terms.dataset?.digest == (try here.library.open(.gaussian(dimensions: 3, classes: 2)).digest))
  }

  @Test func theSizesOfASearchEndWhereMemoryDoes() throws {
    // A linear model on 1,000 inputs: nothing but the data grows with the size.
    let rest = #", "training": {"batch_size": 8}"#
    let data = #"{"name": "gaussian", "dimensions": 1000}"#
    let limit = 1 << 30
    let admission = try here.admit(data, rest: rest, memoryLimit: limit)
    let largest = try #require(admission.terms.memoryLimit)
    #expect(admission.footprint(samples: largest).memory.peak <= limit)
    #expect(admission.footprint(samples: largest + 1).memory.peak > limit)
    // 4,012 bytes a sample while training, and as much again in double precision while curvature is examined.
    #expect(50_000..<268_000 ~= largest)
    #expect(admission.sampleLimit == largest)
    let fault = #expect(throws: SpecificationError.self) {
      try here.admit(
        data, rest: rest + #", "search": {"initial_samples": \#(largest + 1)}"#, memoryLimit: limit)
    }
    #expect(fault?.faults.map(\.pointer) == ["/search/initial_samples"])
    #expect(fault?.faults.first?.allowed == "an integer from 1 to \(largest)")
    // What memory holds all of has no limit by it.
    try here.add("flowers", Self.flowers)
    #expect(try here.admit(#"{"name": "flowers"}"#, memoryLimit: limit).terms.memoryLimit == nil)
  }

  /// Whichever candidate wins is trained at the sizes that were asked for.
  @Test func memoryHoldsEveryCandidateAndEveryTest() throws {
    func admit(_ rest: String) throws -> Admission {
      try Admission(
        json: JSONValue(parsing: #"{"dataset": {"name": "gaussian", "dimensions": 1000}\#(rest)}"#.utf8),
        memoryLimit: 1 << 29)
    }
    func faults(_ rest: String) -> [String] {
      do {
        _ = try admit(rest)
        return []
      } catch {
        return (error as? SpecificationError)?.faults.map(\.pointer) ?? ["\(error)"]
      }
    }
    let small = #", "model": {"kind": "mlp", "hidden": [2]}, "training": {"batch_size": 8}"#
    let largest = try #require(try admit(small).terms.memoryLimit)
    func tuned(_ search: String) -> String {
      small + #", "search": {"tune": {"/model/hidden/0": [2, 800]}, \#(search)}"#
    }
    let held = try #require(try admit(tuned(#""level": 0.9"#)).terms.memoryLimit)
    #expect(held < largest)
    let sizes = #""strategy": "grid", "sizes": [8, \#(largest)]"#
    #expect(faults(small + #", "search": {\#(sizes)}"#) == [])
    #expect(faults(tuned(sizes)) == ["/search/sizes/1"])
    #expect(
      faults(tuned(#""level": 0.9"#) + #", "generalization": {"samples": \#(largest)}"#) == [
        "/generalization/samples"
      ])
    #expect(
      faults(small + #", "generalization": {"samples": 8, "test_samples": 2000000}"#) == [
        "/generalization/test_samples"
      ])
    // What trains but can't be verified of a single sample.
    let wide = #", "model": {"kind": "mlp", "hidden": [500]}, "training": {"batch_size": 1}"#
    #expect(faults(wide) == [])
    #expect(faults(wide + #", "search": {"verification": {"probes": 1}}"#) == ["/search/verification/probes"])
  }

  @Test func aSearchThatMemoryEndsSaysSo() throws {
    let admission = try here.admit(
      #"{"name": "prototypes", "height": 8, "width": 8, "classes": 2, "difficulty": 0}"#,
      rest: #", "training": {"batch_size": 8, "max_steps": 50}, "search": {"replicates": 1}"#)
    let needed = admission.footprint(samples: 200).memory.peak
    let result = try LocalMeasurement(
      specification: admission.specification, library: here.library, workers: 2, memoryLimit: needed
    ).run().result
    #expect(result.json["bounded_by"] == .string("memory"))
    let emc = try #require(result.estimate.emc)
    #expect(result.json["emc"] == .integer(emc) && emc >= 200)
    #expect(admission.footprint(samples: emc).memory.peak <= needed)
  }

  @Test func aBalancedSearchEndsWhereTheSmallestClassDoes() throws {
    let format = UploadFormat.csv(TableOptions())
    try here.library.add(name: "imbalanced", format: format, contentsOf: Self.imbalanced)
    let balanced = #", "subset": {"sampling": "balanced"}"#
    let admission = try here.admit(#"{"name": "imbalanced"}"#, rest: balanced)
    #expect(admission.terms.dataset?.sampleLimit == 80)
    #expect(try here.admit(#"{"name": "imbalanced"}"#).terms.dataset?.sampleLimit == 400)
    // Two classes that a plane tells apart: everything that may be asked for is fit.
    let search = #", "search": {"strategy": "bisect"}"#
    let specification = try here.admit(
      #"{"name": "csv", "path": "\#(Self.imbalanced)"}"#, .operators, rest: balanced + search
    ).specification
    let result = try LocalMeasurement(specification: specification, library: here.library, workers: 2)
      .run().result
    #expect(result.estimate.emc == 80 && result.json["bounded_by"] == .string("dataset_size"))
    let beyond = #expect(throws: SpecificationError.self) {
      try here.admit(#"{"name": "imbalanced"}"#, rest: balanced + #", "search": {"initial_samples": 81}"#)
    }
    #expect(beyond?.faults.first?.allowed == "an integer from 1 to 80")
  }

  @Test func aClientIsToldNothingOfWhereFilesLie() throws {
    try here.add("flowers", Self.flowers)
    let registration = here.folder.appending(path: "data/stored/flowers.json")
    try Data("nonsense".utf8).write(to: registration)
    let fault = try here.fault(#"{"name": "flowers"}"#)
    #expect(fault.pointer == "/dataset/name" && !fault.detail.contains("/"))
    let operators = try here.fault(#"{"name": "flowers"}"#, .operators)
    #expect(operators.detail.contains(registration.lastPathComponent))
  }
}
