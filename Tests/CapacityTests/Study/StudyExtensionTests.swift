import Capacity
import Testing

/// What is added to a study: every fault stands where the request has it.
@Suite struct StudyExtensionTests {
  /// What one tunes must not be what an axis sets, nor what the study tunes already.
  @Test func anExtensionTunesNothingThatIsSetElsewhere() throws {
    let rate = #""/training/optimizer/learning_rate""#
    for (study, detail) in [
      (#""axes": [{"pointer": \#(rate), "values": [0.1, 0.2]}]"#, "replaces what the axis"),
      (
        #""axes": [{"pointer": "/model/hidden/0", "values": [2, 4]}], "tune": [{\#(rate): 0.3}, {\#(rate): 0.4}]"#,
        "would be replaced by the study's tune"
      ),
    ] {
      let admitted = try StudySpecificationTests.admit(
        #"{"base": \#(StudySpecificationTests.base), \#(study)}"#)
      let error = #expect(throws: SpecificationError.self) {
        try StudyAdmission(
          extending: admitted.specification, source: nil,
          by: JSONValue(parsing: #"{"search": {"tune": {\#(rate): [0.5]}}}"#.utf8), memoryLimit: 1 << 30)
      }
      #expect(
        error?.faults.map(\.pointer) == ["/search/tune"]
          && error?.faults.first?.detail.hasPrefix(detail) == true)
    }
  }

  @Test(arguments: [
    (#"{"foo": 1, "search": {"max_probes": "x"}}"#, ["/foo": "1", "/search/max_probes": #""x""#]),
    (
      #"""
      {"axes": [{"pointer": "/seed", "values": [3]}, {"pointer": "/model/hidden/0", "values": [2, 0, -1]}]}
      """#,
      [
        "/axes/0/pointer": #""/seed""#, "/axes/1/values/0": "2", "/axes/1/values/1": "0",
        "/axes/1/values/2": "-1",
      ]
    ),
    (#"{"axes": [{"pointer": "seed", "values": [3]}]}"#, ["/axes/0/pointer": #""seed""#]),
    // Before anything is made of each cell.
    (
      #"{"axes": [{"pointer": "/model/hidden/0", "range": {"from": 5, "to": 1003, "count": 999}}]}"#,
      ["/axes": "[1001]", "/axes/0/range": "999"]
    ),
    (#"{"search": {"max_probes": 4}}"#, ["/search/max_probes": "4"]),
    (#"{"search": {"relative_width": 0.5}}"#, ["/search/relative_width": "0.5"]),
    (
      #"{"axes": [{"pointer": "/model/hidden/0", "values": [9], "labels": ["2"]}]}"#,
      ["/axes/0/labels/0": #""2""#]
    ),
    (#"{"axes": [{"pointer": "/seed", "values": [3]}]}"#, ["/axes/0/pointer": #""/seed""#]),
    // What the study has and the request's strategy has no meaning for.
    (#"{"search": {"strategy": "bisect"}}"#, ["/search/strategy": #""bisect""#]),
    (
      #"{"axes": [{"pointer": "/model/hidden/0", "values": [9, 9]}]}"#, ["/axes/0/values/1": "9"]
    ),
    (
      #"{"axes": [{"pointer": "/model/hidden/0", "range": {"from": 0, "to": -5, "count": 2}}]}"#,
      ["/axes/0/range": "0"]
    ),
  ])
  func everyFaultOfAnExtensionIsToldWhereItStands(_ text: String, _ expected: [String: String]) throws {
    let study = try StudySpecificationTests.admit(
      #"{"base": \#(StudySpecificationTests.base), "axes": [{"pointer": "/model/hidden/0", "values": [2, 4]}]}"#
    )
    do {
      _ = try StudyAdmission(
        extending: study.specification, source: nil, by: JSONValue(parsing: Array(text.utf8)),
        memoryLimit: 1 << 30)
      Issue.record("\(text) was admitted")
    } catch let error as SpecificationError {
      let told = error.faults.map { ($0.pointer, $0.value?.text() ?? "") }
      #expect(Dictionary(told) { first, _ in first } == expected)
    }
  }

  /// Budgets and verifications that there are stay as they are, or grow.
  @Test func anExtensionTakesNoBudgetBack() throws {
    let base = StudySpecificationTests.base.replacingOccurrences(
      of: #""max_probes": 8"#,
      with:
        #""max_probes": 8, "verification": {"probes": 2}, "budget": {"kind": "settle", "max_steps": 4000, "tolerance": 0.1}"#
    )
    let study = try StudySpecificationTests.admit(
      #"{"base": \#(base), "axes": [{"pointer": "/model/hidden/0", "values": [2, 4]}]}"#)
    #expect(try Self.faults(of: study, #"{"budget": {"kind": "fixed"}}"#).contains("/search/budget"))
    #expect(try Self.faults(of: study, #"{"budget": null}"#).contains("/search/budget"))
    #expect(try Self.faults(of: study, #"{"budget": {"max_steps": 3999}}"#) == ["/search/budget/max_steps"])
    #expect(try Self.faults(of: study, #"{"budget": {"tolerance": 0.2}}"#) == ["/search/budget/tolerance"])
    #expect(
      try Self.faults(of: study, #"{"verification": {"probes": 1}}"#) == ["/search/verification/probes"])
    #expect(try Self.faults(of: study, #"{"level": 0.5}"#) == ["/search/level"])
    #expect(
      try Self.faults(
        of: study,
        #"{"level": 0.95, "budget": {"max_steps": 8000, "tolerance": 0.05}, "verification": {"probes": 3}, "max_probes": 9}"#
      ) == [])
  }

  /// What null takes out is at its default again, which may ask for less too.
  @Test func nullAsksForLessWhereTheDefaultDoes() throws {
    let base = StudySpecificationTests.base.replacingOccurrences(
      of: #""max_probes": 8"#, with: #""max_probes": 300, "relative_width": 0.1"#)
    let study = try StudySpecificationTests.admit(
      #"{"base": \#(base), "axes": [{"pointer": "/model/hidden/0", "values": [2, 4]}]}"#)
    let error = #expect(throws: SpecificationError.self) {
      try StudyAdmission(
        extending: study.specification, source: nil,
        by: JSONValue(parsing: #"{"search": {"max_probes": null, "relative_width": null}}"#.utf8),
        memoryLimit: 1 << 30)
    }
    #expect(error?.faults.map(\.pointer) == ["/search/relative_width", "/search/max_probes"])
    #expect(error?.faults.allSatisfy { $0.detail == "asks for less than the study has" } == true)
  }

  /// A bisection that would be coarser, or rest on fewer runs.
  @Test func coarserBisectionsAreRefused() throws {
    let base = StudySpecificationTests.base.replacingOccurrences(
      of: #""max_probes": 8"#, with: #""strategy": "bisect", "relative_tolerance": 0.1"#)
    let study = try StudySpecificationTests.admit(
      #"{"base": \#(base), "axes": [{"pointer": "/model/hidden/0", "values": [2, 4]}]}"#)
    #expect(try Self.faults(of: study, #"{"relative_tolerance": 0.2}"#) == ["/search/relative_tolerance"])
    #expect(try Self.faults(of: study, #"{"replicates": 2}"#) == ["/search/replicates"])
    #expect(try Self.faults(of: study, #"{"relative_tolerance": 0.05, "replicates": 5}"#) == [])
  }

  /// Where an extension's search is refused.
  private static func faults(of study: StudyAdmission, _ search: String) throws -> [String] {
    do {
      _ = try StudyAdmission(
        extending: study.specification, source: nil, by: JSONValue(parsing: #"{"search": \#(search)}"#.utf8),
        memoryLimit: 1 << 30)
      return []
    } catch let error as SpecificationError {
      return error.faults.map(\.pointer)
    }
  }
}
