import Compute

/// What a measurement may take in all: it ends at the first of its limits with what is known by then.
package struct MeasurementLimits: Sendable, Hashable {
  /// Seconds from when its first probe was taken up; nil: no limit.
  package var maxSeconds: Double?
  /// Operations of the matrix products of training (`TrainingCost`); nil: no limit. No probe is begun that could pass it.
  package var maxFlops: Double?

  /// Limits; none by default.
  package init(maxSeconds: Double? = nil, maxFlops: Double? = nil) {
    self.maxSeconds = maxSeconds
    self.maxFlops = maxFlops
  }
}

extension MeasurementLimits {
  /// The first of these probes that surely stay within the limit of operations; an empty list where not one does.
  ///
  /// - Parameters:
  ///   - spent: operations that were taken before; not asked for without a limit.
  ///   - most: operations that a probe may take.
  func affordable(
    _ addresses: [ProbeAddress], spent: @autoclosure () -> Double, most: (ProbeAddress) -> Double
  ) -> [ProbeAddress] {
    guard let maxFlops else { return addresses }
    var sum = spent()
    return Array(
      addresses.prefix { address in
        sum += most(address)
        return sum <= maxFlops
      })
  }

  init(reading reader: ObjectReader) {
    maxSeconds = Self.limit("max_seconds", .above(0, to: 1e9), reader)
    maxFlops = Self.limit("max_flops", .above(0, to: 1e30), reader)
    reader.finish()
  }

  private static func limit(_ name: String, _ range: NumberInterval, _ reader: ObjectReader) -> Double? {
    guard reader.has(name) else {
      _ = reader.value(name)
      return nil
    }
    return reader.number(name, range)
  }

  /// The members that are set; nil where none is.
  var json: JSONValue? {
    var members: [String: JSONValue] = [:]
    members["max_seconds"] = maxSeconds.map(JSONValue.number)
    members["max_flops"] = maxFlops.map(JSONValue.number)
    return members.isEmpty ? nil : .object(members)
  }

  /// Notes limits within which nothing could be measured: the first probe of the search, or of the race before it, has to have
  /// room.
  ///
  /// - Parameter plan: of the measurement, whose experiment and candidates are sound.
  func check(_ plan: @autoclosure () -> MeasurementPlan?, _ faults: FaultCollector) {
    // Of a search at fault nobody knows the first probe; what becomes of its failures is none of that.
    let isKnown = faults.faults.allSatisfy { fault in
      !fault.pointer.hasPrefix("/search") || fault.pointer.hasPrefix("/search/budget")
        || fault.pointer.hasPrefix("/search/verification")
    }
    guard let maxFlops, isKnown, !faults.concerns("/limits/max_flops"),
      let (first, most) = plan()?.first, maxFlops < most
    else { return }
    faults.add(
      "/limits/max_flops", .number(maxFlops),
      allowed:
        "at least \(JSONValue.number(most.rounded(.up)).text()), what the first probe, of "
        + "\(Summary.samples(first.samples)), may take",
      "leaves no room for a single probe")
  }
}

/// What ended a measurement.
package enum MeasurementEnd: String, Sendable, Hashable, CaseIterable {
  /// Its search, by its own rule.
  case search
  /// The limit of time.
  case maxSeconds = "max_seconds"
  /// The limit of operations.
  case maxFlops = "max_flops"
  /// Its user.
  case interruption

  /// Whether the same specification ends with the same result: what time ends depends on the machine.
  package var isReproducible: Bool { self == .search || self == .maxFlops }
}

extension MeasurementEnd {
  /// What a summary says of it; nil for an end that nothing is to be said of.
  ///
  /// - Parameter endsSearch: whether the search was under way, not what follows it: verifications, and networks that are tested.
  func sentence(_ limits: MeasurementLimits, endsSearch: Bool) -> String? {
    let what =
      endsSearch
      ? "before its search was over: this is what was known."
      : "after its search was over: its reading is whole; of the verifications and the tested networks that were to follow some "
        + "are missing."
    return switch self {
    case .search: nil
    case .maxSeconds:
      "It was ended by its limit of \(Self.text(limits.maxSeconds)) seconds, by which another run may have got further or less "
        + "far, \(what)"
    case .maxFlops: "It was ended by its limit of \(Self.text(limits.maxFlops)) operations, \(what)"
    case .interruption: "It was interrupted \(what)"
    }
  }

  private static func text(_ value: Double?) -> String { value.map { JSONValue.number($0).text() } ?? "" }
}
