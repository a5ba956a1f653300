import Capacity
import Foundation
import Testing

/// The presets under `presets/`: each can be run at every scale, and says what it is for.
@Suite struct PresetTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "presets")

  private static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".json") }.sorted()

  private static let presets = StudyPresets(
    texts: names.compactMap { try? String(contentsOf: folder.appending(path: $0), encoding: .utf8) })

  @Test func everyPromisedPresetIsThere() {
    #expect(
      Self.presets.all.map(\.name) == [
        "activations", "architectures", "batch_remainder", "budget", "classes", "inputs", "label_noise",
        "labels_and_generalization", "optimizers", "parameters_vs_capacity", "regularizers",
        "reparameterization", "scaling_rules", "sgd_vs_full_batch", "tabular",
      ])
    #expect(Self.names == Self.presets.all.map { $0.name + ".json" })
    // The paper's six findings are each one preset's.
    #expect(Self.presets.all.compactMap { $0.json["finding"]?.integerValue }.sorted() == [1, 2, 3, 4, 5, 6])
  }

  @Test(arguments: names) func itSaysWhatItAsksAndWhatWouldRefuteIt(_ name: String) throws {
    let preset = try #require(Self.presets[String(name.dropLast(5))])
    for member in ["hypotheses", "controls", "refuted_by"] {
      let items = preset.json[member]?.arrayValue ?? []
      #expect(!items.isEmpty && items.allSatisfy { $0.stringValue?.isEmpty == false }, "\(member)")
    }
  }

  /// A claim is called the paper's: those presets have one that are of its findings.
  @Test func claimsAreThePapers() {
    for preset in Self.presets.all {
      #expect((preset.json["claim"] != nil) == (preset.json["finding"] != nil), "\(preset.name)")
    }
  }

  /// What would refute its hypothesis is asked where rules add as many parameters.
  @Test(arguments: StudyPreset.Scale.allCases)
  func scalingRulesAreComparedAtAboutAsManyParameters(_ scale: StudyPreset.Scale) throws {
    let request = JSONValue.object(["preset": .string("scaling_rules"), "scale": .string(scale.rawValue)])
    let study = try StudyAdmission(json: request, presets: Self.presets, memoryLimit: 16 << 30)
    let counts = Dictionary(
      uniqueKeysWithValues: study.cells.map { ($0.label, $0.admission.terms.parameterCount) })
    let unscaled = try #require(counts["unscaled"])
    #expect(counts.allSatisfy { $0.key == "unscaled" || $0.value > unscaled })
    let equal = try ["width 2", "depth 4", "compound 4"].map { try #require(counts[$0]) }
    #expect(Double(equal.max()!) <= 1.25 * Double(equal.min()!), "\(equal)")
  }

  @Test(arguments: names, StudyPreset.Scale.allCases)
  func itCanBeRun(_ name: String, _ scale: StudyPreset.Scale) throws {
    let request = JSONValue.object([
      "preset": .string(String(name.dropLast(5))), "scale": .string(scale.rawValue), "seed": .integer(3),
    ])
    let study = try StudyAdmission(json: request, presets: Self.presets, memoryLimit: 16 << 30)
    #expect(study.cells.count >= 2)
    #expect(Set(study.cells.map(\.label)).count == study.cells.count)
    #expect(study.cells.allSatisfy { $0.specification.experiment.seed == 3 })
    // Cells that are the same measurement would be no comparison.
    #expect(Set(study.cells.map(\.specification.experiment)).count == study.cells.count)
    guard scale == .quick else { return }
    let generated: Set = ["gaussian", "prototypes", "teacher"]
    #expect(
      study.cells.allSatisfy {
        generated.contains($0.specification.experiment.data.dataset.reference.name)
      })
  }
}
