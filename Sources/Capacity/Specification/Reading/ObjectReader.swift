/// Reads a JSON object member by member. A member that is missing takes its default; one that is wrong is
/// noted as a fault and reading goes on with a value that is allowed, so that all faults are found at once.
/// `finish` notes the members that nobody asked for.
final class ObjectReader {
  /// What is said of a member that nobody asked for.
  static let unknownField = "is not a known field"

  let pointer: String
  let faults: FaultCollector
  private let members: [String: JSONValue]
  private var known: [String] = []

  init(_ value: JSONValue?, at pointer: String, faults: FaultCollector) {
    self.pointer = pointer
    self.faults = faults
    if case .object(let members)? = value {
      self.members = members
    } else {
      self.members = [:]
      if let value {
        faults.add(pointer, value, allowed: "an object", "\(value.kindName) stands where an object belongs")
      }
    }
  }

  /// The pointer of a member (RFC 6901 escapes).
  func pointer(to name: String) -> String {
    pointer + "/" + name.replacing("~", with: "~0").replacing("/", with: "~1")
  }

  /// The member as it stands, or nil; marks it as known.
  func value(_ name: String) -> JSONValue? {
    known.append(name)
    return members[name]
  }

  func fault(
    _ name: String, allowed: @autoclosure () -> String, _ detail: @autoclosure () -> String
  ) {
    faults.add(pointer(to: name), members[name], allowed: allowed(), detail())
  }

  /// A fault of the object as a whole.
  func faultInObject(allowed: String, _ detail: String) {
    faults.add(pointer, .object(members), allowed: allowed, detail)
  }

