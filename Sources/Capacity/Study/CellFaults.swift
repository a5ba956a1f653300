/// The faults of a study's cells, each where it stands in the study's document: one that many cells have is told once.
struct CellFaults {
  private let study: StudySpecification
  private let places: FaultPlaces
  private let count: Int
  private var order: [SpecificationFault] = []
  private var cells: [SpecificationFault: (first: Int, count: Int)] = [:]
  /// Where cells that repeat others were told of: one pair a place is enough.
  private var repeated: Set<String> = []

  init(study: StudySpecification, places: FaultPlaces) {
    self.study = study
    self.places = places
    count = study.positions.count
  }

  /// The faults of a cell.
  mutating func add(_ error: SpecificationError, index: Int, positions: [Int]) {
    for fault in error.faults { note(places.moved(fault, positions: positions), index) }
  }

  /// An axis that leads to nothing that could be set.
  mutating func addUnreachable(axis: Int, index: Int) {
    note(places.unreachable(axis: axis, study.axes[axis].pointer), index)
  }

  /// A cell that is the same measurement as one before it.
  mutating func addRepeated(_ cell: StudyCell, of other: StudyCell) {
    guard let axis = cell.positions.indices.last(where: { cell.positions[$0] != other.positions[$0] }) else {
      return
    }
    let position = cell.positions[axis]
    let place = places.axis(axis)
    let pointer =
      places.isPreset ? place : place + (study.axes[axis].isRange ? "/range" : "/values/\(position)")
    guard repeated.insert(pointer).inserted else { return }
    order.append(
      SpecificationFault(
        pointer: pointer, value: study.axes[axis].values[position],
        allowed: "values that make different measurements",
        detail: "makes cell \(cell.index) (\(cell.label)) the same measurement as cell \(other.index) "
          + "(\(other.label))"))
  }

  private mutating func note(_ fault: SpecificationFault, _ index: Int) {
    if cells[fault] == nil { order.append(fault) }
    let known = cells[fault] ?? (index, 0)
    cells[fault] = (known.first, known.count + 1)
  }

  /// - Throws: `SpecificationError` where there are any.
  func throwIfAny() throws(SpecificationError) {
    guard !order.isEmpty else { return }
    let positions = study.positions
    throw SpecificationError(
      faults: order.prefix(SpecificationError.listed).map { fault in
        // What every cell has is no cell's own, and what two have names them.
        guard let (first, number) = cells[fault], number < count else { return fault }
        let which = "\(first) (\(study.label(positions[first])))"
        return SpecificationFault(
          pointer: fault.pointer, value: fault.value, allowed: fault.allowed,
          detail: fault.detail
            + (number == 1 ? " in cell \(which)" : " in \(number) cells, first in \(which)"))
      }, count: order.count)
  }
}

/// Where in a study's document the fields of its cells come from.
struct FaultPlaces {
  private let specification: StudySpecification
  private let overrides: JSONValue?

  /// - Parameter overrides: those of a preset; nil where the document names base and axes itself.
  init(specification: StudySpecification, overrides: JSONValue?) {
    self.specification = specification
    self.overrides = overrides
  }

  var isPreset: Bool { overrides != nil }

  /// The pointer of an axis.
  func axis(_ index: Int) -> String { isPreset ? "/preset" : "/axes/\(index)" }

  /// An axis that leads to nothing that could be set.
  func unreachable(axis index: Int, _ pointer: JSONPointer) -> SpecificationFault {
    SpecificationFault(
      pointer: axis(index) + (isPreset ? "" : "/pointer"), value: .string(pointer.description),
      allowed: "a field of the base, or an element that it has", detail: "names nothing that could be set")
  }

  /// A cell's fault as one of the study's document.
  func moved(_ fault: SpecificationFault, positions: [Int]) -> SpecificationFault {
    let (pointer, value) = place(fault, positions)
    // At a place that is another than the fault's the detail says which field it is about.
    let isElsewhere = isPreset && !pointer.hasSuffix(fault.pointer)
    let detail = isElsewhere ? "\(fault.pointer) \(fault.detail)" : fault.detail
    return SpecificationFault(
      pointer: pointer, value: value ?? fault.value, allowed: fault.allowed, detail: detail)
  }

  private func place(_ fault: SpecificationFault, _ positions: [Int]) -> (String, JSONValue?) {
    guard let place = JSONPointer(fault.pointer) else { return ("", nil) }
    if let overrides {
      if let rest = overrides.value(at: place), rest != .null {
        return ("/overrides" + place.description, nil)
      }
      // What an override takes out is missing there, with all that was in it.
      let way = place.tokens.indices.lazy.map { JSONPointer(tokens: Array(place.tokens[...$0])) }
      if let removed = way.first(where: { overrides.value(at: $0) == .null }) {
        return ("/overrides" + removed.description, .null)
      }
      // So is what isn't in an object that they write.
      if fault.detail == FaultCollector.missing,
        overrides.value(at: JSONPointer(tokens: place.tokens.dropLast())) != nil
      {
        return ("/overrides" + place.description, nil)
      }
      // The preset alone is none: what they write beside it makes it one, another kind or data set before all.
      for length in place.tokens.indices.dropFirst().reversed() {
        let parent = JSONPointer(tokens: Array(place.tokens[..<length]))
        guard case .object(let members)? = overrides.value(at: parent) else { continue }
        let name = ["kind", "name"].first { members[$0] != nil }
        return (
          "/overrides" + parent.description + (name.map { "/" + $0 } ?? ""),
          name.flatMap { members[$0] } ?? .object(members)
        )
      }
    }
    for (index, axis) in specification.axes.enumerated().reversed() where axis.isField {
      if fault.detail == ObjectReader.unknownField, makes(index, place, positions) { return named(index) }
      if let inner = axis.pointer.remainder(of: place) {
        // Of a field that isn't there the name is at fault, not the value.
        if inner.tokens.isEmpty, fault.detail == ObjectReader.unknownField { return named(index) }
        if isPreset { return ("/preset", nil) }
        let end = axis.isRange ? "/range" : "/values/\(positions[index])"
        return ("/axes/\(index)\(end)\(axis.isRange ? "" : inner.description)", nil)
      }
    }
    if isPreset { return ("/preset", nil) }
    if let inner = TuningCandidate.place.remainder(of: place), specification.tune != nil {
      return ("/tune" + inner.description, nil)
    }
    return ("/base" + place.description, nil)
  }

  /// Whether an axis leads through a field that stands neither in the value of an axis around it nor in the base.
  private func makes(_ index: Int, _ place: JSONPointer, _ positions: [Int]) -> Bool {
    let axes = specification.axes
    guard let through = place.remainder(of: axes[index].pointer), !through.tokens.isEmpty else {
      return false
    }
    // An axis at fault may have no values.
    let values = zip(axes, positions).compactMap { axis, position in
      axis.values.dropFirst(position).first.map { (place: axis.pointer, value: $0) }
    }
    return !place.isWritten(in: [(JSONPointer(tokens: []), specification.base)] + values)
  }

  private func named(_ index: Int) -> (String, JSONValue?) {
    let pointer = JSONValue.string(specification.axes[index].pointer.description)
    return isPreset ? ("/preset", pointer) : ("/axes/\(index)/pointer", pointer)
  }
}
