import Capacity
import Foundation
import Persistence

extension StudyRecord {
  /// The study as lists show it; only a change of the study changes it.
  var json: JSONValue {
    .object([
      "id": .string(id.shown),
      "name": name.map(JSONValue.string) ?? .null,
      "preset": preset.map(JSONValue.string) ?? .null,
      "scale": scale.map(JSONValue.string) ?? .null,
      "state": .string(state.rawValue),
      "progress": .object([
        "cells": .integer(cellCount), "cells_ended": .integer(endedCount),
        "seconds_left": secondsLeft.map { .number($0) } ?? .null,
        "states": .object(
          Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, JSONValue.integer($0.value)) })
            .merging([Self.deleted: .integer(deletedCount)]) { $1 }),
      ]),
      "created_at": JSONValue(createdAt), "started_at": JSONValue(startedAt),
      "finished_at": JSONValue(finishedAt),
    ])
  }

  /// The state of a cell whose job was deleted.
  static let deleted = "deleted"

  /// As long as the longest of the cells says that are measured, where none waits or is held; else as long as those left would
  /// take if each took as long as those that have a result, as many at once as are under way; nil before one has, and while the
  /// study is held.
  private var secondsLeft: Double? {
    guard !state.hasEnded else { return 0 }
    guard state != .paused else { return nil }
    let (left, running) = (cellCount - endedCount, counts[.running, default: 0])
    if left == running, let runningSeconds { return runningSeconds.rounded() }
    guard cellSeconds > 0 else { return nil }
    return (cellSeconds * Double(left) / Double(max(1, running))).rounded()
  }

  /// The document that it was admitted with.
  func study() throws -> StudySpecification {
    try StudySpecification(recorded: JSONValue(parsing: specification.utf8))
  }

  /// The preset that it was made of.
  var source: PresetSource? {
    guard let preset, let scale else { return nil }
    return PresetSource(preset: preset, scale: scale)
  }

  /// What its cells tell beside each other, from the probes that have ended.
  func compare(
    _ cells: [(cell: Int, job: JobRecord)], _ rows: [UUID: [ProbeRow]]
  ) throws -> ComparedStudy {
    let study = try study()
    let jobs = Dictionary(cells.map { ($0.cell, $0.job) }) { first, _ in first }
    var first: MeasurementSpecification?
    let compared = try study.positions.enumerated().map { index, positions in
      let (label, values) = (study.label(positions), study.axisValues(positions))
      guard let job = jobs[index] else {
        return ComparedCell(label: label, values: values, outcome: .missing("its job was deleted"))
      }
      let recorded = try RecordedJob(job)
      first = first ?? recorded.specification
      let id = job.id.shown
      guard let plan = recorded.plan, let rows = rows[job.id], !rows.isEmpty else {
        let reason = job.error ?? "no probe has ended"
        return ComparedCell(label: label, values: values, job: id, outcome: .missing(reason))
      }
      return ComparedCell(
        label: label, values: values, job: id, plan: plan,
        observations: rows.compactMap { ProbeObservation($0, in: plan) },
        incomplete: job.state == .succeeded ? nil : job.state.rawValue)
    }
    return ComparedStudy(cells: compared, settings: study.comparisonSettings(first: first))
  }
}

/// A study with its cells, as the API shows one.
struct StudyDescription {
  let json: JSONValue

  /// Cells up to which a study that has ended has its comparison in it: 1,000 of them have half a million pairs.
  private static let comparedCells = 64

  /// Whether a study's description has its comparison.
  static func hasComparison(_ record: StudyRecord) -> Bool {
    record.state.hasEnded && record.cellCount <= comparedCells
  }

