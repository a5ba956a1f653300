import Compute
import Foundation

/// One field of the specification that a study varies, with its values.
package struct StudyAxis: Sendable, Hashable {
  /// The field; the whole document, which no axis may set, where what was sent is no field's pointer.
  package let pointer: JSONPointer
  /// What it is set to, in order; null leaves it out, so that its default holds.
  package let values: [JSONValue]
  /// What people call the values, as many as there are.
  package let labels: [String]
  /// Whether the values were made of a range.
  let isRange: Bool

  /// Values that one axis may have.
  package static let valueLimit = 1000

  /// Reads `{"pointer", "values", "labels"}` or `{"pointer", "range"}`.
  ///
  /// - Parameter combination: where axes are zipped a value, and a label, may stand in several cells.
  init(reading reader: ObjectReader, in combination: StudySpecification.Combination) {
    let text =
      reader.string("pointer", allowed: "a JSON pointer such as /model/hidden/0") {
        JSONPointer($0)?.tokens.isEmpty == false
      } ?? ""
    pointer = JSONPointer(text) ?? JSONPointer(tokens: [])
    isRange = reader.has("range")
    if isRange {
      values = Self.range(reading: reader.object("range"))
      if reader.value("values") != nil {
        reader.fault("values", allowed: "values or a range", "stand beside a range")
      }
    } else {
      values = Self.values(reading: reader, combination)
    }
    labels = Self.labels(reading: reader, values: values, combination)
    reader.finish()
  }

  private static func values(
    reading reader: ObjectReader, _ combination: StudySpecification.Combination
  ) -> [JSONValue] {
    let allowed = "an array of 1 to \(valueLimit) values"
    guard let values = reader.value("values")?.arrayValue, (1...valueLimit).contains(values.count) else {
      reader.fault(
        "values", allowed: allowed + ", or a range",
        reader.has("values") ? "is not such an array" : FaultCollector.missing)
      return []
    }
    guard combination == .grid else { return values }
    var places: [JSONValue: Int] = [:]
    for (index, value) in values.enumerated() {
      if let first = places[value] {
        reader.faults.add(
          reader.pointer(to: "values") + "/\(index)", value, allowed: "values that differ",
          "is the same as value \(first)")
      } else {
        places[value] = index
      }
    }
    return values
  }

  private static func labels(
    reading reader: ObjectReader, values: [JSONValue], _ combination: StudySpecification.Combination
  ) -> [String] {
    let own = told(values)
    guard let value = reader.value("labels") else { return own }
    let labels = value.arrayValue?.compactMap(\.stringValue) ?? []
    guard labels.count == values.count, value.arrayValue?.count == labels.count,
      labels.allSatisfy({ (1...labelLimit).contains($0.unicodeScalars.count) }),
      combination == .zip || Set(labels).count == labels.count
    else {
      if !values.isEmpty {
        reader.fault(
          "labels",
          allowed: "\(values.count) \(combination == .zip ? "" : "different ")strings of 1 to "
            + "\(labelLimit) characters, one a value",
          "don't name the values")
      }
      return own
    }
    return labels
  }

  /// Characters of a label.
  private static let labelLimit = 60

  /// What values are called by themselves: labels that may be given, another for each other value.
  private static func told(_ values: [JSONValue]) -> [String] {
    var taken: Set<String> = []
    var known: [JSONValue: String] = [:]
    return values.map { value in
      let label = known[value] ?? distinct(label(value), &taken)
      known[value] = label
      return label
    }
  }

  /// A label that isn't taken: itself, or as much of it as leaves room for a number.
  private static func distinct(_ label: String, _ taken: inout Set<String>) -> String {
    func shortened(to limit: Int) -> String {
      let characters = label.unicodeScalars
      guard characters.count > limit else { return label }
      return String(String.UnicodeScalarView(characters.prefix(limit - 1))) + "…"
    }
    var (result, number) = (shortened(to: labelLimit), 1)
    while !taken.insert(result).inserted {
      number += 1
      let suffix = " (\(number))"
      result = shortened(to: labelLimit - suffix.count) + suffix
    }
    return result
  }

  /// What a value is called where nothing else is said.
  private static func label(_ value: JSONValue) -> String {
    switch value {
    case .null: "default"
    // Labels are parts of names, which hold no NUL.
    case .string(let text) where !text.isEmpty: text.replacing("\0", with: "\u{FFFD}")
    case .object(let members) where members.count == 1 && members["kind"]?.stringValue != nil:
      members["kind"]?.stringValue ?? ""
    default: value.text()
    }
  }

  /// Where a label stands that isn't what the value is called by itself.
  func isNamed(_ position: Int) -> Bool { [labels[position]] != Self.told([values[position]]) }

  /// Whether what was sent points to a field.
  var isField: Bool { !pointer.tokens.isEmpty }

  /// Whether a candidate's value at a place would take the place of what the axis sets: of all of it, or of what a value has
  /// there that isn't left to `"auto"`.
  func isReplaced(by place: JSONPointer) -> Bool {
    if TuningCandidate.replaced(by: place).remainder(of: pointer) != nil { return true }
    guard let inner = pointer.remainder(of: place) else { return false }
    return values.contains { ![nil, .string("auto")].contains($0.value(at: inner)) }
  }

  private init(pointer: JSONPointer, values: [JSONValue], labels: [String], isRange: Bool) {
    self.pointer = pointer
    self.values = values
    self.labels = labels
    self.isRange = isRange
  }

  /// The axis with another's values behind its own; in a grid those that it doesn't have.
  func adding(_ other: StudyAxis, in combination: StudySpecification.Combination) -> StudyAxis {
    var (values, labels) = (values, labels)
    var taken = Set(labels)
    for (position, value) in other.values.enumerated() {
      let known = values.firstIndex(of: value)
      if known != nil, combination == .grid { continue }
      values.append(value)
      let label = other.labels[position]
      if combination == .zip, other.isNamed(position) {
        labels.append(label)
      } else {
        labels.append(known.map { labels[$0] } ?? Self.distinct(label, &taken))
      }
    }
    return StudyAxis(pointer: pointer, values: values, labels: labels, isRange: isRange)
  }

  // MARK: Ranges

  private enum Scale: String, CaseIterable {
    case linear
    case log
  }

  /// `count` different numbers from `from` to `to`, equally far apart on a linear or logarithmic scale; rounded where both
  /// ends are integers.
  private static func range(reading reader: ObjectReader) -> [JSONValue] {
    defer { reader.finish() }
    let scale: Scale = reader.choice("scale", default: .linear) ?? .linear
    let interval = NumberInterval.closed(scale == .log ? 1e-300 : -1e15, 1e15)
    let (from, to) = (reader.number("from", interval), reader.number("to", interval))
    let count = reader.integer("count", in: 2...valueLimit)
    guard !reader.faults.concerns(reader.pointer) else { return [] }
    guard from != to else {
      reader.fault("to", allowed: "another number than from", "leaves no range")
      return []
    }
    let isWhole = [reader.value("from"), reader.value("to")].allSatisfy { $0?.integerValue != nil }
    func spread(_ count: Int) -> [JSONValue] {
      (0..<count).map { index in
        let part = Double(index) / Double(count - 1)
        let value =
          index == 0
          ? from
          : index == count - 1
            ? to
            : scale == .log
              ? exp(log(from) + part * (log(to) - log(from))) : from + part * (to - from)
        return isWhole ? .integer(Int(value.rounded())) : .number(value.rounded(significantDigits: 6))
      }
    }
    let values = spread(count)
    let distinct = Set(values).count
    guard distinct < count else { return values }
    let most = (2..<count).last { Set(spread($0)).count == $0 }
    let remedy = most.map { "at most \($0)" } ?? "numbers that are further apart"
    reader.fault(
      "count", allowed: isWhole ? remedy + ", or values, which need not be whole numbers" : remedy,
      isWhole && scale == .linear
        ? "is more than the \(distinct) whole numbers that there are"
        : isWhole
          ? "makes only \(distinct) different whole numbers" : "makes numbers that are the same to six digits"
    )
    return []
  }

  /// The axis with all its values.
  var json: JSONValue {
    .object([
      "pointer": .string(pointer.description), "values": .array(values),
      "labels": .array(labels.map(JSONValue.string)),
    ])
  }
}
