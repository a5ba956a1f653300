/// What a study found: every cell's measurement, and the comparison between them.
package struct StudyResult: Sendable {
  /// The study.
  package let specification: StudySpecification
  /// The preset and the scale that it was made of.
  package let source: PresetSource?
  /// Its cells, in order.
  package let cells: [MeasuredCell]
  /// What became of its probes.
  package let counts: ProbePool.Counts
  /// The time that the study took.
  package let seconds: Double
  /// What its cells tell beside each other.
  package let comparison: Comparison

  package init(
    specification: StudySpecification, source: PresetSource?, cells: [MeasuredCell],
    counts: ProbePool.Counts, seconds: Double
  ) {
    self.specification = specification
    self.source = source
    self.cells = cells
    self.counts = counts
    self.seconds = seconds
    comparison = Comparison(
      cells.map { $0.compared(specification) },
      settings: specification.comparisonSettings(first: cells.first?.cell.specification))
  }

  /// Whether every cell has a result.
  package var isComplete: Bool { cells.allSatisfy(\.hasEnded) }

  /// The study with all that was found. What differs between two runs of one study stands in `cost`, and in the `seconds`
  /// of probes.
  ///
  /// - Parameter preset: what it was made of.
  package func json(preset: StudyPreset? = nil) -> JSONValue {
    var members: [String: JSONValue] = [
      "name": specification.name.map(JSONValue.string) ?? .null,
      "preset": source.map { .string($0.preset) } ?? .null,
      "scale": source.map { .string($0.scale) } ?? .null,
      "state": .string(
        isComplete ? "succeeded" : cells.contains { $0.state == "paused" } ? "paused" : "failed"),
      "specification": specification.json,
      "cells": .array(cells.map { $0.json(specification) }),
      "comparison": comparison.json,
      "cost": cost,
      "environment": .object([
        "engine_revision": .integer(engineRevision), "version": .string(emcVersion),
      ]),
    ]
    members["about"] = preset.map { .object($0.description) }
    return .object(members)
  }

  private var cost: JSONValue {
    .object([
      "probes": .object([
        "asked": .integer(counts.asked), "trained": .integer(counts.trained),
        "shared": .integer(counts.shared), "known": .integer(counts.known),
      ]),
      "steps": .integer(counts.steps),
      "training_seconds": .number(counts.seconds.rounded(significantDigits: 6)),
      "seconds": .number(seconds.rounded(significantDigits: 6)),
    ])
  }

  /// The results of the cells that have one, as `emc measure` prints them, with the cells' labels.
  package var results: [(label: String, result: JSONValue)] {
    cells.compactMap { cell in
      guard case .ended(let result) = cell.outcome else { return nil }
      return (cell.cell.label, result.json(withProbes: cell.probes))
    }
  }

  /// One row a cell, in the columns that every export of results has; the axes' values are among what was specified.
  package var rows: [TableRow] {
    cells.map { cell in
      var row = TableRow(measurement: cell.row(specification), leading: [("cell", .string(cell.cell.label))])
      row.add(factors: specification.values(cell.cell.positions))
      return row
    }
  }

  /// `rows` as comma-separated values.
  package var csv: [UInt8] { CSVText.table(rows, leading: ["cell"] + TableRow.measurementColumns) }
}

extension StudySpecification {
  /// How its cells are compared.
  package func comparisonSettings(first: MeasurementSpecification?) -> ComparisonSettings {
    var settings = ComparisonSettings(factors: factors)
    if case .against(let value) = comparing { settings.rule = .against(value) }
    if let first {
      settings.level = first.search.level
      settings.seed = first.experiment.seed
    }
    return settings
  }

  /// The values of a cell, as comparisons have them.
  package func axisValues(_ positions: [Int]) -> [ComparedCell.AxisValue] {
    zip(axes, positions).map { axis, position in
      ComparedCell.AxisValue(
        pointer: axis.pointer.description, value: axis.values[position], label: axis.labels[position])
    }
  }
}

extension MeasuredCell {
  /// The cell as comparisons read it.
  func compared(_ study: StudySpecification) -> ComparedCell {
    let values = study.axisValues(cell.positions)
    if let plan, !probes.isEmpty {
      return ComparedCell(
        label: cell.label, values: values, plan: plan, observations: probes.map(\.observation),
        incomplete: incomplete)
    }
    let reason = if case .failed(let error) = outcome { error } else { "no probe has ended" }
    return ComparedCell(label: cell.label, values: values, outcome: .missing(reason))
  }

  /// Why there is no result; nil where there is one.
  private var incomplete: String? {
    switch outcome {
    case .ended: nil
    case .interrupted: "interrupted"
    case .failed: "failed"
    }
  }

  /// The measurement with its probes in short: size, replicate, guard, outcome, steps and seconds.
  func json(_ study: StudySpecification) -> JSONValue {
    .object([
      "label": .string(cell.label),
      "values": .object(
        Dictionary(study.values(cell.positions).map { ($0.pointer, $0.value) }) { first, _ in first }),
      "state": .string(state), "job": .null, "specification": cell.specification.json,
      "result": result, "error": error,
    ])
  }

  /// The measurement as a job shows it.
  fileprivate func row(_ study: StudySpecification) -> JSONValue {
    .object([
      "name": cell.specification.name.map(JSONValue.string) ?? .null, "state": .string(state),
      "specification": cell.specification.json, "result": result, "error": error,
    ])
  }

  private var error: JSONValue {
    if case .failed(let error) = outcome { .object(["detail": .string(error)]) } else { .null }
  }

  private var result: JSONValue {
    guard case .ended(let result) = outcome, case .object(var members) = result.json else { return .null }
    members["probes"] = .array(probes.map(\.brief))
    return .object(members)
  }
}

extension ProbeResult {
  /// What a comparison and its figures read of a probe.
  fileprivate var brief: JSONValue {
    let names = [
      "samples", "replicate", "max_steps", "outcome", "reason", "steps", "training_accuracy", "seconds",
    ]
    return .object(
      Dictionary(names.compactMap { name in json[name].map { (name, $0) } }) { first, _ in first })
  }
}
