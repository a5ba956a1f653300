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

  /// The fault as the problem document and the command line show it; a large value by its beginning.
  package var json: JSONValue {
    .object([
      "pointer": .string(JSONSyntaxError.shortened(pointer, to: 400)), "value": value?.excerpt() ?? .null,
      "allowed": .string(allowed),
      "detail": .string(detail),
    ])
  }
}

/// Every fault of a specification that can't be run.
package struct SpecificationError: Error, CustomStringConvertible {
  /// At least one, in the order of the document's sections; at most `listed`.
  package let faults: [SpecificationFault]
  /// How many there are, those that aren't listed included.
  package let count: Int

  /// An answer stays smaller than its question.
  package static let listed = 100

  /// The error that lists these faults, of `count` in all.
  package init(faults: [SpecificationFault], count: Int? = nil) {
    self.faults = Array(faults.prefix(Self.listed))
    self.count = max(count ?? 0, faults.count)
  }

  /// A line a fault: where, what stands there, what is wrong and what would be right.
  package var description: String {
    var lines = faults.map { fault in
      let place = fault.pointer.isEmpty ? "the document" : JSONSyntaxError.shortened(fault.pointer, to: 400)
      let value = fault.value.map { " (\($0.excerpt().text()))" } ?? ""
      return "\(place)\(value) \(fault.detail); allowed: \(fault.allowed)"
    }
    if count > faults.count { lines.append("and \(count - faults.count) more faults") }
    return lines.joined(separator: "\n")
  }
}

/// Gathers faults while a document is read to its end: as many as are listed, and the count of all.
package final class FaultCollector {
  /// Those that are listed.
  package private(set) var faults: [SpecificationFault] = []
  /// How many there are, those that aren't listed included.
  private(set) var count = 0
  /// Whether nothing is at fault so far.
  var isEmpty: Bool { count == 0 }
  /// Where a schema is made of what is asked for.
  let recorder: SchemaRecorder?

  /// No faults, and no recorder.
  package init() { recorder = nil }

  init(recorder: SchemaRecorder) { self.recorder = recorder }

  /// The texts are made only where the fault is listed.
  func add(
    _ pointer: @autoclosure () -> String, _ value: @autoclosure () -> JSONValue?,
    allowed: @autoclosure () -> String, _ detail: @autoclosure () -> String
  ) {
    count += 1
    if let recorder, value() == nil, detail() == Self.missing { recorder.noteRequired(pointer()) }
    guard faults.count < SpecificationError.listed else { return }
    let (pointer, value, allowed, detail) = (pointer(), value(), allowed(), detail())
    faults.append(SpecificationFault(pointer: pointer, value: value, allowed: allowed, detail: detail))
  }

  /// Adds one that was made elsewhere.
  func add(_ fault: SpecificationFault) {
    add(fault.pointer, fault.value, allowed: fault.allowed, fault.detail)
  }

  /// What is said of a member that has to be there and isn't.
  package static let missing = "is required"
  package static let outOfRange = "is out of range"

  /// Whether anything at or below a pointer is at fault.
  func concerns(_ pointer: String) -> Bool {
    faults.contains { $0.pointer == pointer || $0.pointer.hasPrefix(pointer + "/") }
  }

  package func throwIfAny() throws(SpecificationError) {
    if !faults.isEmpty { throw SpecificationError(faults: faults, count: count) }
  }

  /// What `body` makes.
  ///
  /// - Throws: `SpecificationError` with the faults that were gathered, and those that `body` throws.
  package func joined<T>(_ body: () throws(SpecificationError) -> T) throws(SpecificationError) -> T {
    let made: T
    do throws(SpecificationError) {
      made = try body()
    } catch {
      throw SpecificationError(faults: faults + error.faults, count: count + error.count)
    }
    try throwIfAny()
    return made
  }
}
