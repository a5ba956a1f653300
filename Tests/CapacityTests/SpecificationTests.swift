import Capacity
import Foundation
import Testing
import Training

private let smallest = #"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}}"#

private func read(_ text: String) throws -> MeasurementSpecification {
  try MeasurementSpecification(json: JSONValue(parsing: text.utf8))
}

/// The faults of a document, or none.
private func faults(_ text: String) throws -> [SpecificationFault] {
  do {
    _ = try read(text)
    return []
  } catch let error as SpecificationError {
    return error.faults
  }
}

@Suite struct SpecificationTests {
  /// What would be taken for something else in silence.
  @Test func whatSaysNothingIsRefused() throws {
    for (member, pointer) in [
      (#""search": {"strategy": "grid", "sizes": [5, 5, 3]}"#, "/search/sizes"),
      (#""generalization": null"#, "/generalization"), (#""limits": null"#, "/limits"),
    ] {
      let error = #expect(throws: SpecificationError.self) {
        try MeasurementSpecification(
          json: JSONValue(
            parsing: #"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}, \#(member)}"#.utf8))
      }
      #expect(error?.faults.first?.pointer == pointer)
    }
  }

  /// Adam's rate follows the largest fan_in before the last layer, or that of the only one: 0.09 / √fan_in, at most 0.02,
  /// on whatever the candidate, the target of parameters or the layers make of it. A rate that is given stays.
  @Test func theUsualRateFollowsTheNetwork() throws {
    let rate = JSONPointer("/training/optimizer/learning_rate")!
    for (model, more, expected) in [
      (#"{"kind": "linear"}"#, "", 0.0032), (#"{"kind": "mlp", "hidden": [512]}"#, "", 0.0032),
      (#"{"kind": "mlp", "hidden": [1024, 16]}"#, "", 0.0028),
      (#"{"kind": "mlp", "scaling": {"target_parameters": 5000}}"#, "", 0.0032),
      (#"{"kind": "cnn", "channels": [4], "hidden": []}"#, "", 0.02),
      (#"{"kind": "cnn", "channels": [4, 16], "hidden": []}"#, "", 0.015),
      (#"{"kind": "cnn", "channels": [4], "hidden": [64]}"#, "", 0.0032),
      (#"{"kind": "vit", "patch": 14, "width": 8}"#, "", 0.0064),
      (
        #"{"kind": "sequential", "layers": [{"kind": "batch_normalization"}, {"kind": "convolution", "channels": 2, "kernel": 9}]}"#,
        "", 0.01
      ),
      (#"{"kind": "linear"}"#, #", "training": {"optimizer": {"kind": "adamw"}}"#, 0.0032),
      (#"{"kind": "linear"}"#, #", "training": {"optimizer": {"kind": "sgd"}}"#, 0.05),
      (#"{"kind": "linear"}"#, #", "training": {"optimizer": {"learning_rate": 0.005}}"#, 0.005),
    ] {
      let specification = try read(#"{"dataset": {"name": "mnist"}, "model": \#(model)\#(more)}"#)
      #expect(specification.json.value(at: rate)?.doubleValue == expected, "\(model)")
      #expect(try MeasurementSpecification(recorded: specification.json) == specification)
    }
    let tuned = try read(
      #"{"dataset": {"name": "mnist"}, "model": {"kind": "vit", "patch": 14, "width": 8}, "search": {"tune": {"/model/patch": [7, 14]}}}"#
    )
    let candidates = tuned.search.candidates.map { $0.values[rate] ?? tuned.json.value(at: rate) }
    #expect(candidates == [.number(0.013), .number(0.0064)])
  }

  /// A document without it is none that emc wrote: nothing is guessed.
  @Test func aRecordedDocumentHasItsRate() throws {
    let without = try read(smallest).json.merging(
      JSONValue(parsing: #"{"training": {"optimizer": {"learning_rate": null}}}"#.utf8))
    let error = #expect(throws: SpecificationError.self) { try MeasurementSpecification(recorded: without) }
    #expect(error?.faults.map(\.pointer) == ["/training/optimizer/learning_rate"])
  }

  @Test func defaultsAreThoseOfTheDefaultProcedure() throws {
    let json = try read(smallest).json
    #expect(json["labels"] == .object(["kind": .string("original")]))
    #expect(json["seed"] == .integer(1))
    #expect(
      json["search"]
        == .object([
          "strategy": .string("adaptive"), "initial_samples": .integer(64), "relative_width": .number(0.2),
          "max_probes": .integer(100), "probes_per_round": .integer(4), "level": .number(0.9),
          "budget": .object(["kind": .string("fixed")]), "verification": .object(["probes": .integer(0)]),
          "fit": .object(["training_error": .number(0)]),
        ]))
    let training = json["training"]
    #expect(training?["optimizer"]?["kind"] == .string("adam"))
    #expect(training?["optimizer"]?["learning_rate"] == .number(0.0032))
    #expect(training?["schedule"]?["warmup_steps"] == .integer(1000))
    #expect(training?["batch_size"] == .integer(128))
    #expect(training?["schedule"]?["kind"] == .string("constant"))
    #expect(training?["max_steps"] == .integer(20_000))
    #expect(training?["convergence"]?["gradient_norm"] == .number(1e-3))
    #expect(training?["convergence"]?["negative_curvature"] == .number(1e-3))
  }

  @Test(arguments: [
    smallest,
    #"{"dataset": {"name": "gaussian", "dimensions": 20, "classes": 3}, "model": {"kind": "mlp", "hidden": [5, 4]}}"#,
    #"{"name": "n", "dataset": {"name": "mnist"}, "labels": {"kind": "random"}, "model": {"kind": "mlp"}, "seed": 0}"#,
    #"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}, "training": {"batch_size": "full", "optimizer": {"learning_rate": "auto"}, "schedule": {"kind": "plateau", "patience": 7}}}"#,
  ])
  func aFilledInSpecificationReadsBackAsItself(_ text: String) throws {
    let specification = try read(text)
    #expect(try MeasurementSpecification(json: specification.json) == specification)
    #expect(try read(specification.json.text(pretty: true)) == specification)
    #expect(try MeasurementSpecification(recorded: specification.json) == specification)
  }

  @Test(arguments: [
    (#"[]"#, [""]),
    (#"{}"#, ["/dataset", "/model"]),
    (#"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}, "colour": 1}"#, ["/colour"]),
    (#"{"dataset": {"name": "mnist"}, "model": {"kind": "linear", "hidden": [3]}}"#, ["/model/hidden"]),
    (#"{"dataset": {"name": "mnist", "classes": 3}, "model": {"kind": "linear"}}"#, ["/dataset/classes"]),
    (#"{"dataset": {"name": "imagined"}, "model": {"kind": "imagined"}}"#, ["/dataset/name", "/model/kind"]),
    (#"{"dataset": {"name": "gaussian"}, "model": {"kind": "linear"}}"#, ["/dataset/dimensions"]),
    (
      #"{"dataset": {"name": "gaussian", "dimensions": 2.5}, "model": {"kind": "linear"}}"#,
      ["/dataset/dimensions"]
    ),
    (
      #"{"dataset": {"name": "mnist"}, "model": {"kind": "mlp", "hidden": [4, "x", 0]}}"#,
      ["/model/hidden/1", "/model/hidden/2"]
    ),
    (
      #"{"dataset": {"name": "mnist"}, "model": {"kind": "mlp", "hidden": [], "activation": "rely"}}"#,
      ["/model/hidden", "/model/activation"]
    ),
    (
      #"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}, "training": {"optimizer": {"kind": "sgd", "learning_rate": 0, "momentum": 1}, "batch_size": "half", "schedule": {"kind": "slow"}, "max_steps": 0}}"#,
      [
        "/training/optimizer/momentum", "/training/optimizer/learning_rate", "/training/batch_size",
        "/training/schedule/kind", "/training/max_steps",
      ]
    ),
    (
      #"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}, "search": {"initial_samples": 60001, "replicates": 0}, "seed": -1, "name": ""}"#,
      ["/name", "/seed", "/search/initial_samples", "/search/replicates"]
    ),
    (
      #"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}, "training": 3, "search": null}"#,
      ["/training", "/search"]
    ),
    (#"{"dataset": {"name": "mnist"}, "model": {"kind": "mlp", "hidden": [1000000, 1000000]}}"#, ["/model"]),
    (
      #"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}, "training": {"optimizer": {"kind": "lbfgs"}, "batch_size": 5}}"#,
      ["/training/batch_size"]
    ),
    (#"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}, "a/b~c": 1}"#, ["/a~1b~0c"]),
    // What stands beside an unknown kind may well be that kind's.
    (
      #"""
      {"dataset": {"name": "mnist"}, "model": {"kind": "linear"}, "search": {"strategy": "best", "tries": 3},
       "training": {"optimizer": {"kind": "SGD", "dampening": 0.9}, "schedule": {"kind": "sine", "period": 3}}}
      """#, ["/training/optimizer/kind", "/training/schedule/kind", "/search/strategy"]
    ),
  ])
  func everyFaultIsNamed(_ text: String, _ pointers: [String]) throws {
    let found = try faults(text)
    #expect(found.map(\.pointer).sorted() == pointers.sorted())
    for fault in found {
      #expect(!fault.allowed.isEmpty && !fault.detail.isEmpty)
    }
  }

  @Test func aFaultSaysWhatStandsThereAndWhatIsAllowed() throws {
    let fault = try #require(
      try faults(#"{"dataset": {"name": "mnist"}, "model": {"kind": "mlp", "hidden": [-1]}}"#).first)
    #expect(fault.pointer == "/model/hidden/0")
    #expect(fault.value == .integer(-1))
    #expect(fault.allowed == "an integer from 1 to 1000000")
  }

  @Test(arguments: ["", "{", "{\"a\": }", "nul", "\"\\ud800\"", "[1, 2"])
  func whatIsNotJSONIsASyntaxError(_ text: String) {
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text.utf8) }
  }

  @Test func deeplyNestedJSONIsRefusedNotCrashed() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text.utf8) }
  }
}

@Suite struct ProbeAddressTests {
  private func digest(_ text: String, _ samples: Int = 10, _ replicate: Int = 0) throws -> String {
    ProbeSpecification(
      experiment: try read(text).experiment, datasetDigest: String(repeating: "0", count: 64),
      address: ProbeAddress(samples: samples, replicate: replicate)
    ).digest
  }

  @Test func whatDeterminesAProbeChangesItsAddressAndNothingElseDoes() throws {
    let base = try digest(smallest)
    #expect(base.count == 64)
    // Written-out defaults, the name and the search determine nothing.
    #expect(
      try digest(
        #"{"name": "x", "seed": 1, "dataset": {"name": "mnist"}, "model": {"kind": "linear"}, "search": {"replicates": 9}}"#
      )
        == base)
    for other in [
      #"{"dataset": {"name": "mnist"}, "model": {"kind": "mlp"}}"#,
      #"{"dataset": {"name": "gaussian", "dimensions": 3}, "model": {"kind": "linear"}}"#,
      #"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}, "seed": 2}"#,
      #"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}, "labels": {"kind": "random"}}"#,
      #"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}, "training": {"max_steps": 1}}"#,
    ] { #expect(try digest(other) != base) }
    #expect(try digest(smallest, 11) != base)
    #expect(try digest(smallest, 10, 1) != base)
  }

  @Test func aProbeReadsBackFromItsDocument() throws {
    let probe = ProbeSpecification(
      experiment: try read(smallest).experiment, datasetDigest: String(repeating: "a", count: 64),
      address: ProbeAddress(samples: 5, replicate: 2))
    let back = try ProbeSpecification(json: JSONValue(parsing: probe.json.text().utf8))
    #expect(back == probe)
    #expect(back.digest == probe.digest)
    // A probe trains at one rate.
    let raced = probe.json.merging(
      try JSONValue(parsing: #"{"training": {"optimizer": {"learning_rate": "auto"}}}"#.utf8))
    let error = #expect(throws: SpecificationError.self) { try ProbeSpecification(json: raced) }
    #expect(error?.faults.map(\.pointer) == ["/training/optimizer/learning_rate"])
  }
}
