/// A study that is asked for by a preset's name.
struct PresetRequest {
  /// The study's document with seed and overrides put in; nil where preset, scale or overrides are at fault.
  private(set) var study: JSONValue?
  private(set) var source: PresetSource?
  /// The merge patch of the base.
  let overrides: JSONValue
  private let place: String

  /// Reads `preset`, `scale` [`quick`], `name`, `seed` and `overrides`.
  init(reading reader: ObjectReader, presets: StudyPresets, besides: [String] = []) {
    place = reader.pointer(to: "overrides")
    let names = presets.all.map(\.name)
    let name = reader.kind("preset", of: names)
    let scale: StudyPreset.Scale? = reader.choice("scale", default: .quick)
    let label = MeasurementSpecification.name(reading: reader)
    let seed = reader.optionalInteger("seed", in: 0...(1 << 53 - 1))
    overrides = reader.value("overrides") ?? .object([:])
    if case .object = overrides {
    } else {
      reader.fault("overrides", allowed: "a merge patch for the preset's base", "is not an object")
    }
    if let written = overrides["seed"], let seed, written.integerValue != seed {
      reader.faults.add(
        place + "/seed", written, allowed: "one seed", "contradicts the seed \(seed) beside it")
    }
    StudyMembers.finish(reader, besides: besides)
    let isAtFault = ["preset", "scale", "overrides"].contains {
      reader.faults.concerns(reader.pointer(to: $0))
    }
    guard !isAtFault, let preset = name.flatMap({ presets[$0] }), let scale
    else { return }
    source = PresetSource(preset: preset.name, scale: scale.rawValue)
    var changes = overrides
    if let seed { changes = changes.merging(.object(["seed": .integer(seed)])) }
    var study = preset.study(scale).merging(.object(["base": changes]))
    if let label { study = study.merging(.object(["name": .string(label)])) }
    self.study = study
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
      let isCandidates = specification.tune != nil && leaf.tokens.prefix(2) == ["search", "tune"]
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
