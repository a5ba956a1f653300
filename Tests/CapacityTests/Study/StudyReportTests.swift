import Capacity
import Testing

/// A study's report: what was measured, how the readings depend on the steps, and what is told in words.
@Suite struct StudyReportTests {
  private static func specification(_ model: String, isTuned: Bool) -> String {
    let rate = isTuned ? #""auto""# : "0.02"
    let rates =
      #", "tune": [{"/training/optimizer/learning_rate": 0.01}, {"/training/optimizer/learning_rate": 0.1}]"#
    return #"""
      {"dataset": {"name": "gaussian", "classes": 2, "dimensions": 16}, "labels": {"kind": "random"},
       "model": {"kind": "\#(model)", "hidden": [4]}, "seed": 7,
       "training": {"batch_size": 32, "max_steps": 250,
         "optimizer": {"kind": "adam", "beta1": 0.9, "learning_rate": \#(rate)}},
       "search": {"strategy": "adaptive", "budget": {"kind": "settle", "max_steps": 16000}\#(isTuned ? rates : "")}}
      """#
  }

  private static func result(isSettled: Bool, isTuned: Bool, isOver: Bool = true) -> String {
    let tuning = #"""
      {"finished": \#(isOver), "winner": {"values": {"/training/optimizer/learning_rate": 0.1}}, "candidates": [
         {"values": {}, "emc": 5, "interval": {"lower": null, "upper": 9}, "probes": 3, "dropped_after": 41},
         {"values": {"/training/optimizer/kind": "sgd"}, "emc": 1500, "interval": {"lower": 900, "upper": 2000},
          "probes": 12, "dropped_after": null},
         {"values": {"/training/optimizer/learning_rate": 0.1}, "emc": 1350, "interval": {"lower": 1200,
          "upper": 1500}, "probes": 30, "dropped_after": null}]}
      """#
    return #"""
      {"tuning": \#(isTuned ? tuning : "null"), "budget": {"steps": 1000, "settled": \#(isSettled), "emc_at": [
         {"steps": 1000, "emc": 1300, "interval": {"lower": 1200, "upper": 1400}},
         {"steps": 500, "emc": 900, "interval": {"lower": 800, "upper": null}}],
       "growth_per_doubling": {"value": 0.031, "interval": {"lower": 0.015, "upper": 0.078}}}}
      """#
  }

  private static func text(
    isTuned: Bool = false, isOver: Bool = true, verdict: String = "", effects: String = ""
  ) throws -> String {
    let json = #"""
      {"name": "a study", "specification": {"base": {}, "axes": [
          {"pointer": "/model/kind", "values": ["linear", "mlp"], "labels": ["a line", "mlp"]},
          {"pointer": "/training/last_batch", "values": ["keep"], "labels": ["kept"]}]},
       "cells": [
         {"label": "a line", "specification": \#(specification("linear", isTuned: isTuned)),
          "result": \#(result(isSettled: true, isTuned: isTuned, isOver: isOver))},
         {"label": "mlp", "specification": \#(specification("mlp", isTuned: isTuned)),
          "result": \#(result(isSettled: false, isTuned: false))}],
       "comparison": {"cells": [{"label": "a line", "emc": 1300}, {"label": "mlp", "emc": 1300}],
         "effects": [\#(effects)], "verdict": "\#(verdict)"},
       "cost": {"probes": {"asked": 648, "trained": 16, "shared": 0, "known": 632}, "steps": 1151010,
         "training_seconds": 11.4, "seconds": 12.9},
       "environment": {"version": "0.1.0", "engine_revision": 8}}
      """#
    return StudyReport(try JSONValue(parsing: json.utf8)).text
  }

  /// What all cells have in common, and beside it what varies.
  @Test func itSaysWhatWasMeasured() throws {
    let lines = try Self.text().split(separator: "\n")
    for line in [
      "| data set | gaussian, classes 2, dimensions 16 |", "| labels | random |",
      "| model | hidden \\[4]; kind varies: a line, mlp |",
      "| optimizer | adam, beta1 0.9, learning\\_rate 0.02 |", "| steps at most | 250 |",
      "| batch size | 32 |", "| search | budget (settle, max\\_steps 16000), strategy adaptive |",
      "| seed | 7 |", "| /training/last\\_batch | varies: kept |",
      "| emc | version 0.1.0, engine revision 8 |",
    ] {
      #expect(lines.contains { $0 == line }, "\(line)")
    }
  }

  @Test func whatWasTunedIsNamedAsThatWithWhatWasChosen() throws {
    let text = try Self.text(isTuned: true)
    #expect(text.contains("| optimizer | adam, beta1 0.9; learning\\_rate tuned: 0.01, 0.1 |"))
    #expect(!text.contains("auto") && text.contains("EMC / parameters | tuned to |"))
    #expect(text.contains("| learning\\_rate 0.1 |"))
    #expect(try !Self.text().contains("tuned"))
  }

  /// The winner first, then by EMC; none where nothing was tuned.
  @Test func racesTellOfEveryCandidate() throws {
    let text = try Self.text(isTuned: true)
    #expect(
      text.contains(
        """
        | cell | candidate | EMC | interval | runs |  |
        | --- | --- | --- | --- | --- | --- |
        | a line | learning\\_rate 0.1 | 1,350 | 1,200 to 1,500 | 30 | won |
        | a line | kind sgd | 1,500 | 900 to 2,000 | 12 |  |
        | a line | as specified | 5 | … to 9 | 3 | dropped after 41 runs |

        """))
    #expect(try !Self.text().contains("## Races"))
    #expect(
      try Self.text(isTuned: true, isOver: false).contains(
        "| a line | learning\\_rate 0.1 | 1,350 | 1,200 to 1,500 | 30 | led |"))
  }

  @Test func itTellsWhetherTheEMCSettlesAndWhere() throws {
    let lines = try Self.text().split(separator: "\n")
    #expect(lines.contains("| cell | 500 | 1,000 | settled | twice the steps raise it by |"))
    #expect(
      lines.contains("| a line | 900 (800 to …) | 1,300 (1,200 to 1,400) | at 1,000 | 3.1 % (1.5 to 7.8 %) |")
    )
    #expect(lines.contains { $0.hasPrefix("| mlp | 900") && $0.contains("| not by 1,000 |") })
  }

  /// A sentence that only makes sense behind another stays with it.
  @Test func theVerdictIsAListOfSentences() throws {
    let text = try Self.text(
      verdict: "1 of 1 differs. A fits 1.5 times B (p = 0.01). At half the ratio is 2. None has settled.",
      effects: #"{"text": "A fits 1.5 times B (p = 0.01). A has not settled. At half the ratio is 2."}"#)
    #expect(
      text.contains(
        """
        ## Verdict

        - 1 of 1 differs.
        - A fits 1.5 times B (p = 0.01). At half the ratio is 2.
        - None has settled.

        """))
  }

  /// Steps and seconds are those of the probes that were trained.
  @Test func theCostSaysWhoseStepsAndSecondsItCounts() throws {
    let text = try Self.text()
    #expect(
      text.contains(
        "648 probes were asked for: 16 were trained, 1,151,010 steps in 11.4 s of training;"
      ))
    #expect(text.contains("The study took 12.9 s."))
  }
}
