import Capacity
import Datasets
import Foundation
import Testing
import Training

/// What a probe's report tells beside its outcome, and the tolerance that it is asked with.
@Suite struct ProbeReportTests {
  private let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)

  private func plan(_ training: String) throws -> MeasurementPlan {
    let specification = try MeasurementSpecification(
      json: JSONValue(
        parsing: """
          {"dataset": {"name": "prototypes", "height": 5, "width": 5, "classes": 3, "difficulty": 2},
           "labels": {"kind": "random"}, "model": {"kind": "mlp", "hidden": [12]}, "training": \(training)}
          """.utf8))
    return try ProbeRunner(library: library).plan(specification)
  }

  private func run(_ probe: ProbeSpecification) throws -> JSONValue {
    try #require(try ProbeRunner(library: library).run(probe, shouldStop: { false })).json
  }

  @Test func aFailedProbeTellsItsCurveAndItsDiagnosis() throws {
    let plan = try plan(#"{"max_steps": 300}"#)
    let report = try run(plan.probe(ProbeAddress(samples: 800, replicate: 0)))
    #expect(report["outcome"] == .string("budget"))
    let curve = report["curve"]
    let columns = try ["steps", "loss", "training_accuracy"].map { try #require(curve?[$0]?.arrayValue) }
    #expect(Set(columns.map(\.count)).count == 1 && (1...500).contains(columns[0].count))
    #expect(report["reached"] == .array([]))
    let diagnosis = try #require(report["diagnosis"]?.arrayValue)
    let falling = diagnosis.first { $0["code"] == .string("loss_still_falling") }
    #expect(try #require(falling?["slope"]?.doubleValue) < -0.05)
    let codes = Set(DiagnosisCode.allCases.map(\.rawValue))
    #expect(diagnosis.allSatisfy { codes.contains($0["code"]?.stringValue ?? "") })
  }

  @Test func aProbeThatFitsTellsWhenItReachedEachLevelAndHasNoDiagnosis() throws {
    let report = try run(plan("{}").probe(ProbeAddress(samples: 60, replicate: 0)))
    #expect(report["outcome"] == .string("fit"))
    #expect(report["diagnosis"] == nil)
    let reached = try #require(report["reached"]?.arrayValue)
    #expect(reached.map { $0["training_error"]?.doubleValue } == [0.1, 0.05, 0.01, 0])
    #expect(reached.last?["steps"] == report["steps"])
  }

  @Test func aToleranceIsPartOfTheProbesAddressUnlessItIsZero() throws {
    var specification = try plan("{}").specification
    func probe() -> ProbeSpecification {
      ProbeSpecification(
        experiment: specification.experiment, datasetDigest: String(repeating: "a", count: 64),
        address: ProbeAddress(samples: 60, replicate: 0))
    }
    let strict = probe()
    #expect(strict.json["fit"] == nil)
    specification.experiment.training.fitTrainingError = 0.05
    let tolerant = probe()
    #expect(tolerant.json["fit"] == .object(["training_error": .number(0.05)]))
    #expect(tolerant.digest != strict.digest)
    for original in [strict, tolerant] {
      let read = try ProbeSpecification(json: JSONValue(parsing: original.json.text().utf8))
      #expect(read == original && read.digest == original.digest)
    }
    // A specification's own document has no such member.
    #expect(throws: SpecificationError.self) {
      guard case .object(var members) = specification.json else { return }
      members["fit"] = tolerant.json["fit"]
      _ = try MeasurementSpecification(json: .object(members))
    }
  }

  @Test(arguments: ["-0.1", "1", "\"few\"", "null"])
  func aToleranceOutsideItsRangeIsRefused(value: String) throws {
    guard case .object(var members) = try plan("{}").probe(ProbeAddress(samples: 60, replicate: 0)).json
    else {
      Issue.record("a probe is an object")
      return
    }
    members["fit"] = .object(["training_error": try JSONValue(parsing: value.utf8)])
    do {
      _ = try ProbeSpecification(json: .object(members))
      Issue.record("accepted")
    } catch {
      #expect(error.faults.map(\.pointer) == ["/fit/training_error"])
      #expect(error.faults.first?.allowed == "a number from 0.0 and below 1.0")
    }
  }
}

@Suite struct DiagnosisSummaryTests {
  private func report(_ outcome: Outcome, _ codes: DiagnosisCode...) -> TrainingRun {
    TrainingRun(
      samples: 10, replicate: 0, fitSteps: outcome == .fit ? 5 : nil, guardSteps: 10, steps: 10,
      outcome: outcome, diagnosis: codes)
  }

