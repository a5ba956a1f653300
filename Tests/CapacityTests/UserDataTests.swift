import Capacity
import Datasets
import Foundation
import Testing

/// A library in a folder of its own, removed with this.
final class TemporaryLibrary {
  let folder = FileManager.default.temporaryDirectory.appending(path: "emc-capacity-\(UUID().uuidString)")
  let library: DatasetLibrary

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    library = DatasetLibrary(directory: folder.appending(path: "data"))
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func write(_ text: String, _ name: String = "file.csv") throws -> String {
    let path = folder.appending(path: name)
    try Data(text.utf8).write(to: path)
    return path.path
  }

  @discardableResult
  func add(_ name: String, _ text: String) throws -> StoredDataset {
    try library.add(name: name, format: .csv(TableOptions()), contentsOf: write(text)).dataset
  }

  func admit(
    _ dataset: String, _ documents: DatasetResolver.Documents = .clients, rest: String = "",
    memoryLimit: Int = MemoryLimit.ofThisMachine
  ) throws -> Admission {
    let text = #"{"dataset": \#(dataset), "model": {"kind": "linear"}\#(rest)}"#
    return try Admission(
      json: JSONValue(parsing: text.utf8), datasets: DatasetResolver(library: library, documents: documents),
      memoryLimit: memoryLimit)
  }

  func read(
    _ dataset: String, _ documents: DatasetResolver.Documents = .clients, rest: String = ""
  ) throws -> MeasurementSpecification {
    try admit(dataset, documents, rest: rest).specification
  }

  func fault(
    _ dataset: String, _ documents: DatasetResolver.Documents = .clients, rest: String = ""
  ) throws -> SpecificationFault {
    do {
      _ = try read(dataset, documents, rest: rest)
    } catch let error as SpecificationError {
      return try #require(error.faults.count == 1 ? error.faults[0] : nil, "\(error)")
    }
    throw CocoaError(.featureUnsupported)
  }

  func probe(_ specification: MeasurementSpecification) throws -> ProbeSpecification {
    try ProbeRunner(library: library).plan(specification).probe(ProbeAddress(samples: 4, replicate: 0))
  }
}

private let flowers = "a,b,kind\n1,2,p\n2,1,q\n3,5,p\n0,4,r\n7,2,q\n"

@Suite("Specifications that name the user's data")
struct UserDataTests {
  let here: TemporaryLibrary

  init() throws { here = try TemporaryLibrary() }

  @Test("what an added data set holds comes from the library, and its digest is pinned")
  func facts() throws {
    let entry = try here.add("flowers", flowers)
    let admission = try here.admit(#"{"name": "flowers"}"#)
    let specification = admission.specification
    let facts = admission.facts
    #expect(facts.shape == .features(2))
    #expect((facts.classes, facts.trainingSamples, facts.testSamples) == (3, 5, 0))
    #expect(specification.experiment.data.dataset.digest == entry.digest)
    #expect(admission.terms.dataset == PinnedDataset(digest: entry.digest, sampleLimit: 5))
    // A linear classifier of 2 inputs and 3 classes.
    #expect(admission.terms.parameterCount == 9)
    #expect(specification.search.initialSamples == 5)
    #expect(
      specification.json["dataset"]
        == .object(["name": .string("flowers"), "digest": .string(entry.digest)]))
    let again = try here.read(specification.json["dataset"]!.text())
    #expect(again == specification)
  }

