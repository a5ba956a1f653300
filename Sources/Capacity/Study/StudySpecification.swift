import Foundation

/// A set of measurements that vary fields of a base specification, and what is compared between them.
package struct StudySpecification: Sendable, Hashable {
  /// How the axes are combined.
  package enum Combination: String, Sendable, CaseIterable {
    /// Every value with every other.
    case grid
    /// The first values together, then the second ones, …
    case zip
  }

  /// Which cells are compared.
  package enum Comparing: Sendable, Hashable {
    /// All that differ in one axis.
    case pairs
    /// Those with another value to that with this one.
    case against(JSONValue)
  }

  /// A label for people.
  package var name: String?
  /// The specification that the cells vary, as it was written.
  package var base: JSONValue
  /// What varies.
  package var axes: [StudyAxis]
  /// How it is combined.
  package var combination: Combination
  /// What each cell's `search.tune` is; nil where it isn't tuned.
  package var tune: JSONValue?
  /// What is compared.
  package var comparing: Comparing
  /// Cells that a study may have.
  package static let cellLimit = 1000

  /// Reads a study's own document; faults go to the reader's collector.
  ///
  /// - Parameters:
  ///   - besides: members that stand beside a study's own, and that others read.
  ///   - isRecorded: of what was admitted once it isn't asked again what it determines.
  init(reading reader: ObjectReader, besides: [String] = [], isRecorded: Bool = false) {
    name = MeasurementSpecification.name(reading: reader)
    base = reader.value("base") ?? .object([:])
    if case .object = base, reader.has("base") {
    } else {
      reader.fault(
        "base", allowed: "a measurement's specification",
        reader.has("base") ? "is not an object" : FaultCollector.missing)
    }
    combination = reader.choice("combine", default: .grid) ?? .grid
    axes = Self.axes(reading: reader, combination)
    tune = reader.value("tune").flatMap { $0 == .array([]) ? nil : $0 }
    if let tune, tune.arrayValue == nil {
      reader.fault("tune", allowed: "an array as search.tune has it", "is not an array")
    }
    comparing = .pairs
    comparing = readComparing(reader)
    StudyMembers.finish(reader, besides: besides)
    check(reader)
    if !isRecorded { checkWhatIsDetermined(reader) }
  }

  /// Decodes what `json` wrote: a pure function of the document.
  ///
  /// - Throws: `SpecificationError` where it is no such document.
  package init(recorded json: JSONValue) throws(SpecificationError) {
    let faults = FaultCollector()
    self.init(reading: ObjectReader(json, at: "", faults: faults), isRecorded: true)
    try faults.throwIfAny()
  }

  private static func axes(reading reader: ObjectReader, _ combination: Combination) -> [StudyAxis] {
    let allowed = "an array of 1 to 8 axes"
    guard let values = reader.value("axes")?.arrayValue, (1...8).contains(values.count) else {
      reader.fault(
        "axes", allowed: allowed, reader.has("axes") ? "is not such an array" : FaultCollector.missing)
      return []
    }
    return values.enumerated().map { index, value in
      StudyAxis(
        reading: ObjectReader(value, at: reader.pointer(to: "axes") + "/\(index)", faults: reader.faults),
        in: combination)
    }
  }

  private func readComparing(_ reader: ObjectReader) -> Comparing {
    guard let value = reader.value("compare"), value != .string("pairs") else { return .pairs }
    guard case .object(let members) = value, members.count == 1, let against = members["against"] else {
      reader.fault("compare", allowed: "\"pairs\", or {\"against\": one of an axis's values}", "is neither")
      return .pairs
    }
    // Of an axis whose values are at fault nobody knows what they were to be.
    if !axes.isEmpty, axes.allSatisfy({ !$0.values.isEmpty }),
      !axes.contains(where: { $0.values.contains(against) })
    {
      reader.faults.add(
        reader.pointer(to: "compare") + "/against", against, allowed: "one of an axis's values",
        "is no axis's value")
    }
    return .against(against)
  }

  /// Notes what only the axes together show.
  private func check(_ reader: ObjectReader) {
    let place = reader.pointer(to: "axes")
    for (index, axis) in axes.enumerated() where axis.isField {
      if axis.pointer.tokens == ["name"] || TuningCandidate.place.remainder(of: axis.pointer) != nil {
        reader.faults.add(
          "\(place)/\(index)/pointer", .string(axis.pointer.description),
          allowed: "a field that determines a measurement", "is set for each cell by the study itself")
      }
      for (earlier, other) in axes[..<index].enumerated()
      where other.isField && axis.pointer.remainder(of: other.pointer) != nil {
        reader.faults.add(
          "\(place)/\(index)/pointer", .string(axis.pointer.description),
          allowed: "a field that no axis before it sets, or a part of one", "hides what axis \(earlier) sets")
      }
    }
    checkCount(reader.faults)
  }

  /// Notes axes that can't be combined, or make more cells than a study may have.
  func checkCount(_ faults: FaultCollector) {
    guard axes.allSatisfy({ !$0.values.isEmpty }) else { return }
    switch combination {
    case .zip:
      let counts = axes.map(\.values.count)
      if Set(counts).count > 1 {
        faults.add(
          "/axes", .array(counts.map(JSONValue.integer)),
          allowed: "as many values in each axis that is zipped, or the combination grid",
          "have unequal counts: "
            + axes.map { "\($0.values.count) of \($0.pointer.description)" }.joined(separator: ", "))
      }
    case .grid:
      let count = axes.reduce(1.0) { $0 * Double($1.values.count) }
      if count > Double(Self.cellLimit) {
        faults.add(
          "/axes", .array(axes.map { .integer($0.values.count) }),
          allowed: "at most \(Self.cellLimit) cells, the product of the axes' counts",
          "make \(count < 1e15 ? String(Int(count)) : String(count)) cells")
      }
    }
  }

  /// Notes labels that together call two cells the same.
  func checkLabels(_ faults: FaultCollector) {
    guard !faults.concerns("/axes") else { return }
    let all = positions
    var cells: [String: Int] = [:]
    for (index, cell) in all.enumerated() {
      // Of cells with the same values it is told that they are the same measurement.
      if let first = cells.updateValue(index, forKey: label(cell)), axisValues(all[first]) != axisValues(cell)
      {
        faults.add(
          "/axes", .string(label(cell)), allowed: "labels that together name each cell differently",
          "is what cells \(first) and \(index) are called")
        return
      }
    }
  }

  /// Notes the axes whose cells would all be the same measurement: what is said of a job, and who is told of its end.
  private func checkWhatIsDetermined(_ reader: ObjectReader) {
    for (index, axis) in axes.enumerated()
    where axis.pointer.tokens.first.map(["job", "webhooks"].contains) == true {
      reader.faults.add(
        "\(reader.pointer(to: "axes"))/\(index)/pointer", .string(axis.pointer.description),
        allowed: "a field that determines a measurement", "determines nothing of a measurement")
    }
    checkLabels(reader.faults)
    checkTuning(reader.faults)
  }

  /// Notes two sayings of what is tuned, of which one would be lost.
  private func checkTuning(_ faults: FaultCollector) {
    if let tune, let own = base.value(at: TuningCandidate.place), own != .null {
      faults.add(
        "/tune", tune, allowed: "one of tune and search.tune of the base",
        "would take the place of search.tune of the base")
    }
    checkTunedFields(faults, at: tune == nil ? "/base/search/tune" : "/tune")
  }

  /// Notes what is tuned in place of what an axis sets: values that a cell is called by and would never be trained with.
  func checkTunedFields(_ faults: FaultCollector, at place: String) {
    for tuned in tunedFields {
      guard let axis = axes.first(where: { $0.isReplaced(by: tuned) }) else { continue }
      faults.add(
        place, .string(tuned.description), allowed: "fields that no axis sets",
        "replaces what the axis \(axis.pointer.description) sets")
    }
  }

  /// The fields that its cells' candidates replace.
  var tunedFields: [JSONPointer] {
    guard let candidates = tune ?? base.value(at: TuningCandidate.place) else { return [] }
    let names = (candidates.arrayValue ?? [candidates]).flatMap { object -> [String] in
      guard case .object(let members) = object else { return [] }
      return Array(members.keys)
    }
    return Set(names).sorted().compactMap { JSONPointer($0) }
  }

  // MARK: Cells

  /// The positions of each cell's values in their axes; in a grid the last axis varies fastest.
  package var positions: [[Int]] {
    switch combination {
    case .zip: (0..<(axes.map(\.values.count).min() ?? 0)).map { index in axes.map { _ in index } }
    case .grid:
      axes.reduce([[]]) { cells, axis in
        cells.flatMap { cell in axis.values.indices.map { cell + [$0] } }
      }
    }
  }

  /// Where the cell with these positions stands among them; nil where an axis has fewer values.
  package func place(of positions: [Int]) -> Int? {
    guard zip(positions, axes).allSatisfy({ $0 < $1.values.count }) else { return nil }
    return switch combination {
    case .zip: positions.first
    case .grid: zip(positions, axes).reduce(0) { $0 * $1.1.values.count + $1.0 }
    }
  }

  /// What is varied, as pointers: axes that are zipped are one factor.
  package var factors: [[String]] {
    let pointers = axes.map(\.pointer.description)
    return combination == .zip ? [pointers] : pointers.map { [$0] }
  }

  /// What people call a cell.
  package func label(_ positions: [Int]) -> String {
    zip(axes, positions).map { $0.labels[$1] }.joined(separator: " · ")
  }

  /// A study's document with all its defaults and every value.
  package var json: JSONValue {
    var members: [String: JSONValue] = [
      "base": base, "axes": .array(axes.map(\.json)),
      "combine": .string(combination.rawValue), "tune": tune ?? .array([]),
    ]
    members["name"] = name.map(JSONValue.string)
    members["compare"] =
      switch comparing {
      case .pairs: .string("pairs")
      case .against(let value): .object(["against": value])
      }
    return .object(members)
  }
}
