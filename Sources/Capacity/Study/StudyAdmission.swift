/// A study that can be run: read from a client's document, every cell admitted as a measurement.
package struct StudyAdmission: Sendable {
  /// The study with all that presets and overrides made of it.
  package let specification: StudySpecification
  /// Its cells, in order.
  package let cells: [StudyCell]
  /// The preset and the scale that were named.
  package let source: PresetSource?

  /// Reads `{"name", "base", "axes", "combine", "tune", "compare"}` or `{"preset", "scale", "name", "seed", "overrides"}`
  /// and admits every cell.
  ///
  /// - Parameter besides: members that the caller reads and has taken out: they are told among those that are allowed.
  /// - Throws: `SpecificationError` with every fault: where it stands in the document, and in which cells.
  package init(
    json: JSONValue, besides: [String] = [], presets: StudyPresets = StudyPresets(),
    datasets: DatasetResolver = .catalogue, memoryLimit: Int = MemoryLimit.ofThisMachine
  ) throws(SpecificationError) {
    let faults = FaultCollector()
    let reader = ObjectReader(json, at: "", faults: faults)
    try faults.throwIfAny()
    var overrides: JSONValue?
    if reader.has("preset") {
      let request = PresetRequest(reading: reader, presets: presets, besides: besides)
      guard let source = request.source, let study = request.study(source.scale) else {
        request.addFaultsOfOverrides(faults, datasets, memoryLimit)
        try faults.throwIfAny()
        preconditionFailure("without a fault there is a study")
      }
      specification = try StudySpecification(recorded: study)
      self.source = source
      overrides = request.overrides
      request.checkOverrides(specification, faults)
    } else {
      specification = StudySpecification(reading: reader, besides: besides)
      source = nil
    }
    let study = specification
    let places = FaultPlaces(specification: study, overrides: overrides)
    if ["base", "axes", "combine", "tune", "overrides"].contains(where: { faults.concerns("/" + $0) }) {
      let shown = Self.faultsShown(study, places, faults, datasets, memoryLimit)
      throw SpecificationError(faults: faults.faults + shown, count: faults.count + shown.count)
    }
    cells = try faults.joined { () throws(SpecificationError) in
      try Self.admit(study, places, datasets, memoryLimit, isNew: true)
    }
  }

  /// The cells of a study that was admitted before, with values that were added to its axes.
  package init(
    _ specification: StudySpecification, source: PresetSource?, datasets: DatasetResolver = .catalogue,
    memoryLimit: Int = MemoryLimit.ofThisMachine
  ) throws(SpecificationError) {
    self.specification = specification
    self.source = source
    cells = try Self.admit(
      specification, FaultPlaces(specification: specification, overrides: nil), datasets, memoryLimit,
      isNew: false)
  }

  private static func admit(
    _ study: StudySpecification, _ places: FaultPlaces, _ datasets: DatasetResolver, _ memoryLimit: Int,
    isNew: Bool
  ) throws(SpecificationError) -> [StudyCell] {
    var cells: [StudyCell] = []
    var faults = CellFaults(study: study, places: places)
    for (index, positions) in study.positions.enumerated() {
      let (document, isWhole) = study.document(positions, faults: &faults, index: index)
      do {
        let admission = try Admission(json: document, datasets: datasets, memoryLimit: memoryLimit)
        if isNew { try admission.refuseLabelOfStudy() }
        guard isWhole else { continue }
        cells.append(
          StudyCell(
            index: index, label: study.label(positions), positions: positions, admission: admission))
      } catch {
        faults.add(error, index: index, positions: positions)
      }
    }
    var first: [MeasurementSpecification: StudyCell] = [:]
    for cell in cells {
      var measurement = cell.specification
      measurement.name = nil
      if let same = first[measurement] {
        faults.addRepeated(cell, of: same)
      } else {
        first[measurement] = cell
      }
    }
    try faults.throwIfAny()
    return cells
  }
}

extension Admission {
  /// The label of a cell's job whose value is its study's id.
  package static let studyLabel = "study"

  /// - Throws: where the client has given the label that the study gives its jobs itself.
  fileprivate func refuseLabelOfStudy() throws(SpecificationError) {
    guard let own = options.labels[Self.studyLabel] else { return }
    throw SpecificationError(faults: [
      SpecificationFault(
        pointer: "/job/labels/\(Self.studyLabel)", value: .string(own), allowed: "another name",
        detail: "is the label under which a study's jobs have its id")
    ])
  }
}

/// The preset and the scale that a study was made of.
package struct PresetSource: Sendable, Hashable {
  /// The preset's name.
  package let preset: String
  /// One of its scales.
  package let scale: String

  /// A preset at a scale.
  package init(preset: String, scale: String) {
    self.preset = preset
    self.scale = scale
  }
}

/// One combination of a study's values: a measurement.
package struct StudyCell: Sendable {
  /// Its place in the study.
  package let index: Int
  /// What people call it, unique in its study.
  package let label: String
  /// Of each axis the position of its value.
  package let positions: [Int]
  /// The measurement with what it keeps to.
  package let admission: Admission

  /// The measurement.
  package var specification: MeasurementSpecification { admission.specification }
}

extension StudySpecification {
  /// The specification of a cell as a client would write it: not whole where an axis leads nowhere, which is noted.
  fileprivate func document(
    _ positions: [Int], faults: inout CellFaults, index: Int
  ) -> (JSONValue, isWhole: Bool) {
    var unreachable: [Int] = []
    let document = document(positions, tune: tune) { unreachable.append($0) }
    for axis in unreachable { faults.addUnreachable(axis: axis, index: index) }
    let name = [self.name, label(positions)].compactMap(\.self).joined(separator: ": ")
    let place = JSONPointer(tokens: ["name"])
    let named = document.replacing(
      place, with: .string(String(String.UnicodeScalarView(name.unicodeScalars.prefix(200)))))
    return (named ?? document, unreachable.isEmpty)
  }

  /// The base with each axis's value at these positions, but for those that are left out or lead nowhere, and with candidates.
  func document(
    _ positions: [Int], leavingOut isLeftOut: (Int) -> Bool = { _ in false }, tune: JSONValue?,
    unreachable: (Int) -> Void = { _ in }
  ) -> JSONValue {
    var document = base
    for (axis, position) in positions.enumerated() where !isLeftOut(axis) {
      if let changed = document.replacing(axes[axis].pointer, with: axes[axis].values[position]) {
        document = changed
      } else {
        unreachable(axis)
      }
    }
    // Where what stands at search is no object the measurement itself says so.
    return tune.flatMap { document.replacing(TuningCandidate.place, with: $0) } ?? document
  }

  /// Of each axis the value that a cell has.
  package func values(_ positions: [Int]) -> [(pointer: String, value: JSONValue)] {
    zip(axes, positions).map { ($0.pointer.description, $0.values[$1]) }
  }
}

extension StudyAdmission {
  /// What the study would measure: every cell with its specification, all defaults filled in.
  package var json: JSONValue {
    .object([
      "name": specification.name.map(JSONValue.string) ?? .null,
      "preset": source.map { .string($0.preset) } ?? .null,
      "scale": source.map { .string($0.scale) } ?? .null,
      "specification": specification.json,
      "cell_count": .integer(cells.count),
      "cells": .array(
        cells.map { cell in
          .object([
            "label": .string(cell.label),
            "values": .object(
              Dictionary(specification.values(cell.positions).map { ($0.pointer, $0.value) }) { first, _ in
                first
              }),
            "parameter_count": .integer(cell.admission.terms.parameterCount),
            "specification": cell.specification.json,
          ])
        }),
    ])
  }
}
