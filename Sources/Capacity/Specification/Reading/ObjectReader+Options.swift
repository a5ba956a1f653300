import Compute

extension ObjectReader {
  /// One value for each option that is declared.
  func values(of options: [OptionDeclaration]) -> OptionValues {
    options.reduce(into: OptionValues()) { values, option in
      switch option.domain {
      case .number(let interval, let fallback):
        values[option.name] = .number(number(option.name, interval, default: fallback))
      case .integer(let range, let fallback):
        values[option.name] = .integer(integer(option.name, in: range, default: fallback))
      case .boolean(let fallback):
        values[option.name] = .boolean(boolean(option.name, default: fallback))
      case .choice(let words, let fallback):
        values[option.name] =
          choice(option.name, of: words, default: fallback).map(OptionValue.word) ?? option.firstValue
      }
      describe(option.name, option.summary)
    }
  }

  /// An option whose value doesn't go with another's.
  func fault(_ conflict: OptionConflict?) {
    guard let conflict else { return }
    fault(conflict.option, allowed: conflict.allowed, conflict.detail)
  }
}

extension OptionValues {
  /// The declared options as members of a document.
  func members(of options: [OptionDeclaration]) -> [String: JSONValue] {
    options.reduce(into: [:]) { $0[$1.name] = self[$1.name]?.json }
  }
}

extension OptionValue {
  /// As documents have it.
  fileprivate var json: JSONValue {
    switch self {
    case .number(let value): .number(value)
    case .integer(let value): .integer(value)
    case .boolean(let value): .bool(value)
    case .word(let value): .string(value)
    }
  }
}
