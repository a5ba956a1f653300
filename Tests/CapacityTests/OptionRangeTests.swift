import Capacity
import Testing

/// Every option of a specification, refused outside its range with its place, what stands there and what is allowed.
/// The options are found by walking filled-in specifications, so that a new one without a row here fails.
@Suite struct OptionRangeTests {
  @Test(arguments: documents)
  func everyOptionIsRefusedOutsideItsRange(document: Document) throws {
    let filled = try MeasurementSpecification(json: JSONValue(parsing: document.text.utf8)).json
    let options = filled.leaves()
    #expect(Set(options) == Set(document.ranges.keys), "every option has a row here, and every row an option")
    for pointer in options {
      guard let range = document.ranges[pointer] else { continue }
      for value in range.refused {
        do {
          _ = try MeasurementSpecification(json: filled.replacing(pointer, with: value))
          Issue.record("\(pointer) is \(value.text()): accepted")
        } catch {
          let fault = error.faults.first { $0.pointer == pointer }
          #expect(fault?.value == value, "\(pointer): \(error)")
          #expect(fault?.allowed == range.allowed)
          #expect(fault?.detail.isEmpty == false)
        }
      }
    }
  }
}

extension JSONValue {
  /// The pointers of everything below that is neither an object nor an array.
  fileprivate func leaves(at pointer: String = "") -> [String] {
    switch self {
    case .object(let members):
      members.keys.sorted().flatMap { members[$0]?.leaves(at: "\(pointer)/\($0)") ?? [] }
    case .array(let elements):
      elements.enumerated().flatMap { $1.leaves(at: "\(pointer)/\($0)") }
    default: [pointer]
    }
  }

  /// The tree with another value at a pointer.
  fileprivate func replacing(_ pointer: String, with value: JSONValue) -> JSONValue {
    let parts = pointer.split(separator: "/", maxSplits: 1).map(String.init)
    guard let name = parts.first else { return value }
    let rest = parts.count > 1 ? "/\(parts[1])" : ""
    switch self {
    case .object(var members):
      members[name] = members[name]?.replacing(rest, with: value)
      return .object(members)
    case .array(var elements):
      guard let index = Int(name) else { preconditionFailure("\(pointer) is no index") }
      elements[index] = elements[index].replacing(rest, with: value)
      return .array(elements)
    default: preconditionFailure("nothing at \(pointer)")
    }
  }
}