  func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int? = nil) -> Int {
    let allowed = "an integer from \(range.lowerBound) to \(range.upperBound)"
    guard let value = value(name) else {
      if fallback == nil { fault(name, allowed: allowed, "is required") }
      return fallback ?? range.lowerBound
    }
    return check(value, pointer(to: name), in: range) ?? fallback ?? range.lowerBound
  }

  /// An integer, or nil where the member is missing or null.
  func optionalInteger(_ name: String, in range: ClosedRange<Int>) -> Int? {
    guard let value = value(name), value != .null else { return nil }
    return check(value, pointer(to: name), in: range)
  }

  func integers(
    _ name: String, in range: ClosedRange<Int>, count: ClosedRange<Int>, default fallback: [Int]? = nil
  ) -> [Int] {
    let allowed =
      "an array of \(count.lowerBound) to \(count.upperBound) integers from \(range.lowerBound) to \(range.upperBound)"
    guard let value = value(name) else {
      if fallback == nil { fault(name, allowed: allowed, "is required") }
      return fallback ?? [range.lowerBound]
    }
    guard let elements = value.arrayValue, count.contains(elements.count) else {
      fault(name, allowed: allowed, "is not such an array")
      return fallback ?? [range.lowerBound]
    }
    return elements.enumerated().map { index, element in
      check(element, pointer(to: name) + "/\(index)", in: range) ?? range.lowerBound
    }
  }

  func number(_ name: String, _ interval: NumberInterval, default fallback: Double? = nil) -> Double {
    guard let value = value(name) else {
      if fallback == nil { fault(name, allowed: interval.description, "is required") }
      return fallback ?? interval.example
    }
    guard let number = value.doubleValue, interval.contains(number) else {
      fault(
        name, allowed: interval.description, value.doubleValue == nil ? "is not a number" : "is out of range")
      return fallback ?? interval.example
    }
    return number
  }

  func boolean(_ name: String, default fallback: Bool) -> Bool {
    guard let value = value(name) else { return fallback }
    if case .bool(let flag) = value { return flag }
    fault(name, allowed: "true or false", "is not a truth value")
    return fallback
  }

  func string(
    _ name: String, allowed: String, default fallback: String? = nil, where isAllowed: (String) -> Bool
  ) -> String? {
    guard let value = value(name) else {
      if fallback == nil { fault(name, allowed: allowed, "is required") }
      return fallback
    }
    guard let text = value.stringValue, isAllowed(text) else {
      fault(name, allowed: allowed, value.stringValue == nil ? "is not a string" : "is not allowed")
      return fallback
    }
    return text
  }

  /// A string, or nil where the member is missing or null.
  func optionalString(_ name: String, allowed: String) -> String? {
    guard let value = value(name), value != .null else { return nil }
    if value.stringValue == nil { fault(name, allowed: allowed, "is not a string") }
    return value.stringValue
  }

  /// One of an enumeration's raw values.
  func choice<T: RawRepresentable<String> & CaseIterable>(_ name: String, default fallback: T? = nil) -> T? {
    let names = T.allCases.map(\.rawValue)
    let text = string(
      name, allowed: "one of " + names.joined(separator: ", "), default: fallback?.rawValue,
      where: names.contains)
    return text.flatMap(T.init(rawValue:))
  }

  /// One of the names, for an object whose other members depend on it.
  func kind(_ name: String = "kind", of names: [String], default fallback: String? = nil) -> String? {
    string(name, allowed: "one of " + names.joined(separator: ", "), default: fallback, where: names.contains)
  }

  /// A nested object; an absent one reads as empty, so that nested defaults hold.
  func object(_ name: String) -> ObjectReader {
    ObjectReader(value(name), at: pointer(to: name), faults: faults)
  }

  func has(_ name: String) -> Bool { members[name] != nil }

  /// The members' names in order.
  var names: [String] { members.keys.sorted() }

  /// Marks every member as known, where the object's kind is unknown and its members can't be judged.
  func acceptRest() { known.append(contentsOf: members.keys) }

  func finish() {
    let names = Set(known)
    for name in members.keys.sorted() where !names.contains(name) {
      fault(
        name, allowed: known.isEmpty ? "no members" : "the members \(known.joined(separator: ", "))",
        Self.unknownField)
    }
  }

  private func check(_ value: JSONValue, _ pointer: String, in range: ClosedRange<Int>) -> Int? {
    guard let integer = value.integerValue, range.contains(integer) else {
      faults.add(
        pointer, value, allowed: "an integer from \(range.lowerBound) to \(range.upperBound)",
        value.integerValue == nil ? "is not an integer" : "is out of range")
      return nil
    }
    return integer
  }
}

/// An interval of real numbers, open or closed at each end.
struct NumberInterval: CustomStringConvertible {
  let lower: Double
  let upper: Double
  let includesLower: Bool
  let includesUpper: Bool

  /// lower ≤ x ≤ upper
  static func closed(_ lower: Double, _ upper: Double) -> NumberInterval {
    NumberInterval(lower: lower, upper: upper, includesLower: true, includesUpper: true)
  }
  /// lower < x ≤ upper
  static func above(_ lower: Double, to upper: Double) -> NumberInterval {
    NumberInterval(lower: lower, upper: upper, includesLower: false, includesUpper: true)
  }
  /// lower ≤ x < upper
  static func from(_ lower: Double, below upper: Double) -> NumberInterval {
    NumberInterval(lower: lower, upper: upper, includesLower: true, includesUpper: false)
  }
  /// lower < x < upper
  static func open(_ lower: Double, _ upper: Double) -> NumberInterval {
    NumberInterval(lower: lower, upper: upper, includesLower: false, includesUpper: false)
  }

  func contains(_ value: Double) -> Bool {
    (includesLower ? value >= lower : value > lower) && (includesUpper ? value <= upper : value < upper)
  }

  var example: Double { includesUpper ? upper : includesLower ? lower : (lower + upper) / 2 }

  var description: String {
    "a number \(includesLower ? "from" : "above") \(lower) \(includesUpper ? "to" : "and below") \(upper)"
  }
}

extension JSONValue {
  /// What kind of value this is, for error messages.
  var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a truth value"
    case .integer, .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
