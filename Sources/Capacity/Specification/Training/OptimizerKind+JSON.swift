import Compute
import Training

extension OptimizerKind {
  /// Reads an optimizer by what it declares; its learning rate is read apart (`LearningRate`).
  init(reading reader: ObjectReader) {
    let fallback = Procedure.standard.optimizer
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
    reader.fault(definition.conflict)
  }

  func json(learningRate: LearningRate) -> JSONValue {
    var members = values.members(of: type(of: definition).options)
    members["kind"] = .string(name)
    if usesLearningRate { members["learning_rate"] = learningRate.json }
    return .object(members)
  }
}

extension LearningRate {
  init(reading reader: ObjectReader, for optimizer: OptimizerKind) {
    guard let usual = optimizer.usualLearningRate else {
      // A line search has none; 1 is the length of its first trial.
      self = .fixed(1)
      return
    }
    let fallback: LearningRate = if case .fixed(let rate) = usual { .fixed(rate) } else { .usual }
    let interval = NumberInterval.above(0, to: 1000)
    switch reader.value(
      "learning_rate", of: .either([.number(interval), .word("auto")]), default: fallback.json)
    {
    case nil: self = fallback
    case .string?: self = .automatic
    case let value?: self = value.doubleValue.map(LearningRate.fixed) ?? fallback
    }
    if case .byWidestLayer(let part, let most) = usual {
      reader.describe(
        "learning_rate",
        "Without one: \(part) / √fan_in, the largest of the layers before the last (or that of the only one), at most \(most)."
      )
    }
  }

  /// Nil where none is given yet.
  var json: JSONValue? {
    switch self {
    case .fixed(let rate): .number(rate)
    case .usual: nil
    case .automatic: .string("auto")
    }
  }
}