  /// - Parameters:
  ///   - standings: where cells stand, by their places.
  ///   - compared: what is known of the cells; nil where the study hasn't ended, nor any cell without a result.
  ///   - comparison: what they tell beside each other; nil where it isn't shown.
  init(
    _ record: StudyRecord, standings: [Int: CellStanding], compared: ComparedStudy?, comparison: Comparison?,
    cost: StudyCost?
  ) throws {
    guard case .object(var members) = record.json else { preconditionFailure("a study is an object") }
    let study = try record.study()
    members["specification"] = study.json
    members["about"] =
      record.preset.flatMap { StudyPresets.embedded[$0] }.map { .object($0.description) } ?? .null
    members["cells"] = .array(
      try study.positions.enumerated().map { index, positions in
        let standing = standings[index]
        return try Self.cell(
          study, positions, standing,
          known: standing?.endedWithoutResult == true ? compared?.cells[index].json : nil)
      })
    members["cost"] =
      cost.map { cost in
        .object([
          "probes": .object([
            "asked": .integer(cost.asked), "trained": .integer(cost.trained),
            "shared": .integer(cost.shared), "known": .integer(cost.known),
          ]),
          "steps": .integer(cost.steps), "training_seconds": .number(cost.seconds),
        ])
      } ?? .null
    members["comparison"] = comparison?.json ?? .null
    json = .object(members)
  }

  /// What is known of a cell: its result's reading once there is one, that of the comparison where it ended without, else its
  /// progress'; nothing where its job was deleted.
  private static func cell(
    _ study: StudySpecification, _ positions: [Int], _ standing: CellStanding?, known: JSONValue?
  ) throws -> JSONValue {
    let result = try standing?.result.map { try JSONValue(parsing: $0.utf8) }
    let progress = try standing?.progress.map { try JSONValue(parsing: $0.utf8) }
    let reading = result ?? known ?? progress
    return .object([
      "label": .string(study.label(positions)),
      "values": .object(
        Dictionary(study.values(positions).map { ($0.pointer, $0.value) }) { first, _ in first }),
      "job": standing.map { .string($0.job.shown) } ?? .null,
      "state": .string(standing?.state.rawValue ?? StudyRecord.deleted),
      "emc": reading?["emc"] ?? .null,
      "interval": reading?["interval"] ?? .null,
      "settled": result?["budget"]?["settled"] ?? known?["settled"] ?? .null,
      "probes_finished": progress?["probes_finished"] ?? .integer(0),
      "error": standing?.error.map { .object(["detail": .string($0)]) } ?? .null,
    ])
  }
}

/// What is known of a study's cells.
struct ComparedStudy: Sendable {
  let cells: [ComparedCell]
  private let settings: ComparisonSettings

  init(cells: [ComparedCell], settings: ComparisonSettings) {
    self.cells = cells
    self.settings = settings
  }

  /// What they tell beside each other; it may take seconds.
  func comparison() -> Comparison { Comparison(cells, settings: settings) }
}

/// The studies that were last asked for, as their probes tell of them, and their comparisons: each is read, and compared, once
/// for all who ask for it as it stands.
struct StudyComparisons: Sendable {
  private let studies = SharedValues<ComparedStudy>()
  private let comparisons = SharedValues<Comparison>()

  /// A study as it stands.
  func compared(
    _ study: StudyRecord, read: @escaping @Sendable () async throws -> ComparedStudy
  ) async throws -> ComparedStudy {
    try await studies.value(of: study.id, at: Self.stamp(study), make: read)
  }

  /// Its comparison, as it stands where it has ended; until then it may be of a little before.
  func comparison(
    _ study: StudyRecord, read: @escaping @Sendable () async throws -> ComparedStudy
  ) async throws -> Comparison {
    try await comparisons.value(
      of: study.id, at: Self.stamp(study), mayBeOlder: !study.state.hasEnded
    ) { [studies] in
      let compared = try await studies.value(of: study.id, at: Self.stamp(study), make: read)
      return try await onOwnThread { compared.comparison() }
    }
  }

  /// Which cells a study has is told by its revision, and by how many jobs were deleted.
  private static func stamp<Value: Sendable>(_ study: StudyRecord) -> SharedValues<Value>.Stamp {
    SharedValues<Value>.Stamp(
      shape: [Int64(study.revision), Int64(study.deletedCount)], version: study.version)
  }
}