  @Test func codesAreCountedOverTheFailures() {
    let summary = DiagnosisSummary([
      report(.budget, .lossStillFalling, .fewSamplesLeft), report(.budget, .lossStillFalling),
      report(.fit), report(.budget, .deadUnits, .lossStillFalling), report(.minimum),
    ])
    #expect(summary.failures == 4)
    #expect(
      summary.json.text()
        == #"[{"code":"loss_still_falling","probes":3},{"code":"dead_units","probes":1},{"code":"few_samples_left","probes":1}]"#
    )
    #expect(
      summary.sentence
        == "3 of 4 failed runs still got better when the steps were spent: the budget decides, not the capacity; try more steps (training.max_steps, or search.budget of the kind settle)."
    )
  }

  @Test func theOrderOfReportsDoesNotMatter() {
    let reports = [
      report(.budget, .lossRising, .rateTooHigh), report(.diverged, .rateTooHigh),
      report(.budget, .fewSamplesLeft),
    ]
    #expect(DiagnosisSummary(reports) == DiagnosisSummary(reports.reversed()))
  }

  @Test func theGravestOfWhatHalfOfTheFailuresShowDecides() {
    let summary = DiagnosisSummary([
      report(.budget, .rateTooHigh, .lossStillFalling),
      report(.budget, .rateTooHigh, .lossStillFalling),
      report(.budget, .atChance, .lossStillFalling), report(.budget, .lossStillFalling),
    ])
    #expect(
      summary.sentence?.hasPrefix(
        "2 of 4 failed runs took steps too long to descend by: the learning rate is too high") == true)
  }

  /// Only those that decide are summed up: there are others.
  @Test func failuresThatDecideAreNotCalledAll() {
    let falling = [report(.budget, .lossStillFalling), report(.budget, .lossStillFalling)]
    #expect(
      DiagnosisSummary(falling, of: 10).sentence?.hasPrefix("All 2 failures that decide still got better")
        == true)
    #expect(
      DiagnosisSummary([report(.minimum)], of: 3).sentence?.hasPrefix(
        "Every failure that decides (1) ended at a verified minimum") == true)
    #expect(
      DiagnosisSummary(falling, of: 2).sentence?.hasPrefix("All 2 failed runs still got better") == true)
  }

  @Test func minimaAreToldAsWhatTheyAre() {
    let summary = DiagnosisSummary([report(.minimum, .fewSamplesLeft), report(.minimum)])
    #expect(summary.sentence?.hasPrefix("Every failed run (2) ended at a verified minimum") == true)
    #expect(summary.sentence?.contains("try a wider network, or another optimizer or rate") == true)
    var remedies = Remedies()
    remedies.isConvex = true
    let convex = DiagnosisSummary([report(.minimum)], remedies: remedies).sentence
    #expect(convex?.contains("whatever the optimizer; try a network with hidden layers") == true)
    // At rest are those at a minimum too: what most of them ended at is told, not that it might be found out.
    let most = DiagnosisSummary([
      report(.minimum, .lossFlat), report(.minimum, .lossFlat), report(.budget, .lossStillFalling),
    ])
    #expect(most.sentence?.hasPrefix("2 of 3 failed runs ended at a verified minimum") == true)
    let few = DiagnosisSummary([
      report(.minimum, .lossFlat), report(.budget, .lossFlat), report(.budget, .lossFlat),
    ])
    #expect(few.sentence?.hasPrefix("All 3 failed runs had a loss that didn't change any more") == true)
    let duplicates = DiagnosisSummary([report(.minimum, .conflictingDuplicates)])
    #expect(
      duplicates.sentence?.hasPrefix("1 of 1 failed run drew identical inputs with different labels") == true)
  }

  @Test func everyCodeHasASentenceThatNamesARemedy() {
    for code in DiagnosisCode.allCases {
      let sentence = DiagnosisSummary([report(.budget, code)]).sentence ?? ""
      #expect(sentence.hasPrefix("1 of 1 failed run ") && sentence.hasSuffix("."))
      #expect(sentence.contains("try ") || sentence.contains("remove "), "\(sentence)")
    }
    #expect(DiagnosisSummary([]).sentence == nil)
    #expect(DiagnosisSummary([report(.fit)]).sentence == nil)
    #expect(DiagnosisSummary([report(.budget)]).sentence?.contains("more steps") == true)
  }
}
