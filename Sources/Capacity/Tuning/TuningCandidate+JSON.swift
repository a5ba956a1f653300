import Compute
import Foundation

extension TuningCandidate {
  /// Combinations that a race may have.
  static let limit = 64

  static let stepsAreNoChoice = "is no choice: more steps never fit less"
  private static let places = "a JSON pointer below /training or /model, but not /training/max_steps"
  private static let forms =
    "an array of values, or {\"from\": a, \"to\": b, \"count\": n} with \"scale\": \"log\" or \"linear\""

  /// Reads `search.tune`: an object of places with their values, of which every combination is a candidate, or an array
  /// of the candidates themselves.
  static func read(_ reader: ObjectReader) -> [TuningCandidate] {
    let place = reader.pointer(to: "tune")
    switch reader.value("tune", ["type": .array(["object", "array", "null"].map(JSONValue.string))]) {
    case nil, .null?: return []
    case .object(let members)?: return grid(members, at: place, reader)
    case .array(let elements)?:
      guard (1...limit).contains(elements.count) else {
        reader.fault("tune", allowed: "1 to \(limit) candidates", "has \(elements.count) candidates")
        return []
      }
      checkDistinct(elements, at: place, reader.faults)
      return elements.enumerated().compactMap { candidate($1, at: "\(place)/\($0)", reader.faults) }
    default:
      reader.fault(
        "tune", allowed: "an object of JSON pointers with their values, or an array of candidates",
        "is neither an object nor an array")
      return []
    }
  }

  private static func candidate(_ element: JSONValue, at place: String, _ faults: FaultCollector)
    -> TuningCandidate?
  {
    guard case .object(let members) = element else {
      faults.add(place, element, allowed: "an object of JSON pointers with their values", "is no object")
      return nil
    }
    var values: [JSONPointer: JSONValue] = [:]
    for (text, value) in members.sorted(by: { $0.key < $1.key }) {
      if let pointer = pointer(text, value, at: place, faults) { values[pointer] = value }
    }
    return TuningCandidate(values: values)
  }

  private static func grid(_ members: [String: JSONValue], at place: String, _ reader: ObjectReader)
    -> [TuningCandidate]
  {
    var candidates = [TuningCandidate(values: [:])]
    var count = 1
    for (text, value) in members.sorted(by: { $0.key < $1.key }) {
      guard let pointer = pointer(text, value, at: place, reader.faults) else { continue }
      let values = values(value, at: place + JSONPointer(tokens: [text]).description, reader.faults)
      let (product, overflows) = count.multipliedReportingOverflow(by: values.count)
      count = overflows ? .max : product
      guard count <= limit else { continue }
      candidates = candidates.flatMap { candidate in
        values.map { TuningCandidate(values: candidate.values.merging([pointer: $0]) { $1 }) }
      }
    }
    if members.isEmpty { count = 0 }
    guard (1...limit).contains(count) else {
      // What has no values has said so.
      if count > 0 || members.isEmpty {
        reader.fault("tune", allowed: "1 to \(limit) combinations", "makes \(count) combinations")
      }
      return []
    }
    return candidates
  }

  private static func pointer(
    _ text: String, _ value: JSONValue, at place: String, _ faults: FaultCollector
  ) -> JSONPointer? {
    let own = place + JSONPointer(tokens: [text]).description
    guard let pointer = JSONPointer(text), let first = pointer.tokens.first else {
      faults.add(own, value, allowed: places, "is no JSON pointer")
      return nil
    }
    guard first == "training" || first == "model", pointer.tokens != ["training", "max_steps"] else {
      faults.add(
        own, value, allowed: places,
        text == "/training/max_steps" ? Self.stepsAreNoChoice : "names nothing that a procedure chooses")
      return nil
    }
    return pointer
  }

  private static func values(_ value: JSONValue, at place: String, _ faults: FaultCollector) -> [JSONValue] {
    switch value {
    case .array(let values):
      if values.isEmpty { faults.add(place, value, allowed: forms, "has no values: 0 combinations") }
      checkDistinct(values, at: place, faults)
      return values
    case .object:
      return range(ObjectReader(value, at: place, faults: faults))
    default:
      faults.add(place, value, allowed: forms, "is neither an array nor a range")
      return []
    }
  }

  private static func checkDistinct(_ values: [JSONValue], at place: String, _ faults: FaultCollector) {
    for (index, value) in values.enumerated() {
      guard let first = values[..<index].firstIndex(of: value) else { continue }
      faults.add("\(place)/\(index)", value, allowed: "values that differ", "is the same as value \(first)")
    }
  }

  /// `count` values from `from` to `to`, in equal steps of their logarithm or of themselves.
  private static func range(_ reader: ObjectReader) -> [JSONValue] {
    let scale = reader.choice("scale", of: ["log", "linear"], default: "log")
    let all = NumberInterval.closed(-1e12, 1e12)
    let from = reader.number("from", scale == "log" ? .above(0, to: 1e12) : all)
    let to = reader.number("to", scale == "log" ? .above(0, to: 1e12) : all)
    let count = reader.integer("count", in: 2...1_000_000)
    reader.finish()
    if reader.faults.concerns(reader.pointer) { return [] }
    guard from < to else {
      reader.fault("to", allowed: "a number above from", "is not above from")
      return []
    }
    guard count <= limit else { return Array(repeating: .null, count: count) }
    return (0..<count).map { index in
      let part = Double(index) / Double(count - 1)
      let value = scale == "log" ? from * pow(to / from, part) : from + part * (to - from)
      return number(value)
    }
  }

  /// To twelve significant digits, so that powers come out as people write them; an integer where it is one.
  private static func number(_ value: Double) -> JSONValue {
    let rounded = Double(String(format: "%.11e", value)) ?? value
    return Int(exactly: rounded).map(JSONValue.integer) ?? .number(rounded)
  }
}
