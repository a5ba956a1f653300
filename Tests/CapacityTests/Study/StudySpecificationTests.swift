import Capacity
import Foundation
import Testing

/// A study's document: its cells, and every fault where it stands.
@Suite struct StudySpecificationTests {
  static let base = #"""
    {"dataset": {"name": "gaussian", "dimensions": 4, "classes": 2}, "model": {"kind": "mlp", "hidden": [8, 4]},
     "training": {"max_steps": 100, "batch_size": 8}, "search": {"max_probes": 8}}
    """#

  static func admit(_ text: String, presets: StudyPresets = StudyPresets()) throws -> StudyAdmission {
    try StudyAdmission(json: JSONValue(parsing: Array(text.utf8)), presets: presets, memoryLimit: 1 << 30)
  }

  static func faults(
    _ text: String, presets: StudyPresets = StudyPresets()
  ) throws -> [SpecificationFault] {
    do {
      _ = try admit(text, presets: presets)
    } catch let error as SpecificationError {
      return error.faults
    }
    return []
  }

  @Test func aGridHasEveryCombinationTheLastAxisFastest() throws {
    let study = try Self.admit(
      #"""
      {"name": "s", "base": \#(Self.base), "axes": [
        {"pointer": "/training/optimizer/kind", "values": ["sgd", "adam"]},
        {"pointer": "/model/hidden/0", "range": {"from": 8, "to": 128, "count": 3, "scale": "log"}}]}
      """#)
    #expect(
      study.cells.map(\.label)
        == ["sgd · 8", "sgd · 32", "sgd · 128", "adam · 8", "adam · 32", "adam · 128"])
    #expect(study.cells[4].specification.name == "s: adam · 32")
    // The rest is the base's: what a cell is can be said by hand.
    let cell = try MeasurementSpecification(
      json: JSONValue(parsing: Array(Self.base.utf8)).merging(
        JSONValue(
          parsing: Array(
            #"{"training": {"optimizer": {"kind": "adam"}}, "model": {"hidden": [32, 4]}}"#.utf8))))
    #expect(study.cells[4].specification.experiment == cell.experiment)
    #expect(study.cells[4].specification.search == cell.search)
  }

  @Test func zippedAxesGoTogetherAndAreOneFactor() throws {
    let study = try Self.admit(
      #"""
      {"base": \#(Self.base), "combine": "zip", "axes": [
        {"pointer": "/training/batch_size", "values": [8, 16], "labels": ["small", "large"]},
        {"pointer": "/training/max_steps", "values": [200, 100]}]}
      """#)
    #expect(study.cells.map(\.label) == ["small · 200", "large · 100"])
    #expect(study.cells[1].specification.experiment.training.maxSteps == 100)
    #expect(study.specification.factors == [["/training/batch_size", "/training/max_steps"]])
  }

  /// Where axes go together a value, and its label, may stand in several cells; not all values in two.
  @Test func zippedAxesMayRepeatTheirValues() throws {
    func zipped(_ kinds: String, _ sizes: String) -> String {
      #"""
      {"base": \#(Self.base), "combine": "zip", "axes": [
        {"pointer": "/model/activation", "values": \#(kinds)}, {"pointer": "/training/batch_size", \#(sizes)}]}
      """#
    }
    let study = try Self.admit(
      zipped(#"["relu", "relu", "tanh"]"#, #""values": [8, 16, 16], "labels": ["small", "large", "large"]"#))
    #expect(study.cells.map(\.label) == ["relu · small", "relu · large", "tanh · large"])
    #expect(try StudySpecification(recorded: study.specification.json).json == study.specification.json)
    let extended = try StudyAdmission(
      extending: study.specification, source: nil,
      by: JSONValue(
        parsing:
          #"{"axes": [{"pointer": "/model/activation", "values": ["tanh"]}, {"pointer": "/training/batch_size", "values": [8]}]}"#
          .utf8), memoryLimit: 1 << 30)
    #expect(extended.cells.map(\.label) == study.cells.map(\.label) + ["tanh · small"])
    #expect(
      try Self.faults(zipped(#"["relu", "tanh", "relu"]"#, #""values": [8, 16, 8]"#)).map(\.detail) == [
        "makes cell 2 (relu · 8) the same measurement as cell 0 (relu · 8)"
      ])
    #expect(
      try Self.faults(
        zipped(#"["relu", "relu"]"#, #""values": [8, 16], "labels": ["any", "any"]"#)
      ).map(\.pointer) == ["/axes"])
  }

  @Test func aNullLeavesTheFieldToItsDefault() throws {
    let study = try Self.admit(
      #"{"base": \#(Self.base), "axes": [{"pointer": "/training/batch_size", "values": [null, 8]}]}"#)
    #expect(study.cells.map(\.specification.experiment.training.batchSize) == [.size(128), .size(8)])
    #expect(study.cells.map(\.label) == ["default", "8"])
  }

  @Test(arguments: [
    (#"{"from": 1, "to": 100, "count": 3, "scale": "log"}"#, "[1,10,100]"),
    (#"{"from": 8, "to": 10, "count": 3}"#, "[8,9,10]"),
    (#"{"from": 100, "to": 1, "count": 3, "scale": "log"}"#, "[100,10,1]"),
    (#"{"from": 1, "to": 3, "count": 3}"#, "[1,2,3]"),
    // Rounded to integers.
    (#"{"from": 1, "to": 6, "count": 3}"#, "[1,4,6]"),
    (#"{"from": 0.5, "to": 2, "count": 3, "scale": "log"}"#, "[0.5,1,2]"),
  ])
  func rangesAreSpreadEvenly(_ range: String, _ values: String) throws {
    let reader = try Self.admit(
      #"{"base": \#(Self.base), "axes": [{"pointer": "/training/regularization/weight_decay", "range": \#(range)}]}"#
    )
    #expect(JSONValue.array(reader.specification.axes[0].values).text() == values)
  }

  @Test func whatWasAdmittedIsReadAsItWasRecorded() throws {
    let study = try Self.admit(
      #"""
      {"base": \#(Self.base), "compare": {"against": "relu"}, "axes": [
        {"pointer": "/model/activation", "values": ["relu", "tanh"]},
        {"pointer": "/training/regularization/weight_decay", "range": {"from": 0.001, "to": 0.1, "count": 3}}]}
      """#)
    #expect(try StudySpecification(recorded: study.specification.json).json == study.specification.json)
    #expect(
      try Self.admit(study.specification.json.text()).cells.map(\.specification)
        == study.cells.map(\.specification))
  }

  /// Labels that are made of values are labels that may be given: what was admitted can be read, and more values be added.
  @Test func valuesOfAnyLengthHaveLabels() throws {
    let prototypes =
      #"{"name": "prototypes", "height": 4, "channels": 3, "classes": 3, "difficulty": 4, "width": "#
    let study = try Self.admit(
      #"""
      {"base": \#(Self.base), "axes": [{"pointer": "/dataset", "values": [
        {"name": "gaussian", "dimensions": 40}, \#(prototypes)4}, \#(prototypes)5}]}]}
      """#)
    let recorded = try StudySpecification(recorded: JSONValue(parsing: study.specification.json.utf8()))
    #expect(recorded.json == study.specification.json)
    #expect(recorded.axes[0].labels[0] == #"{"dimensions":40,"name":"gaussian"}"#)
    let extended = try StudyAdmission(
      extending: recorded, source: nil,
      by: JSONValue(
        parsing: #"{"axes": [{"pointer": "/dataset", "values": [\#(prototypes)6}]}]}"#.utf8),
      memoryLimit: 1 << 30)
    let labels = extended.specification.axes[0].labels
    #expect(Set(labels).count == 4 && labels.allSatisfy { (1...60).contains($0.unicodeScalars.count) })
    #expect(labels[3].hasSuffix("… (3)"), "\(labels)")
  }

  @Test func everyFaultOfEveryCellIsToldWhereItStands() throws {
    let faults = try Self.faults(
      #"""
      {"base": {"dataset": {"name": "gaussian", "dimensions": 4}, "model": {"kind": "mlp"}, "seed": -1},
       "axes": [{"pointer": "/training/optimizer/kind", "values": ["sgd", "sdg"]},
                {"pointer": "/training/batch_sise", "values": [8, 16]},
                {"pointer": "/model/hidden", "values": [[8], [0]]}]}
      """#)
    let found = Dictionary(grouping: faults, by: \.pointer)
    #expect(
      Set(found.keys) == ["/base/seed", "/axes/0/values/1", "/axes/1/pointer", "/axes/2/values/1/0"])
    // Two cells of four have the bad optimizer, the first of them is named; the seed is every cell's.
    #expect(
      found["/axes/0/values/1"]?.first?.detail.hasSuffix("in 4 cells, first in 4 (sdg · 8 · [8])") == true)
    #expect(found["/base/seed"]?.first?.detail == "is out of range")
    #expect(found["/axes/1/pointer"]?.first?.value == .string("/training/batch_sise"))
  }

  @Test(arguments: [
    (#"{"axes": []}"#, ["/axes", "/base"]),
    (#"{"base": 3, "axes": [{"pointer": "model", "values": [1]}]}"#, ["/axes/0/pointer", "/base"]),
    (#"{"base": \#(base), "axes": [{"pointer": "/seed", "values": [1, 2, 1]}]}"#, ["/axes/0/values/2"]),
    (
      #"{"base": \#(base), "axes": [{"pointer": "/seed", "values": [1, 2], "labels": ["a"]}]}"#,
      ["/axes/0/labels"]
    ),
    (
      #"{"base": \#(base), "axes": [{"pointer": "/seed", "values": [1], "range": {"from": 1, "to": 2, "count": 2}}]}"#,
      ["/axes/0/values"]
    ),
    (
      #"{"base": {}, "axes": [{"pointer": "/seed", "range": {"from": 0, "to": 2, "count": 1, "scale": "log"}}]}"#,
      ["/axes/0/range/count", "/axes/0/range/from"]
    ),
    (#"{"base": {}, "axes": [{"pointer": "/name", "values": ["a"]}]}"#, ["/axes/0/pointer"]),
    (
      #"{"base": {}, "axes": [{"pointer": "/model/hidden", "values": [[1]]}, {"pointer": "/model", "values": [{}]}]}"#,
      ["/axes/1/pointer"]
    ),
    (
      #"{"base": \#(base), "combine": "zip", "axes": [{"pointer": "/seed", "values": [1]}, {"pointer": "/model", "values": [1, 2]}]}"#,
      [
        "/axes", "/axes/1/values/0", "/axes/1/values/0/kind", "/axes/1/values/1", "/axes/1/values/1/kind",
      ]
    ),
    // A study's own fault hides none of the base's.
    (
      #"""
      {"base": {"dataset": {"name": "gausian"}, "model": {"kind": "mlp", "hidden": [0]}}, "combine": "zap", "tune": 3,
       "axes": [{"pointer": "/training/batch_size", "values": [0, 8]}]}
      """#, ["/combine", "/tune", "/base/dataset/name", "/base/model/hidden/0", "/axes/0/values/0"]
    ),
    // Nor those of other axes and values.
    (
      #"""
      {"base": \#(base), "axes": [{"pointer": "/modle/x", "values": [1, 2]}, {"pointer": "/seed"},
        {"pointer": "/training/batch_size", "values": [8, 8, -1]}]}
      """#, ["/axes/0/pointer", "/axes/1/values", "/axes/2/values/1", "/axes/2/values/2"]
    ),
    // But what an axis was to set is nobody's fault.
    (
      #"""
      {"base": {"dataset": {"name": "gaussian", "dimensions": -1}, "model": {"kind": "mlp", "hidden": 3}},
       "axes": [{"pointer": "/model/hidden", "values": []}, {"pointer": 3, "values": [1]}]}
      """#, ["/axes/0/values", "/axes/1/pointer", "/base/dataset/dimensions"]
    ),
    (
      #"{"base": \#(base), "compare": {"against": 3}, "axes": [{"pointer": "/seed", "values": [1]}]}"#,
      ["/compare/against"]
    ),
    // What concerns no cell is told with what does.
    (
      #"{"base": \#(base), "colour": 1, "axes": [{"pointer": "/seed", "values": [-1]}]}"#,
      ["/colour", "/axes/0/values/0"]
    ),
    (
      #"{"base": \#(base), "axes": [{"pointer": "/seed", "range": {"from": 1, "to": 999, "count": 999}},"#
        + #"{"pointer": "/training/max_steps", "values": [1, 2]}]}"#, ["/axes"]
    ),
  ])
  func aStudyThatSaysTooLittleOrTooMuchIsRefused(_ text: String, _ pointers: [String]) throws {
    #expect(Set(try Self.faults(text).map(\.pointer)) == Set(pointers))
  }

  @Test(arguments: [
    #""model/activation""#, #""""#, "3", "null", #""/model~2""#,
  ])
  func whatIsNoPointerIsOneFaultWithItsOwnValue(_ pointer: String) throws {
    let faults = try Self.faults(
      #"""
      {"base": {}, "axes": [{"pointer": \#(pointer), "values": ["relu", "tanh"]}, {"pointer": "/seed", "values": [1]}]}
      """#)
    #expect(faults.map(\.pointer) == ["/axes/0/pointer"])
    #expect(faults.first?.value == (try JSONValue(parsing: Array(pointer.utf8))))
  }

  @Test func whatCannotBeComparedForOtherFaultsIsNoneItself() throws {
    let faults = try Self.faults(
      #"{"base": {}, "compare": {"against": 3}, "axes": [{"pointer": "/seed", "range": {"from": 3, "to": 3, "count": 2}}]}"#
    )
    #expect(faults.map(\.pointer) == ["/axes/0/range/to"])
  }

  @Test func countsThatCannotBeZippedAreTold() throws {
    let faults = try Self.faults(
      #"""
      {"base": \#(Self.base), "combine": "zip", "axes": [
        {"pointer": "/seed", "values": [1, 2, 3]}, {"pointer": "/training/max_steps", "values": [5, 6]}]}
      """#)
    #expect(faults.map(\.pointer) == ["/axes"] && faults.first?.value == .array([.integer(3), .integer(2)]))
    #expect(faults.first?.detail == "have unequal counts: 3 of /seed, 2 of /training/max_steps")
  }

  @Test(arguments: ["/job", "/job/priority", "/job/labels/a", "/webhooks", "/webhooks/0/url"])
  func anAxisThatDeterminesNothingIsRefused(_ pointer: String) throws {
    let faults = try Self.faults(
      #"{"base": \#(Self.base), "axes": [{"pointer": "\#(pointer)", "values": [1, 2]}]}"#)
    #expect(faults.map(\.pointer) == ["/axes/0/pointer"])
    #expect(faults.first?.value == .string(pointer))
    #expect(faults.first?.allowed == "a field that determines a measurement")
  }

  @Test func cellsThatAreTheSameMeasurementAreNamed() throws {
    let faults = try Self.faults(
      #"""
      {"base": \#(Self.base), "axes": [
        {"pointer": "/training/batch_size", "values": [8, null, 128]}, {"pointer": "/seed", "values": [1, 2]}]}
      """#)
    #expect(faults.map(\.pointer) == ["/axes/0/values/2"] && faults.first?.value == .integer(128))
    #expect(
      faults.first?.detail == "makes cell 4 (128 · 1) the same measurement as cell 2 (default · 1)")
  }

  @Test(arguments: [
    (
      #"{"from": 2, "to": 3, "count": 10}"#, "is more than the 2 whole numbers that there are",
      "at most 2, or values, which need not be whole numbers"
    ),
    // 1, 1.33, 1.78, 2.37, 3.16, 4.22, 5.62, 7.50, 10.
    (
      #"{"from": 1, "to": 10, "count": 9, "scale": "log"}"#, "makes only 7 different whole numbers",
      "at most 6, or values, which need not be whole numbers"
    ),
    (
      #"{"from": 1.5, "to": 1.500001, "count": 2}"#, "makes numbers that are the same to six digits",
      "numbers that are further apart"
    ),
  ])
  func aRangeThatRepeatsItsNumbersIsRefused(_ range: String, _ detail: String, _ allowed: String) throws {
    let faults = try Self.faults(
      #"{"base": \#(Self.base), "axes": [{"pointer": "/model/hidden/0", "range": \#(range)}]}"#)
    #expect(faults.map(\.pointer) == ["/axes/0/range/count"])
    #expect(faults.first?.detail == detail && faults.first?.allowed == allowed)
  }

  /// A candidate that takes the place of a cell's own value leaves cells that are called one thing and trained with another.
  @Test func whatIsTunedContradictsNothing() throws {
    let rate = #""/training/optimizer/learning_rate""#
    func faults(_ base: String, _ rest: String) throws -> [String] {
      try Self.faults(
        #"""
        {"base": {"dataset": {"name": "gaussian", "dimensions": 4}, "model": {"kind": "mlp", "hidden": [4]}\#(base)}, \#(rest)}
        """#
      ).map { "\($0.pointer) \($0.detail)" }
    }
    let axis = #""axes": [{"pointer": \#(rate), "values": [0.1, 0.01]}]"#
    #expect(
      try faults("", axis + #", "tune": [{\#(rate): 0.3}, {\#(rate): 0.03}]"#) == [
        "/tune replaces what the axis /training/optimizer/learning_rate sets"
      ])
    #expect(
      try faults(#", "search": {"tune": {"/training/optimizer": [{"kind": "sgd"}]}}"#, axis) == [
        "/base/search/tune replaces what the axis /training/optimizer/learning_rate sets"
      ])
    let widths = #""axes": [{"pointer": "/model/hidden/0", "values": [2, 4]}]"#
    #expect(
      try faults(#", "search": {"tune": {\#(rate): [0.1]}}"#, widths + #", "tune": [{\#(rate): 0.3}]"#) == [
        "/tune would take the place of search.tune of the base"
      ])
    // An axis may set what surrounds a field that is tuned.
    let optimizers =
      #""axes": [{"pointer": "/training/optimizer", "values": [{"kind": "sgd"}, {"kind": "adam"}]}]"#
    #expect(
      throws: Never.self,
      performing: {
        try Self.admit(
          #"{"base": \#(Self.base), \#(optimizers), "tune": [{\#(rate): 0.3}, {\#(rate): 0.03}]}"#)
      })
  }

  @Test func twoCellsAreNotCalledTheSame() throws {
    let faults = try Self.faults(
      #"""
      {"base": \#(Self.base), "axes": [
        {"pointer": "/model/hidden/0", "values": [2, 4], "labels": ["a · b", "a"]},
        {"pointer": "/model/activation", "values": ["relu", "tanh"], "labels": ["c", "b · c"]}]}
      """#)
    #expect(faults.map(\.pointer) == ["/axes"] && faults.first?.value == .string("a · b · c"))
  }

  @Test(arguments: ["null", "{}", "7"])
  func whatIsTunedIsAnArray(_ value: String) throws {
    let faults = try Self.faults(
      #"{"base": \#(Self.base), "axes": [{"pointer": "/seed", "values": [1, 2]}], "tune": \#(value)}"#)
    #expect(faults.map(\.pointer) == ["/tune"] && faults.first?.detail == "is not an array")
  }

  @Test func everyMemberOfBothKindsIsListed() throws {
    let all =
      "the members name, base, axes, combine, tune, compare, webhooks; or, of a preset, preset, scale, "
      + "name, seed, overrides, webhooks"
    for (text, members) in [
      (
        #"{"base": \#(Self.base), "axes": [{"pointer": "/seed", "values": [1]}], "colour": 1, "scale": "quick"}"#,
        ["/colour": "is not a known field", "/scale": "goes with a preset only"]
      ),
      (
        #"{"preset": "widths", "colour": 1, "base": {}}"#,
        ["/colour": "is not a known field", "/base": "doesn't go with a preset"]
      ),
    ] {
      var faults: [SpecificationFault] = []
      do {
        _ = try StudyAdmission(
          json: JSONValue(parsing: Array(text.utf8)), besides: ["webhooks"],
          presets: PresetRequestTests.presets,
          memoryLimit: 1 << 30)
      } catch {
        faults = (error as? SpecificationError)?.faults ?? []
      }
      #expect(Dictionary(faults.map { ($0.pointer, $0.detail) }) { first, _ in first } == members)
      #expect(faults.allSatisfy { $0.allowed == all })
    }
  }

  /// What was stored before it was refused is read.
  @Test func aStudyThatWasRecordedWithAnIdleAxisIsStillRead() throws {
    let text = #"{"base": \#(Self.base), "axes": [{"pointer": "/job/priority", "values": [1, 2]}]}"#
    #expect(try StudySpecification(recorded: JSONValue(parsing: Array(text.utf8))).positions.count == 2)
    // So are labels that call two cells the same, and what was tuned in place of what an axis sets.
    let labelled = #"""
      {"base": \#(Self.base), "axes": [
        {"pointer": "/model/hidden/0", "values": [2, 4], "labels": ["a · b", "a"]},
        {"pointer": "/model/activation", "values": ["relu", "tanh"], "labels": ["c", "b · c"]}],
        "tune": [{"/model/activation": "gelu"}]}
      """#
    #expect(try StudySpecification(recorded: JSONValue(parsing: Array(labelled.utf8))).positions.count == 4)
  }

  @Test func anElementThatTheBaseDoesNotHaveIsNamed() throws {
    let faults = try Self.faults(
      #"{"base": \#(Self.base), "axes": [{"pointer": "/model/hidden/2", "values": [1, 2]}]}"#)
    #expect(faults.map(\.pointer) == ["/axes/0/pointer"])
    #expect(faults.first?.detail == "names nothing that could be set")
  }

  /// Another kind takes the place of its whole object, and of what an axis sets in it.
  @Test(arguments: [
    ("/training/optimizer/learning_rate", "/training/optimizer/kind", #""adam""#, true),
    ("/model/hidden/0", "/model/kind", #""linear""#, true),
    ("/training/batch_size", "/training/optimizer/kind", #""adam""#, false),
    ("/training/optimizer", "/training/optimizer/learning_rate", "0.1", false),
    ("/training/optimizer", "/training/optimizer/kind", #""adam""#, true),
    ("/training/optimizer", "/training/optimizer/momentum", "0.1", true),
  ])
  func aTunedKindReplacesWhatAnAxisSets(_ axis: String, _ tuned: String, _ value: String, _ isRefused: Bool)
    throws
  {
    let own =
      [
        "/training/optimizer":
          #"[{"kind": "sgd", "learning_rate": "auto", "momentum": 0.5}, {"kind": "sgd", "momentum": 0}]"#
      ][axis] ?? "[2, 4]"
    let text = #"""
      {"base": \#(Self.base), "axes": [{"pointer": "\#(axis)", "values": \#(own)}], "tune": [{"\#(tuned)": \#(value)}]}
      """#
    do {
      _ = try Self.admit(text)
      #expect(!isRefused)
    } catch let error as SpecificationError {
      #expect(isRefused, "\(error)")
      #expect(error.faults.first?.pointer == "/tune")
      #expect(error.faults.first?.detail == "replaces what the axis \(axis) sets")
    }
  }

  /// One axis that leads nowhere hides no fault of another.
  @Test func everyAxisThatLeadsNowhereIsToldBesideTheOthers() throws {
    let error = #expect(throws: SpecificationError.self) {
      try Self.admit(
        #"""
        {"base": \#(Self.base), "axes": [{"pointer": "/model/hidden/-", "values": [2, 4]},
          {"pointer": "/training/batch_size", "values": [-2, 4]}, {"pointer": "/model/hidden/9", "values": [2, 4]}]}
        """#)
    }
    #expect(
      Set(error?.faults.map(\.pointer) ?? []) == ["/axes/0/pointer", "/axes/1/values/0", "/axes/2/pointer"])
  }

  @Test func anAxisThroughOneWithoutValuesIsRefused() throws {
    let error = #expect(throws: SpecificationError.self) {
      try Self.admit(
        #"""
        {"base": \#(Self.base), "axes": [{"pointer": "/model", "values": []}, {"pointer": "/model/layers_/0", "values": [2, 4]},
          {"pointer": "/training/foo/bar", "values": [1, 2]}]}
        """#)
    }
    let pointers = Set(error?.faults.map(\.pointer) ?? [])
    #expect(pointers.isSuperset(of: ["/axes/0/values", "/axes/2/pointer"]), "\(pointers)")
  }

  /// Of two axes of which one leads through the other's value the one that has no place there is at fault.
  @Test func anAxisThroughAnotherAxissValueIsToldWhereItStands() throws {
    let error = #expect(throws: SpecificationError.self) {
      try Self.admit(
        #"""
        {"base": \#(Self.base), "axes": [
          {"pointer": "/model", "values": [{"kind": "linear"}, {"kind": "mlp", "hidden": [3]}]},
          {"pointer": "/model/hidden/0", "values": [2, 4]}]}
        """#)
    }
    #expect(error?.faults.map(\.pointer) == ["/axes/1/pointer"])
    #expect(error?.faults.first?.value == .string("/model/hidden/0"))
  }

  /// A cell stands where its positions do among all of them, also once axes have more values.
  @Test(arguments: ["grid", "zip"]) func cellsAreFoundByTheirPositions(_ combination: String) throws {
    func study(_ counts: [Int]) throws -> StudySpecification {
      let axes = counts.enumerated().map { index, count in
        #"{"pointer": "/model/hidden/\#(index)", "values": \#(Array(1...count))}"#
      }
      let text =
        #"{"base": {}, "combine": "\#(combination)", "axes": [\#(axes.joined(separator: ", "))]}"#
      return try StudySpecification(recorded: JSONValue(parsing: Array(text.utf8)))
    }
    let (before, after) = combination == "grid" ? ([2, 3, 2], [2, 4, 3]) : ([2, 2, 2], [5, 5, 5])
    let (small, large) = (try study(before), try study(after))
    for (index, positions) in small.positions.enumerated() {
      #expect(small.place(of: positions) == index)
    }
    let known = large.positions.compactMap(small.place)
    #expect(known == Array(small.positions.indices))
  }
}
