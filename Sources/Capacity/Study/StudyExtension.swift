extension StudyAdmission {
  /// A study with more values on its axes, or a search that asks for more: `{"axes": [{"pointer", "values"}], "search": {…}}`.
  ///
  /// - Parameters:
  ///   - json: values that are added behind those of the axis with the same pointer; members of `search` that take the place of the
  ///     base's.
  ///   - isIncomplete: whether the study has cells that are to be measured again, so that it needs nothing else.
  /// - Throws: `SpecificationError` with every fault.
  package init(
    extending study: StudySpecification, source: PresetSource?, by json: JSONValue,
    isIncomplete: Bool = false,
    datasets: DatasetResolver = .catalogue, memoryLimit: Int = MemoryLimit.ofThisMachine
  ) throws(SpecificationError) {
    let faults = FaultCollector()
    let reader = ObjectReader(json, at: "", faults: faults)
    try faults.throwIfAny()
    var (extended, added) = (study, AddedParts(study: study))
    if let search = reader.value("search") {
      if case .object = search {
        extended.base = study.base.merging(.object(["search": search]))
        Self.checkMore(extended.base["search"], than: study.base["search"], faults)
        added.search = search
      } else {
        reader.fault("search", allowed: "members of the base's search", "is not an object")
      }
    }
    if let written = reader.value("axes") {
      let axes = written.arrayValue ?? []
      if written.arrayValue == nil { reader.fault("axes", allowed: "an array of axes", "is not an array") }
      for (index, axis) in axes.enumerated() {
        let axis = StudyAxis(
          reading: ObjectReader(axis, at: "/axes/\(index)", faults: faults), in: study.combination)
        if let place = extended.extend(by: axis, at: index, faults) { added.note(axis, index, at: place) }
      }
    }
    if let tune = added.search?["tune"], tune != .null {
      if study.tune != nil {
        faults.add(
          "/search/tune", tune, allowed: "no tune beside that of the study",
          "would be replaced by the study's tune")
      } else {
        extended.checkTunedFields(faults, at: "/search/tune")
      }
    }
    if extended.axes != study.axes {
      // Before anything is made for each cell.
      let count = faults.count
      extended.checkCount(faults)
      if faults.count > count { try faults.throwIfAny() }
      extended.checkLabels(faults)
    }
    reader.finish()
    if extended == study, faults.isEmpty, !isIncomplete {
      reader.faultInObject(
        allowed: "axes with further values, or members of search",
        "adds nothing to the study, which has no cell that failed or was cancelled")
    }
    if extended == study { try faults.throwIfAny() }
    self = try faults.joined { () throws(SpecificationError) in
      do throws(SpecificationError) {
        // What only the whole shows, such as too many cells, is found where it is read anew.
        return try StudyAdmission(
          StudySpecification(recorded: extended.json), source: source, datasets: datasets,
          memoryLimit: memoryLimit)
      } catch {
        throw SpecificationError(faults: error.faults.map(added.moved), count: error.count)
      }
    }
  }

  /// Notes what of a search, at `/search` of the request, asks for less than the study's: it would put coarser readings in the
  /// place of those that there are.
  private static func checkMore(_ search: JSONValue?, than known: JSONValue?, _ faults: FaultCollector) {
    func check(
      _ member: String, of name: String? = nil, default fallback: Double, less: (Double, Double) -> Bool
    ) {
      func value(_ search: JSONValue?) -> JSONValue? { name.map { search?[$0]?[member] } ?? search?[member] }
      let (now, wanted) = (value(known)?.doubleValue ?? fallback, value(search)?.doubleValue ?? fallback)
      guard less(wanted, now) else { return }
      faults.add(
        (["/search"] + [name].compactMap(\.self) + [member]).joined(separator: "/"), value(search),
        allowed: "at \(less(0, 1) ? "least" : "most") \(JSONValue.number(now).text())", tooLittle)
    }
    let defaults = AdaptiveSearch.Options()
    check("relative_width", default: defaults.relativeWidth, less: >)
    check("max_probes", default: Double(defaults.maxProbes), less: <)
    check("probes", of: "verification", default: 0, less: <)
    check("level", default: SearchSettings().level, less: <)
    if search?["strategy"] == known?["strategy"] {
      let defaults = BisectSearch.Options()
      check("relative_tolerance", default: defaults.relativeTolerance, less: >)
      // So many in every strategy that has them.
      check("replicates", default: Double(defaults.replicates), less: <)
    }
    guard known?["budget"]?["kind"] == .string("settle") else { return }
    if search?["budget"]?["kind"] == .string("settle") {
      check("max_steps", of: "budget", default: 0, less: <)
      check("tolerance", of: "budget", default: BudgetRule.fixed.tolerance, less: >)
    } else {
      faults.add("/search/budget", search?["budget"], allowed: "a budget that settles", tooLittle)
    }
  }

  private static let tooLittle = "asks for less than the study has"
}

