import Capacity
import Testing

/// Studies that are asked for by a preset's name, with changes of one's own.
@Suite struct PresetRequestTests {
  static let presets = StudyPresets(texts: [
    #"""
    {"name": "widths", "question": "Does it grow?", "study": {"base": \#(StudySpecificationTests.base),
      "axes": [{"pointer": "/model/hidden/0", "values": [2, 4]}]},
     "scales": {"standard": {"base": {"training": {"max_steps": 500}}}}}
    """#,
    #"""
    {"name": "tuned", "question": "Does it grow?", "study": {"base": \#(StudySpecificationTests.base),
      "axes": [{"pointer": "/model/hidden/0", "values": [2, 4]}],
      "tune": [{"/training/optimizer/learning_rate": 0.1}, {"/training/optimizer/learning_rate": 0.01}]}}
    """#,
  ])

  @Test func aPresetIsAStudyWithItsScalesChangesAndOnesOwn() throws {
    let study = try StudySpecificationTests.admit(
      #"{"preset": "widths", "scale": "standard", "seed": 7, "overrides": {"training": {"batch_size": 4}}}"#,
      presets: Self.presets)
    let experiment = try #require(study.cells.last).specification.experiment
    #expect(experiment.seed == 7 && experiment.training.maxSteps == 500)
    #expect(experiment.training.batchSize == .size(4))
    #expect(study.specification.name == "widths, standard")
    #expect(study.source == PresetSource(preset: "widths", scale: "standard"))
  }

  @Test(arguments: [
    (#"{"preset": "width"}"#, ["/preset"]),
    (#"{"preset": "widths", "scale": "huge", "axes": []}"#, ["/axes", "/scale"]),
    // What an override makes of the preset's own members is its fault.
    (#"{"preset": "widths", "overrides": {"model": {"kind": "linear"}}}"#, ["/overrides/model/kind"]),
    (#"{"preset": "widths", "overrides": {"dataset": {"name": "mnist"}}}"#, ["/overrides/dataset/name"]),
    // What is at fault at every scale is told where the scale is none.
    (
      #"""
      {"preset": "widths", "scale": "huge", "overrides": {"model": {"hidden": [3]}, "training": {"max_steps": 0}}}
      """#, ["/overrides/model/hidden", "/overrides/training/max_steps", "/scale"]
    ),
    (#"{"preset": "widths", "seed": 1, "overrides": {"seed": 2}}"#, ["/overrides/seed"]),
    (#"{"preset": "widths", "name": "mine", "overrides": {"name": "yours"}}"#, ["/overrides/name"]),
    (#"{"preset": "widths", "overrides": {"model": {"hidden": [3]}}}"#, ["/overrides/model/hidden"]),
    (
      #"{"preset": "tuned", "overrides": {"training": {"optimizer": {"learning_rate": 0.5}}}}"#,
      ["/overrides/training/optimizer/learning_rate"]
    ),
    (
      #"{"preset": "widths", "overrides": {"training": {"max_steps": 0}, "colour": 1}}"#,
      ["/overrides/colour", "/overrides/training/max_steps"]
    ),
    (
      #"{"preset": "widths", "seed": -1, "colour": 1, "overrides": {"training": {"max_steps": 0}}}"#,
      ["/seed", "/colour", "/overrides/training/max_steps"]
    ),
  ])
  func requestsForPresetsThatContradictAreRefused(_ text: String, _ pointers: [String]) throws {
    #expect(
      Set(try StudySpecificationTests.faults(text, presets: Self.presets).map(\.pointer)) == Set(pointers))
  }

  @Test(arguments: [
    (#"{"dataset": null}"#, "/overrides/dataset", "is required"),
    (#"{"dataset": {"name": null}}"#, "/overrides/dataset/name", "is required"),
  ])
  func whatAnOverrideTakesOutIsMissingThere(_ overrides: String, _ pointer: String, _ detail: String) throws {
    let faults = try StudySpecificationTests.faults(
      #"{"preset": "widths", "overrides": \#(overrides)}"#, presets: Self.presets)
    #expect(faults.map(\.pointer) == [pointer])
    #expect(faults.first?.detail == detail)
  }
}
