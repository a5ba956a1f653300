/// A flag or an environment variable that has a value it can't have; says which, and what would be right.
struct WrongUsage: Error, CustomStringConvertible {
  let description: String
}

/// Gathers what is wrong with a command's flags, so that all of it is told at once.
struct UsageFaults {
  private var texts: [String] = []

  /// Notes a flag that has a value it can't have.
  mutating func check(_ isAllowed: Bool, _ name: String, _ value: some Any, _ allowed: String) {
    if !isAllowed { note("\(name) is \(value); allowed: \(allowed)") }
  }

  /// Notes a fault, a whole line.
  mutating func note(_ text: String) { texts.append(text) }

  /// What `body` makes; nil where it refuses a flag, which is noted.
  mutating func value<T>(_ body: () throws -> T) throws -> T? {
    do {
      return try body()
    } catch let error as WrongUsage {
      note(error.description)
      return nil
    }
  }

  /// - Throws: `WrongUsage` with a line for every fault.
  func throwIfAny() throws {
    if !texts.isEmpty { throw WrongUsage(description: texts.joined(separator: "\n")) }
  }
}
