import Training

extension OptimizerKind {
  /// Reads an optimizer by what it declares; its learning rate is read apart (`LearningRate`).
  init(reading reader: ObjectReader) {
    let fallback = Procedure().optimizer
    let name = reader.kind(of: Self.all.map { $0.name }, default: fallback.name)
    guard let definition = Self.all.first(where: { $0.name == name }) else {
      self = fallback
      return
    }
    self.init(definition, reading: reader)
  }

  private init(_ type: (some OptimizerDefinition).Type, reading reader: ObjectReader) {
    let definition = type.init(reader.values(of: type.options))
    self.init(definition)
    if let conflict = definition.conflict {
      reader.fault(conflict.option, allowed: conflict.allowed, conflict.detail)
    }
  }

  func json(learningRate: LearningRate) -> JSONValue {
    var members: [String: JSONValue] = ["kind": .string(name)]
    for option in Swift.type(of: definition).options { members[option.name] = values[option.name]?.json }
    if usesLearningRate { members["learning_rate"] = learningRate.json }
    return .object(members)
  }
}

extension ObjectReader {
  /// One value for each option that is declared.
  func values(of options: [OptionDeclaration]) -> OptionValues {
    options.reduce(into: OptionValues()) { values, option in
      switch option.domain {
      case .number(let range, let fallback):
        values[option.name] = .number(number(option.name, NumberInterval(range), default: fallback))
      case .integer(let range, let fallback):
        values[option.name] = .integer(integer(option.name, in: range, default: fallback))
      case .boolean(let fallback):
        values[option.name] = .boolean(boolean(option.name, default: fallback))
      }
      describe(option.name, option.summary)
    }
  }
}

extension OptionValue {
  /// As documents have it.
  var json: JSONValue {
    switch self {
    case .number(let value): .number(value)
    case .integer(let value): .integer(value)
    case .boolean(let value): .bool(value)
    }
  }
}

extension NumberInterval {
  /// The same interval.
  init(_ range: NumberRange) {
    self.init(
      lower: range.lower, upper: range.upper, includesLower: range.includesLower,
      includesUpper: range.includesUpper)
  }
}

extension LearningRate {
  init(reading reader: ObjectReader, for optimizer: OptimizerKind) {
    guard let usual = type(of: optimizer.definition).defaultLearningRate else {
      // A line search has none; 1 is the length of its first trial.
      self = .fixed(1)
      return
    }
    let fallback = LearningRate.fixed(usual)
    let interval = NumberInterval.above(0, to: 1000)
    switch reader.value(
      "learning_rate", of: .either([.number(interval), .word("auto")]), default: fallback.json)
    {
    case nil: self = fallback
    case .string?: self = .automatic
    case let value?: self = value.doubleValue.map(LearningRate.fixed) ?? fallback
    }
  }

  var json: JSONValue {
    switch self {
    case .fixed(let rate): .number(rate)
    case .automatic: .string("auto")
    }
  }
}