/// What a request adds to a study: where in the request stands what the extended study has.
private struct AddedParts {
  /// Members of the search that the request names.
  var search: JSONValue?
  /// Of each place in an axis that the request adds a value to, where in the request the value stands.
  private var values: [JSONPointer: String] = [:]
  /// Of each axis the one of the request that was added to it first.
  private var axes: [Int: Int] = [:]
  /// The values that each axis has by now.
  private var known: [[JSONValue]]
  private let combination: StudySpecification.Combination

  init(study: StudySpecification) {
    known = study.axes.map(\.values)
    combination = study.combination
  }

  /// Notes the values of an axis of the request that are new to the study's axis at a place.
  mutating func note(_ axis: StudyAxis, _ index: Int, at place: Int) {
    if axes[place] == nil { axes[place] = index }
    for (position, value) in axis.values.enumerated()
    where combination == .zip || !known[place].contains(value) {
      values[JSONPointer(tokens: ["axes", "\(place)", "values", "\(known[place].count)"])] =
        "/axes/\(index)/" + (axis.isRange ? "range" : "values/\(position)")
      known[place].append(value)
    }
  }

  /// A fault of the extended study as one of the request. What the request didn't write there is told of what it did: the
  /// strategy that leaves the study's options without a meaning, or the request as a whole.
  func moved(_ fault: SpecificationFault) -> SpecificationFault {
    if let pointer = pointer(fault.pointer) {
      return SpecificationFault(
        pointer: pointer, value: fault.value, allowed: fault.allowed, detail: fault.detail)
    }
    let strategy = fault.pointer.hasPrefix("/base/search/") ? search?["strategy"] : nil
    return SpecificationFault(
      pointer: strategy == nil ? "" : "/search/strategy", value: strategy, allowed: fault.allowed,
      detail: "\(fault.pointer) of the study (\(fault.value?.excerpt().text() ?? "nothing")) \(fault.detail)"
        + (strategy == nil ? "" : "; null in search takes it out"))
  }

  private func pointer(_ text: String) -> String? {
    guard let tokens = JSONPointer(text)?.tokens else { return nil }
    let inSearch = JSONPointer(tokens: Array(tokens.dropFirst()))
    if tokens.first == "base", let search, JSONValue.object(["search": search]).value(at: inSearch) != nil {
      return inSearch.description
    }
    let place = JSONPointer(tokens: Array(tokens.prefix(4)))
    if let value = values[place] {
      let inner = JSONPointer(tokens: Array(tokens.dropFirst(4)))
      return value.hasSuffix("/range") ? value : value + inner.description
    }
    if tokens.count > 2, tokens[0] == "axes", tokens[2] != "values",
      let own = Int(tokens[1]).flatMap({ axes[$0] })
    {
      return JSONPointer(tokens: ["axes", "\(own)"] + tokens.dropFirst(2)).description
    }
    return nil
  }
}

extension StudySpecification {
  /// Adds an axis's values to the one with its pointer, whose place it returns; nil where there is none.
  fileprivate mutating func extend(by added: StudyAxis, at index: Int, _ faults: FaultCollector) -> Int? {
    guard added.isField else { return nil }
    guard let place = axes.firstIndex(where: { $0.pointer == added.pointer }) else {
      let pointers = axes.map(\.pointer.description)
      faults.add(
        "/axes/\(index)/pointer", .string(added.pointer.description),
        allowed: "one of " + pointers.joined(separator: ", "), "is no axis of the study")
      return nil
    }
    for (position, value) in added.values.enumerated()
    where combination == .grid && axes[place].values.contains(value) {
      faults.add(
        "/axes/\(index)/" + (added.isRange ? "range" : "values/\(position)"), value,
        allowed: "values that the axis doesn't have", "is among the axis's values")
    }
    for (position, label) in added.labels.enumerated()
    where combination == .grid && added.isNamed(position) && axes[place].labels.contains(label) {
      faults.add(
        "/axes/\(index)/labels/\(position)", .string(label), allowed: "labels that the axis doesn't have",
        "is what value \(axes[place].labels.firstIndex(of: label) ?? 0) of the axis is called")
    }
    axes[place] = axes[place].adding(added, in: combination)
    if axes[place].values.count > StudyAxis.valueLimit {
      faults.add(
        "/axes/\(index)/" + (added.isRange ? "range" : "values"), .integer(added.values.count),
        allowed: "at most \(StudyAxis.valueLimit) values on an axis",
        "makes \(axes[place].values.count) with those that the axis has")
    }
    return place
  }
}