  @Test("options, sizes and classes are held against the data")
  func faultsAgainstTheData() throws {
    try here.add("flowers", flowers)
    let name = #"{"name": "flowers"}"#
    #expect(try here.fault(#"{"name": "flowers", "labels": "fine"}"#).pointer == "/dataset/labels")
    #expect(
      try here.fault(name, rest: #", "search": {"initial_samples": 6}"#).pointer == "/search/initial_samples")
    #expect(
      try here.fault(name, rest: #", "classes": {"kind": "merged", "count": 4}"#).pointer == "/classes/count")
    #expect(
      try here.fault(name, rest: #", "inputs": {"kind": "shuffled_pixels"}"#).pointer == "/inputs/kind")
  }

  @Test("an unknown name is told what there is and how to add it")
  func unknown() throws {
    try here.add("flowers", flowers)
    let fault = try here.fault(#"{"name": "flower"}"#)
    #expect(fault.pointer == "/dataset/name")
    for word in ["mnist", "teacher", "emc datasets add", "POST /v1/datasets", "flowers"] {
      #expect(fault.allowed.contains(word))
    }
    #expect(try here.fault(#"{"name": "../../etc/passwd"}"#).pointer == "/dataset/name")
    // Without a library only the catalogue is known.
    #expect(throws: SpecificationError.self) {
      try MeasurementSpecification(
        json: JSONValue(parsing: #"{"dataset": {"name": "flowers"}, "model": {"kind": "linear"}}"#.utf8))
    }
  }

  @Test("a digest that the name no longer has is refused")
  func changed() throws {
    let first = try here.add("flowers", flowers)
    let recorded = #"{"name": "flowers", "digest": "\#(first.digest)"}"#
    _ = try here.read(recorded)
    try here.library.remove(name: "flowers")
    let gone = try here.fault(recorded)
    #expect(gone.detail.contains(first.digest) && gone.value == .string("flowers"))
    let second = try here.add("flowers", flowers + "1,1,p\n")
    let fault = try here.fault(recorded)
    #expect(fault.pointer == "/dataset/digest" && fault.value == .string(first.digest))
    #expect(fault.allowed.contains(second.digest))
    for wrong in [#""abc""#, "1", #""\#(first.digest.uppercased())""#] {
      #expect(try here.fault(#"{"name": "flowers", "digest": \#(wrong)}"#).pointer == "/dataset/digest")
    }
    // What was recorded is found by its digest, whatever it is called now.
    try here.add("blossoms", flowers)
    let document =
      #"{"dataset": \#(recorded), "model": {"kind": "linear"}, "training": {"optimizer": {"learning_rate": 0.01}}}"#
    let decoded = try MeasurementSpecification(recorded: JSONValue(parsing: document.utf8))
    #expect(try decoded.experiment.data.dataset.open(in: here.library).digest == first.digest)
  }

  @Test("a probe's address holds the content's digest and neither name nor path")
  func address() throws {
    try here.add("one", flowers)
    try here.add("two", flowers.replacing(",", with: ";"))
    try here.add("other", flowers.replacing("7,2,q", with: "7,2,r"))
    let one = try here.probe(here.read(#"{"name": "one"}"#))
    let two = try here.probe(here.read(#"{"name": "two"}"#))
    let other = try here.probe(here.read(#"{"name": "other"}"#))
    let path = try here.write(flowers, "direct.csv")
    let direct = try here.probe(here.read(#"{"name": "csv", "path": "\#(path)"}"#, .operators))
    #expect(one.digest == two.digest && one.digest == direct.digest)
    #expect(one.digest != other.digest)
    #expect(one.json["dataset_digest"] == one.json["dataset"]?["digest"])
    // The worker's document names the data set, for messages, and reads back as the same probe.
    #expect(one.json["dataset"]?["name"] == .string("one"))
    let back = try ProbeSpecification(json: one.json)
    #expect(back == one && back.digest == one.digest)
  }

  @Test("a probe whose data are gone says which")
  func removed() throws {
    let entry = try here.add("flowers", flowers)
    let probe = try here.probe(here.read(#"{"name": "flowers"}"#))
    let runner = ProbeRunner(library: here.library)
    #expect(try runner.run(probe, shouldStop: { false }) != nil)
    try here.library.remove(name: "flowers")
    do {
      _ = try runner.run(probe, shouldStop: { false })
      Issue.record("it ran on data that are gone")
    } catch {
      #expect("\(error)".contains("flowers") && "\(error)".contains(entry.digest))
    }
  }

  @Test("files of the operator's machine, and only there")
  func files() throws {
    let path = try here.write("x;y;label\n1;2;0\n2;1;1\n3;3;0\n4;1;1\n", "f.txt")
    let text =
      #"{"name": "csv", "path": "\#(path)", "class_column": "label", "column_types": {"y": "ignored"}, "delimiter": ";"}"#
    let admission = try here.admit(text, .operators)
    let specification = admission.specification
    let dataset = specification.experiment.data.dataset
    #expect(admission.facts.shape == .features(1))
    #expect(try MeasurementSpecification(recorded: specification.json) == specification)
    #expect(specification.json["dataset"]?["digest"] == dataset.digest.map(JSONValue.string))
    #expect(specification.json["dataset"]?["column_types"] == .object(["y": .string("ignored")]))
    #expect(try here.read(specification.json["dataset"]!.text(), .operators) == specification)
    let refused = try here.fault(text, .clients)
    #expect(refused.pointer == "/dataset/name")
    #expect(refused.detail.contains("POST /v1/datasets") && refused.detail.contains("emc datasets add"))
    for file in ["csv", "npy", "npz", "image_folder", "imagenet"] {
      #expect(try here.fault(#"{"name": "\#(file)", "path": "/etc/passwd"}"#).pointer == "/dataset/name")
    }
  }

  @Test(arguments: [
    (#"{"name": "csv"}"#, "/dataset/path"),
    (#"{"name": "csv", "path": "/nowhere.csv"}"#, "/dataset/path"),
    (#"{"name": "csv", "path": "FILE", "class_column": "nothing"}"#, "/dataset/path"),
    (#"{"name": "csv", "path": "FILE", "class_column": 2.5}"#, "/dataset/class_column"),
    (#"{"name": "csv", "path": "FILE", "delimiter": ",,"}"#, "/dataset/delimiter"),
    (#"{"name": "csv", "path": "FILE", "header_rows": -1}"#, "/dataset/header_rows"),
    (#"{"name": "csv", "path": "FILE", "column_types": {"a": "number"}}"#, "/dataset/column_types/a"),
    (#"{"name": "csv", "path": "FILE", "height": 3}"#, "/dataset/height"),
    (#"{"name": "npz", "path": "FILE", "inputs": 3}"#, "/dataset/inputs"),
    (#"{"name": "npy", "path": "FILE"}"#, "/dataset/path"),
    (#"{"name": "image_folder", "path": "FILE", "width": 4}"#, "/dataset/height"),
    (
      #"{"name": "image_folder", "path": "/nowhere", "width": 4, "height": 4, "channels": 2}"#,
      "/dataset/channels"
    ),
    (#"{"name": "imagenet", "path": "/nowhere", "width": 4, "height": 4}"#, "/dataset/path"),
  ])
  func faultsOfFiles(_ text: String, _ pointer: String) throws {
    let path = try here.write(flowers)
    #expect(try here.fault(text.replacing("FILE", with: path), .operators).pointer == pointer)
  }
}

@Suite("Options of the user's files as texts")
struct UploadOptionTests {
  @Test func theyAreReadAsASpecificationReadsThem() throws {
    var table = TableOptions()
    table.classColumn = .name("kind")
    table.columnTypes = [.position(3): .ignored, .name("a=b"): .numeric]
    table.headerRows = 2
    table.testFraction = 0.25
    let read = try UploadFormat(
      name: "csv",
      options: [
        ("class_column", "kind"), ("column_type", "3=ignored"), ("column_type", "a=b=numeric"),
        ("header_rows", "2"), ("test_fraction", "0.25"),
      ])
    #expect(read == .csv(table))
    #expect(
      try UploadFormat(name: "images", options: [("height", "8"), ("width", "9"), ("fit", "crop")])
        == .images(ImageForm(height: 8, width: 9, fit: .crop)))
  }

  @Test(arguments: [
    ("csv", "height", "3"), ("csv", "header_rows", "many"), ("csv", "test_fraction", "1"),
    ("csv", "test_fraction", "nan"), ("csv", "column_type", "a"), ("csv", "column_type", "a=colour"),
    ("npy", "class_column", "y"), ("images", "fit", "squeeze"), ("xls", "format", "xls"),
  ])
  func aFaultNamesItsOption(_ format: String, _ option: String, _ value: String) throws {
    var options = option == "format" ? [] : [(option, value)]
    if format == "images" { options += [("height", "8"), ("width", "8")] }
    do throws(ParametersError) {
      _ = try UploadFormat(name: format, options: options)
      Issue.record("it was allowed")
    } catch {
      #expect(error.faults.map(\.parameter) == [option])
      #expect(error.faults.first?.allowed.isEmpty == false)
    }
  }

  @Test func formatsAreInferredFromSuffixes() {
    for (path, format) in [
      ("a/b.csv", "csv"), ("x.CSV.gz", "csv"), ("iris.data", "csv"), ("a.npy", "npy"), ("a.npz", "npz"),
      ("a.tar", "images"), ("a.tar.gz", "images"), ("a.tgz", "images"), ("a.zip", "images"), ("a", nil),
      ("a.csv.zip", "csv"), ("a.csv.xz", "csv"), ("a.tar.xz", "images"), ("a.tar.zst", "images"),
      ("a.xz", nil),
    ] { #expect(UploadFormat.name(ofFile: path) == format) }
    #expect(UploadFormat.name(ofFile: "folder.csv", isFolder: true) == "images")
  }

  @Test func whatIsNotReadIsRefusedAsWhatItIs() {
    for (path, words) in [
      ("a/x.mat", "a MATLAB file"), ("X.H5", "HDF5"), ("x.parquet", "Parquet"), ("x.xlsx", "workbook"),
      ("x.jsonl", "JSON"), ("train-images-idx3-ubyte.gz", "IDX"), ("a.tar.bz2", "archive"),
      ("model.pt", "pickle"),
    ] {
      #expect(UploadFormat.name(ofFile: path) == nil)
      #expect(UploadFormat.refusal(ofFile: path)?.contains(words) == true, "\(path)")
    }
    for path in ["x", "x.csv", "x.npz", "x.tar.gz", "x.zip"] {
      #expect(UploadFormat.refusal(ofFile: path) == nil)
    }
  }
}
