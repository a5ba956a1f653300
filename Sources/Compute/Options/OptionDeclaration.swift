/// An option as documents have it: its name, what it may be, and what it is where it isn't given. Reading, checking, writing
/// and describing options are made from these. Optimizers and data sets declare theirs, in modules that know nothing of
/// each other or of documents; so it stands beneath both.
package struct OptionDeclaration: Sendable, Hashable {
  /// What values there are, with the one that an option has where none is given; nil where one has to be given.
  package enum Domain: Sendable, Hashable {
    case number(NumberInterval, default: Double)
    case integer(ClosedRange<Int>, default: Int?)
    case boolean(default: Bool)
    case choice([String], default: String?)
  }

  /// The member's name.
  package let name: String
  /// What it may be.
  package let domain: Domain
  /// What it does, in a line.
  package let summary: String

  /// What the option is where none is given; nil where one has to be given.
  package var defaultValue: OptionValue? {
    switch domain {
    case .number(_, let value): .number(value)
    case .integer(_, let value): value.map(OptionValue.integer)
    case .boolean(let value): .boolean(value)
    case .choice(_, let value): value.map(OptionValue.word)
    }
  }

  /// The default; where one has to be given, the first that is allowed.
  package var firstValue: OptionValue {
    switch domain {
    case .number(_, let value): .number(value)
    case .integer(let range, let value): .integer(value ?? range.lowerBound)
    case .boolean(let value): .boolean(value)
    case .choice(let words, let value): .word(value ?? words[0])
    }
  }

  /// Whether a value is of this option's type.
  package func isOf(_ value: OptionValue?) -> Bool {
    switch (domain, value) {
    case (.number, .number?), (.integer, .integer?), (.boolean, .boolean?), (.choice, .word?): true
    default: false
    }
  }

  /// Whether it may have a value.
  package func allows(_ value: OptionValue?) -> Bool {
    switch (domain, value) {
    case (.number(let interval, _), .number(let number)?): interval.contains(number)
    case (.integer(let range, _), .integer(let number)?): range.contains(number)
    case (.boolean, .boolean?): true
    case (.choice(let words, _), .word(let word)?): words.contains(word)
    default: false
    }
  }

  /// What it may be, in words.
  package var allowed: String {
    switch domain {
    case .number(let interval, _): interval.description
    case .integer(let range, _): "\(range.lowerBound) to \(range.upperBound)"
    case .boolean: "true or false"
    case .choice(let words, _): "one of " + words.joined(separator: ", ")
    }
  }

  /// A real number.
  package static func number(
    _ name: String, _ range: NumberInterval, default value: Double, _ summary: String
  ) -> OptionDeclaration {
    OptionDeclaration(name: name, domain: .number(range, default: value), summary: summary)
  }

  /// A whole number.
  package static func integer(
    _ name: String, _ range: ClosedRange<Int>, default value: Int? = nil, _ summary: String
  ) -> OptionDeclaration {
    OptionDeclaration(name: name, domain: .integer(range, default: value), summary: summary)
  }

  /// True or false.
  package static func boolean(_ name: String, default value: Bool, _ summary: String) -> OptionDeclaration {
    OptionDeclaration(name: name, domain: .boolean(default: value), summary: summary)
  }

  /// One of an enumeration's words.
  package static func choice<T: RawRepresentable<String> & CaseIterable>(
    _ name: String, of type: T.Type, default value: T? = nil, _ summary: String
  ) -> OptionDeclaration {
    OptionDeclaration(
      name: name, domain: .choice(T.allCases.map(\.rawValue), default: value?.rawValue), summary: summary)
  }
}

/// An option whose value doesn't go with another's, or is none of those that there are.
package struct OptionConflict: Sendable, Hashable {
  package let option: String
  /// What would be right, in words.
  package let allowed: String
  /// What is wrong.
  package let detail: String

  /// A conflict of one option.
  package init(option: String, allowed: String, detail: String) {
    self.option = option
    self.allowed = allowed
    self.detail = detail
  }
}
