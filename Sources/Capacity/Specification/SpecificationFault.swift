/// One fault of a document: where it is, what stands there and what would be right.
public struct SpecificationFault: Sendable, Hashable {
  /// JSON Pointer (RFC 6901) of the value, or of where it should be.
  public let pointer: String
  /// What stands there; nil when the value is missing.
  public let value: JSONValue?
  /// What would be right, in words.
  public let allowed: String
  /// What is wrong, in a sentence.
  public let detail: String

  /// A fault at a pointer.
  public init(pointer: String, value: JSONValue?, allowed: String, detail: String) {
    self.pointer = pointer
    self.value = value
    self.allowed = allowed
    self.detail = detail
  }

  /// The fault as the problem document and the command line show it.
  public var json: JSONValue {
    .object([
      "pointer": .string(pointer), "value": value ?? .null, "allowed": .string(allowed),
      "detail": .string(detail),
    ])
  }
}

/// Every fault of a specification that can't be run.
public struct SpecificationError: Error, CustomStringConvertible {
  /// At least one, in the order of the document's sections.
  public let faults: [SpecificationFault]

  /// The error that lists these faults.
  public init(faults: [SpecificationFault]) { self.faults = faults }

  /// A line a fault: where, what stands there, what is wrong and what would be right.
  public var description: String {
    faults.map { fault in
      let place = fault.pointer.isEmpty ? "the document" : fault.pointer
      let value = fault.value.map { " (\($0.text()))" } ?? ""
      return "\(place)\(value) \(fault.detail); allowed: \(fault.allowed)"
    }.joined(separator: "\n")
  }
}

/// Gathers faults while a document is read to its end.
final class FaultCollector {
  private(set) var faults: [SpecificationFault] = []

  func add(_ pointer: String, _ value: JSONValue?, allowed: String, _ detail: String) {
    faults.append(SpecificationFault(pointer: pointer, value: value, allowed: allowed, detail: detail))
  }

  /// Whether anything at or below a pointer is at fault.
  func concerns(_ pointer: String) -> Bool {
    faults.contains { $0.pointer == pointer || $0.pointer.hasPrefix(pointer + "/") }
  }

  func throwIfAny() throws(SpecificationError) {
    if !faults.isEmpty { throw SpecificationError(faults: faults) }
  }
}
