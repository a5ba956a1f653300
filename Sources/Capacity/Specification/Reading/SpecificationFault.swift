/// One fault of a document: where it is, what stands there and what would be right.
package struct SpecificationFault: Sendable, Hashable {
  /// JSON Pointer (RFC 6901) of the value, or of where it should be.
  package let pointer: String
  /// What stands there; nil when the value is missing.
  package let value: JSONValue?
  /// What would be right, in words.
  package let allowed: String
  /// What is wrong, in a sentence.
  package let detail: String

  /// A fault at a pointer.
  package init(pointer: String, value: JSONValue?, allowed: String, detail: String) {
    self.pointer = pointer
    self.value = value
    self.allowed = allowed
    self.detail = detail
  }

  /// The fault as the problem document and the command line show it.
  package var json: JSONValue {
    .object([
      "pointer": .string(pointer), "value": value ?? .null, "allowed": .string(allowed),
      "detail": .string(detail),
    ])
  }
}

/// Every fault of a specification that can't be run.
package struct SpecificationError: Error, CustomStringConvertible {
  /// At least one, in the order of the document's sections.
  package let faults: [SpecificationFault]

  /// The error that lists these faults.
  package init(faults: [SpecificationFault]) { self.faults = faults }

  /// A line a fault: where, what stands there, what is wrong and what would be right.
  package var description: String {
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
