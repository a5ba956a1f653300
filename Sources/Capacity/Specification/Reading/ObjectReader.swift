import Compute

/// Reads a JSON object member by member. A member that is missing takes its default; one that is wrong is
/// noted as a fault and reading goes on with a value that is allowed, so that all faults are found at once.
/// `finish` notes the members that nobody asked for. What is asked for goes to the collector's recorder where it has one:
/// schemas are made of that.
package final class ObjectReader {
  /// What is said of a member that nobody asked for.
  static let unknownField = "is not a known field"

  /// Where the object stands.
  package let pointer: String
  /// Where faults go.
  package let faults: FaultCollector
  private let members: [String: JSONValue]
  private var known: [String] = []

  package init(_ value: JSONValue?, at pointer: String, faults: FaultCollector) {
    self.pointer = pointer
    self.faults = faults
    if case .object(let members)? = value {
      self.members = members
      faults.recorder?.noteObject(pointer)
    } else {
      self.members = [:]
      faults.recorder?.noteObject(pointer)
      if let value {
        faults.add(pointer, value, allowed: "an object", "\(value.kindName) stands where an object belongs")
      }
    }
  }

  /// The pointer of a member (RFC 6901 escapes).
  package func pointer(to name: String) -> String { pointer + "/" + name.escaped }

  /// The member as it stands, or nil; marks it as known.
  ///
  /// - Parameter schema: what it may be, for the schema: of one that is read otherwise nothing is known.
  package func value(
    _ name: String, _ schema: @autoclosure () -> [String: JSONValue]? = [:]
  ) -> JSONValue? {
    known.append(name)
    if let recorder = faults.recorder { recorder.note(pointer, name, schema()) }
    return members[name]
  }

  /// A value of a domain; nil where the member is missing, or at fault.
  package func value(
    _ name: String, of domain: ValueDomain, default fallback: JSONValue? = nil,
    _ detail: @autoclosure () -> String = "is neither"
  ) -> JSONValue? {
    guard let value = value(name, domain.schema.withDefault(fallback)) else { return nil }
    if domain.contains(value) { return value }
    fault(name, allowed: domain.description, detail())
    return nil
  }

  /// Whether a schema is made of what is asked for.
  var isRecording: Bool { faults.recorder != nil }

  /// What an option does, for the schema.
  func describe(_ name: String, _ text: String) { faults.recorder?.describe(pointer, name, text) }

  package func fault(
    _ name: String, allowed: @autoclosure () -> String, _ detail: @autoclosure () -> String
  ) {
    faults.add(pointer(to: name), members[name], allowed: allowed(), detail())
  }

  /// A fault of the object as a whole.
  package func faultInObject(allowed: String, _ detail: String) {
    faults.add(pointer, .object(members), allowed: allowed, detail)
  }

  package func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int? = nil) -> Int {
    let allowed = "an integer from \(range.lowerBound) to \(range.upperBound)"
    guard let value = value(name, .integer(range).withDefault(fallback.map(JSONValue.integer))) else {
      if fallback == nil { fault(name, allowed: allowed, FaultCollector.missing) }
      return fallback ?? range.lowerBound
    }
    return check(value, pointer(to: name), in: range) ?? fallback ?? range.lowerBound
  }

  /// An integer, or nil where the member is missing or null.
  package func optionalInteger(_ name: String, in range: ClosedRange<Int>) -> Int? {
    guard let value = value(name, .integer(range).orNull), value != .null else { return nil }
    return check(value, pointer(to: name), in: range)
  }

  package func integers(
    _ name: String, in range: ClosedRange<Int>, count: ClosedRange<Int>, default fallback: [Int]? = nil
  ) -> [Int] {
    let allowed =
      "an array of \(count.lowerBound) to \(count.upperBound) integers from \(range.lowerBound) to \(range.upperBound)"
    guard
      let value = value(
        name,
        .array(of: .integer(range), count: count)
          .withDefault(fallback.map { .array($0.map(JSONValue.integer)) }))
    else {
      if fallback == nil { fault(name, allowed: allowed, FaultCollector.missing) }
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

  package func number(_ name: String, _ interval: NumberInterval, default fallback: Double? = nil) -> Double {
    guard let value = value(name, .number(interval).withDefault(fallback.map(JSONValue.number))) else {
      if fallback == nil { fault(name, allowed: interval.description, FaultCollector.missing) }
      return fallback ?? interval.example
    }
    guard let number = value.doubleValue, interval.contains(number) else {
      fault(
        name, allowed: interval.description,
        value.doubleValue == nil ? "is not a number" : FaultCollector.outOfRange)
      return fallback ?? interval.example
    }
    return number
  }

  package func boolean(_ name: String, default fallback: Bool) -> Bool {
    guard let value = value(name, .boolean.withDefault(.bool(fallback))) else { return fallback }
    if case .bool(let flag) = value { return flag }
    fault(name, allowed: "true or false", "is not a truth value")
    return fallback
  }

  package func string(
    _ name: String, allowed: String, default fallback: String? = nil, where isAllowed: (String) -> Bool
  ) -> String? {
    string(name, allowed: allowed, .text(allowed), default: fallback, where: isAllowed)
  }

  private func string(
    _ name: String, allowed: String, _ schema: @autoclosure () -> [String: JSONValue],
    default fallback: String?, where isAllowed: (String) -> Bool
  ) -> String? {
    guard let value = value(name, schema().withDefault(fallback.map(JSONValue.string))) else {
      if fallback == nil { fault(name, allowed: allowed, FaultCollector.missing) }
      return fallback
    }
    guard let text = value.stringValue, isAllowed(text) else {
      fault(name, allowed: allowed, value.stringValue == nil ? "is not a string" : "is not allowed")
      return fallback
    }
    return text
  }

  /// A string, or nil where the member is missing or null.
  package func optionalString(_ name: String, allowed: String) -> String? {
    guard let value = value(name, .text(allowed).orNull), value != .null else { return nil }
    if value.stringValue == nil { fault(name, allowed: allowed, "is not a string") }
    return value.stringValue
  }

  /// One of an enumeration's raw values.
  package func choice<T: RawRepresentable<String> & CaseIterable>(_ name: String, default fallback: T? = nil)
    -> T?
  {
    choice(name, of: T.allCases.map(\.rawValue), default: fallback?.rawValue).flatMap(T.init(rawValue:))
  }

  /// One of some words.
  func choice(_ name: String, of words: [String], default fallback: String? = nil) -> String? {
    let text = string(
      name, allowed: "one of " + words.joined(separator: ", "), .names(words), default: fallback,
      where: words.contains)
    // What is read beyond a choice that has to be made is read for the schema too.
    return text ?? (isRecording ? words.first : nil)
  }

  /// One of the names, for an object whose other members depend on it: of a kind that there isn't, no member is called
  /// unknown.
  package func kind(_ name: String = "kind", of names: [String], default fallback: String? = nil) -> String? {
    faults.recorder?.noteKind(pointer, name, names)
    let kind = string(
      name, allowed: "one of " + names.joined(separator: ", "), .names(names), default: fallback,
      where: names.contains)
    if faults.concerns(pointer(to: name)) { acceptRest() }
    return kind
  }

  /// A nested object; an absent one reads as empty, so that nested defaults hold.
  package func object(_ name: String) -> ObjectReader {
    ObjectReader(value(name, nil), at: pointer(to: name), faults: faults)
  }

  /// An array of objects, each read by itself; `fallback` where the member is missing.
  package func objects<T>(
    _ name: String, count: ClosedRange<Int>, default fallback: [T]? = nil, json: ((T) -> JSONValue)? = nil,
    _ read: (ObjectReader) -> T
  ) -> [T] {
    let allowed = "an array of \(count.lowerBound) to \(count.upperBound) objects"
    let value = value(
      name,
      .array(of: [:], count: count)
        .withDefault(json.flatMap { json in fallback.map { .array($0.map(json)) } }))
    if faults.recorder != nil {
      // One stands for all.
      let element = ObjectReader(value?["*"], at: pointer(to: name) + "/*", faults: faults)
      _ = read(element)
      return fallback ?? []
    }
    guard let value else {
      if fallback == nil { fault(name, allowed: allowed, FaultCollector.missing) }
      return fallback ?? []
    }
    guard let elements = value.arrayValue, count.contains(elements.count) else {
      fault(name, allowed: allowed, "is not such an array")
      return fallback ?? []
    }
    return elements.enumerated().map { index, element in
      let inner = ObjectReader(element, at: pointer(to: name) + "/\(index)", faults: faults)
      defer { inner.finish() }
      return read(inner)
    }
  }

  package func has(_ name: String) -> Bool {
    if let recorder = faults.recorder, recorder.isPresent(pointer(to: name)) { return true }
    return members[name] != nil
  }

  /// Whether the member is an array; where it may be something else too.
  func hasArray(_ name: String) -> Bool {
    if let recorder = faults.recorder, recorder.isPresent(pointer(to: name) + "/-") { return true }
    return members[name]?.arrayValue != nil
  }

  /// The members' names in order.
  package var names: [String] { members.keys.sorted() }

  /// Marks every member as known, where the object's kind is unknown and its members can't be judged.
  func acceptRest() { known.append(contentsOf: members.keys) }

  /// Notes the members that nobody asked for.
  ///
  /// - Parameter besides: members that the object may have, and that others read.
  package func finish(besides: [String] = []) {
    let names = known + besides
    for name in members.keys.sorted() where !names.contains(name) {
      fault(
        name, allowed: names.isEmpty ? "no members" : "the members \(names.joined(separator: ", "))",
        Self.unknownField)
    }
  }

  private func check(_ value: JSONValue, _ pointer: String, in range: ClosedRange<Int>) -> Int? {
    guard let integer = value.integerValue, range.contains(integer) else {
      faults.add(
        pointer, value, allowed: "an integer from \(range.lowerBound) to \(range.upperBound)",
        value.integerValue == nil ? "is not an integer" : FaultCollector.outOfRange)
      return nil
    }
    return integer
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
