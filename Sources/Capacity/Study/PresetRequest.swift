/// A study that is asked for by a preset's name.
struct PresetRequest {
  /// The preset and the scale; nil where either, or the overrides, are at fault.
  private(set) var source: PresetSource?
  /// The merge patch of the base.
  let overrides: JSONValue
  private let preset: StudyPreset?
  private let label: String?
  private let seed: Int?
  private let place: String

  /// Reads `preset`, `scale` [`quick`], `name`, `seed` and `overrides`.
  init(reading reader: ObjectReader, presets: StudyPresets, besides: [String] = []) {
    place = reader.pointer(to: "overrides")
    let names = presets.all.map(\.name)
    let name = reader.choice("preset", of: names)
    let scale: StudyPreset.Scale? = reader.choice("scale", default: .quick)
    label = MeasurementSpecification.name(reading: reader)
    seed = reader.optionalInteger("seed", in: 0...(1 << 53 - 1))
    overrides = reader.value("overrides") ?? .object([:])
    if case .object = overrides {
    } else {
      reader.fault("overrides", allowed: "a merge patch for the preset's base", "is not an object")
    }
    if let written = overrides["seed"], let seed, written.integerValue != seed {
      reader.faults.add(
        place + "/seed", written, allowed: "one seed", "contradicts the seed \(seed) beside it")
    }
    if let written = overrides["name"], written != .null {
      reader.faults.add(
        place + "/name", written, allowed: "name beside the preset, which names the study",
        "is set for each cell by the study itself")
    }
    StudyMembers.finish(reader, besides: besides)
    preset = reader.faults.concerns(place) ? nil : name.flatMap { presets[$0] }
    if let preset, let scale { source = PresetSource(preset: preset.name, scale: scale.rawValue) }
  }

  /// The study's document at a scale with seed and overrides put in; nil where there is none.
  func study(_ scale: String) -> JSONValue? {
    guard let preset, let scale = StudyPreset.Scale(rawValue: scale) else { return nil }
    var changes = overrides
    if let seed { changes = changes.merging(.object(["seed": .integer(seed)])) }
    let study = preset.study(scale).merging(.object(["base": changes]))
    return label.map { study.merging(.object(["name": .string($0)])) } ?? study
  }

  /// Where the scale is none: what the overrides are refused for at every one that there is.
  func addFaultsOfOverrides(_ faults: FaultCollector, _ datasets: DatasetResolver, _ memoryLimit: Int) {
    let all = StudyPreset.Scale.allCases.map { scale -> [SpecificationFault] in
      guard let document = study(scale.rawValue),
        let specification = try? StudySpecification(recorded: document)
      else { return [] }
      let own = FaultCollector()
      checkOverrides(specification, own)
      let places = FaultPlaces(specification: specification, overrides: overrides)
      return own.faults + StudyAdmission.faultsShown(specification, places, own, datasets, memoryLimit)
    }
    for fault in all[0] where all.allSatisfy({ $0.contains(fault) }) {
      faults.add(fault.pointer, fault.value, allowed: fault.allowed, fault.detail)
    }
  }

  /// Notes the overrides that axes or candidates would hide, or that would hide axes.
  func checkOverrides(_ specification: StudySpecification, _ faults: FaultCollector) {
    for leaf in Self.leaves(overrides) {
      guard
        let axis = specification.axes.first(where: {
          $0.pointer.remainder(of: leaf) != nil || leaf.remainder(of: $0.pointer) != nil
        })
      else { continue }
      faults.add(
        place + leaf.description, overrides.value(at: leaf),
        allowed: "a field that the preset doesn't vary", "contradicts the axis \(axis.pointer.description)")
    }
    for leaf in Self.leaves(overrides) {
      let isCandidates = specification.tune != nil && TuningCandidate.place.remainder(of: leaf) != nil
      guard isCandidates || specification.tunedFields.contains(where: { $0.remainder(of: leaf) != nil })
      else {
        continue
      }
      faults.add(
        place + leaf.description, overrides.value(at: leaf),
        allowed: "a field that the preset doesn't tune; a study of your own may tune what it likes",
        "would be replaced by what the preset tunes")
    }
  }

  /// The places that a merge patch sets.
  private static func leaves(_ patch: JSONValue, at place: [String] = []) -> [JSONPointer] {
    guard case .object(let members) = patch, !members.isEmpty else {
      return place.isEmpty ? [] : [JSONPointer(tokens: place)]
    }
    return members.sorted { $0.key < $1.key }.flatMap { leaves($0.value, at: place + [$0.key]) }
  }
}
