import Compute

extension ObjectReader {
  /// A number, or nil where the member is missing or null.
  func optionalNumber(_ name: String, _ allowed: NumberInterval) -> Double? {
    guard let value = value(name), value != .null else { return nil }
    return number(name, allowed)
  }

  /// An object, or nil where the member is missing or null.
  func optionalObject(_ name: String) -> ObjectReader? {
    guard let value = value(name), value != .null else { return nil }
    return object(name)
  }

  /// The elements of an array, each as an object; none where the member is missing.
  func elements(_ name: String) -> [ObjectReader] {
    guard let value = value(name) else { return [] }
    guard let elements = value.arrayValue else {
      fault(name, allowed: "an array", "is not an array")
      return []
    }
    return elements.enumerated().map { index, element in
      ObjectReader(element, at: pointer(to: name) + "/\(index)", faults: faults)
    }
  }
}

extension MeasurementReading.Interval {
  /// `{"level", "lower", "upper"}`; what isn't there isn't known.
  init(_ reader: ObjectReader?) {
    level = reader?.number("level", .open(0, 1), default: 0.9) ?? 0.9
    lower = reader?.optionalInteger("lower", in: 0...Int.max).map(Double.init)
    upper = reader?.optionalInteger("upper", in: 0...Int.max).map(Double.init)
  }
}
