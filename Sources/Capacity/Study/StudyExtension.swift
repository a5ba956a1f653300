extension StudyAdmission {
  /// A study with more values on its axes, or a search that asks for more: `{"axes": [{"pointer", "values"}], "search": {…}}`.
  ///
  /// - Parameter json: values that are added behind those of the axis with the same pointer; members of `search` that take
  ///   the place of the base's.
  /// - Throws: `SpecificationError` with every fault.
  package init(
    extending study: StudySpecification, source: PresetSource?, by json: JSONValue,
    datasets: DatasetResolver = .catalogue, memoryLimit: Int = MemoryLimit.ofThisMachine
  ) throws(SpecificationError) {
    let faults = FaultCollector()
    let reader = ObjectReader(json, at: "", faults: faults)
    try faults.throwIfAny()
    var extended = study
    if let search = reader.value("search") {
      if case .object = search {
        extended.base = study.base.merging(.object(["search": search]))
      } else {
        reader.fault("search", allowed: "members of the base's search", "is not an object")
      }
    }
    if let written = reader.value("axes") {
      let axes = written.arrayValue ?? []
      if written.arrayValue == nil { reader.fault("axes", allowed: "an array of axes", "is not an array") }
      for (index, axis) in axes.enumerated() {
        extended.extend(
          by: StudyAxis(reading: ObjectReader(axis, at: "/axes/\(index)", faults: faults)), at: index, faults)
      }
    }
    if extended == study {
      reader.faultInObject(
        allowed: "axes with further values, or members of search", "adds nothing to the study")
    }
    reader.finish()
    try faults.throwIfAny()
    // What only the whole shows, such as too many cells, is found where it is read anew.
    try self.init(
      StudySpecification(recorded: extended.json), source: source, datasets: datasets,
      memoryLimit: memoryLimit)
  }
}

extension StudySpecification {
  fileprivate mutating func extend(by added: StudyAxis, at index: Int, _ faults: FaultCollector) {
    guard let place = axes.firstIndex(where: { $0.pointer == added.pointer }) else {
      let pointers = axes.map(\.pointer.description)
      faults.add(
        "/axes/\(index)/pointer", .string(added.pointer.description),
        allowed: "one of " + pointers.joined(separator: ", "), "is no axis of the study")
      return
    }
    for (position, value) in added.values.enumerated() where axes[place].values.contains(value) {
      faults.add(
        "/axes/\(index)/values/\(position)", value, allowed: "values that the axis doesn't have",
        "is among the axis's values")
    }
    axes[place] = axes[place].adding(added)
  }
}
