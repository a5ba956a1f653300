import Compute

/// What there is to know of an optimizer: its options, facts, memory and factory. One type for each, in the optimizer's
/// own file; `OptimizerKind.all` lists them.
package protocol OptimizerDefinition: Sendable {
  /// Its name in documents.
  static var name: String { get }
  /// What it does, in a line.
  static var summary: String { get }
  /// Its options, apart from the learning rate.
  static var options: [OptionDeclaration] { get }
  /// Whether every step uses all samples, whatever batch size was asked for.
  static var needsFullBatch: Bool { get }
  /// The learning rate where none is given. Nil for a rule that takes its step lengths from a line search.
  static var usualLearningRate: UsualLearningRate? { get }
  /// λ of decoupled weight decay where none is given.
  static var defaultDecoupledWeightDecay: Double { get }

  /// The rule with these values, one for each of its options.
  init(_ values: OptionValues)
  /// One value for each of its options.
  var values: OptionValues { get }
  /// An option whose value doesn't go with another's.
  var conflict: OptionConflict? { get }
  /// The limit of the Hessian's largest eigenvalue times the rate beyond which the rule is unstable; nil where there is none.
  var stabilityLimit: Double? { get }
  /// The rule with its state for `count` parameters, of which `matrices` are the tensors.
  func makeOptimizer<S: Scalar>(count: Int, matrices: [MatrixView], as type: S.Type) -> any Optimizer<S>
  /// Numbers in that state.
  func stateCount<S: Scalar>(count: Int, matrices: [MatrixView], as type: S.Type) -> Int
}

extension OptimizerDefinition {
  package static var needsFullBatch: Bool { false }
  package static var defaultDecoupledWeightDecay: Double { 0 }
  package var conflict: OptionConflict? { nil }
  package var stabilityLimit: Double? { nil }
}

/// Which rule turns gradients into steps, with its constants.
package struct OptimizerKind: Sendable, Hashable, CustomStringConvertible {
  /// Every optimizer there is.
  package static let all: [any OptimizerDefinition.Type] = [
    StochasticGradientDescentDefinition.self,
    GradientDescentDefinition.self,
    AdamDefinition.self,
    AdamWDefinition.self,
    ShampooDefinition.self,
    LimitedMemoryBFGSDefinition.self,
    MuonDefinition.self,
  ]

  /// The optimizer with its values.
  package let definition: any OptimizerDefinition

  /// A kind of a definition.
  package init(_ definition: some OptimizerDefinition) { self.definition = definition }

  /// An optimizer with the values that its options have where none are given.
  package init(defaultsOf type: any OptimizerDefinition.Type) {
    let values = type.options.reduce(into: OptionValues()) { $0[$1.name] = $1.defaultValue }
    definition = type.init(values)
  }

  /// Its name in documents.
  package var name: String { type(of: definition).name }
  /// One value for each of its options.
  package var values: OptionValues { definition.values }
  /// Whether every step uses all samples, whatever batch size was asked for.
  package var needsFullBatch: Bool { type(of: definition).needsFullBatch }
  /// The learning rate where none is given; nil for a rule that takes its step lengths from a line search.
  package var usualLearningRate: UsualLearningRate? { type(of: definition).usualLearningRate }
  /// Whether the rule takes its step lengths from a learning rate; if not, from a line search.
  package var usesLearningRate: Bool { usualLearningRate != nil }

  /// The rule with its state for `count` parameters, of which `matrices` are the tensors.
  package func makeOptimizer<S: Scalar>(
    count: Int, matrices: [MatrixView], as type: S.Type
  ) -> any Optimizer<S> {
    definition.makeOptimizer(count: count, matrices: matrices, as: type)
  }

  /// Kinds are equal that have one name and equal values.
  package static func == (a: OptimizerKind, b: OptimizerKind) -> Bool {
    a.name == b.name && a.values == b.values
  }

  /// By name and values.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(values)
  }

  /// The name with the values.
  package var description: String {
    let values = type(of: definition).options.map { option in
      definition.values[option.name].map { "\(option.name) \($0)" } ?? option.name
    }
    return values.isEmpty ? name : "\(name) (\(values.joined(separator: ", ")))"
  }
}

extension OptimizerKind: Codable {
  private enum CodingKeys: CodingKey { case name, values }

  /// Reads what `encode` wrote; fails where this version has no optimizer of that name with those options.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .name)
    let values = try container.decode(OptionValues.self, forKey: .values)
    guard let type = Self.all.first(where: { $0.name == name }),
      type.options.allSatisfy({ $0.isOf(values[$0.name]) })
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .name, in: container, debugDescription: "no optimizer \(name) with such options")
    }
    definition = type.init(values)
  }

  /// Writes the name and the values.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(values, forKey: .values)
  }
}
