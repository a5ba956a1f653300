extension StudyAdmission {
  /// What the cells of a study that is itself at fault are refused for, as far as nobody else made it: its first cell, which
  /// grids and zips have alike, and each other value in that one's place. What axes at fault were to set is left out.
  static func faultsShown(
    _ study: StudySpecification, _ places: FaultPlaces, _ faults: FaultCollector, _ datasets: DatasetResolver,
    _ memoryLimit: Int
  ) -> [SpecificationFault] {
    // Of a base that isn't there nothing can be missing.
    guard !faults.faults.contains(where: { $0.pointer == "/base" }) else { return [] }
    let shown = ShownCells(study, faults)
    var found: [SpecificationFault] = []
    for (axis, pointer) in shown.unreachable { found.append(places.unreachable(axis: axis, pointer)) }
    for (positions, document) in shown.documents {
      do {
        _ = try Admission(json: document, datasets: datasets, memoryLimit: memoryLimit)
      } catch {
        found += error.faults.filter(shown.isOwn).map { places.moved($0, positions: positions) }
      }
    }
    let known = Set(faults.faults.map(\.pointer))
    var told: Set<SpecificationFault> = []
    return found.filter { !known.contains($0.pointer) && told.insert($0).inserted }
  }
}

/// The cells of a study at fault that can be looked at all the same.
private struct ShownCells {
  private let study: StudySpecification
  /// Of each axis whether nothing is known of what it sets.
  private let isUnknown: [Bool]
  private let tune: JSONValue?

  init(_ study: StudySpecification, _ faults: FaultCollector) {
    self.study = study
    // A value that is there twice is one that can be looked at.
    isUnknown = study.axes.indices.map { index in
      study.axes[index].values.isEmpty || !study.axes[index].isField
        || faults.concerns("/axes/\(index)/pointer")
    }
    tune = faults.concerns("/tune") ? nil : study.tune
  }

  /// Axes that lead nowhere, though none of those at fault would have made the way.
  var unreachable: [(axis: Int, pointer: JSONPointer)] {
    guard study.axes.allSatisfy(\.isField) else { return [] }
    return study.axes.enumerated().filter { index, axis in
      !isUnknown[index] && study.base.replacing(axis.pointer, with: axis.values[0]) == nil
        && !study.axes.contains {
          $0.pointer != axis.pointer && $0.pointer.remainder(of: axis.pointer) != nil
        }
    }.map { ($0.offset, $0.element.pointer) }
  }

  /// With the positions of their values.
  var documents: [(positions: [Int], document: JSONValue)] {
    let first = study.axes.map { _ in 0 }
    let others = study.axes.enumerated().flatMap { index, axis -> [[Int]] in
      isUnknown[index]
        ? []
        : axis.values.indices.dropFirst().map { position in
          var positions = first
          positions[index] = position
          return positions
        }
    }
    return ([first] + others.prefix(StudySpecification.cellLimit)).map { positions in
      (positions, study.document(positions, leavingOut: { isUnknown[$0] }, tune: tune))
    }
  }

  /// Whether a fault of a cell isn't that of an axis of which nothing is known.
  func isOwn(_ fault: SpecificationFault) -> Bool {
    guard isUnknown.contains(true) else { return true }
    let place = JSONPointer(fault.pointer) ?? JSONPointer(tokens: [])
    return fault.detail != FaultCollector.missing
      && !zip(study.axes, isUnknown).contains { axis, isUnknown in
        isUnknown && axis.isField
          && (axis.pointer.remainder(of: place) != nil || place.remainder(of: axis.pointer) != nil)
      }
  }
}
