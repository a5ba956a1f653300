import Capacity
import Foundation
import Persistence
import Synchronization

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
  static let comparedCells = 64

  /// - Parameters:
  ///   - standings: where cells stand, by their places.
  ///   - compared: what is known of the cells; nil where the study hasn't ended, nor any cell without a result.
  init(
    _ record: StudyRecord, standings: [Int: CellStanding], compared: ComparedStudy?, cost: StudyCost?
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
    let hasComparison = record.state.hasEnded && record.cellCount <= Self.comparedCells
    members["comparison"] = hasComparison ? compared?.comparison.json ?? .null : .null
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

/// What is known of a study's cells, and what they tell beside each other once somebody asks for it.
final class ComparedStudy: Sendable {
  let cells: [ComparedCell]
  private let settings: ComparisonSettings
  private let made = Mutex<Comparison?>(nil)

  init(cells: [ComparedCell], settings: ComparisonSettings) {
    self.cells = cells
    self.settings = settings
  }

  /// Made by the first who asks, on whose thread it may take seconds.
  var comparison: Comparison {
    made.withLock { made in
      if let made { return made }
      let comparison = Comparison(cells, settings: settings)
      made = comparison
      return comparison
    }
  }
}

/// The studies that were last asked for, as their probes tell of them: they are read anew where anything has changed.
actor StudyComparisons {
  private struct Entry {
    let stamp: [Int64]
    let study: ComparedStudy
    var used: Int
  }
  private static let limit = 64
  private var entries: [UUID: Entry] = [:]
  private var clock = 0

  /// A study as it stands.
  func compared(
    _ study: StudyRecord, read: @Sendable () async throws -> ComparedStudy
  ) async throws -> ComparedStudy {
    clock += 1
    let stamp = [study.version, Int64(study.revision), Int64(study.deletedCount)]
    if let entry = entries[study.id], entry.stamp == stamp {
      entries[study.id]?.used = clock
      return entry.study
    }
    let compared = try await read()
    entries[study.id] = Entry(stamp: stamp, study: compared, used: clock)
    if entries.count > Self.limit, let oldest = entries.min(by: { $0.value.used < $1.value.used }) {
      entries[oldest.key] = nil
    }
    return compared
  }
}
