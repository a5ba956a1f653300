import Compute
import Testing
import Training

/// What every optimizer declares of itself; a new one is held to it by its line in `OptimizerKind.all`.
@Suite("Definitions of optimizers")
struct OptimizerDefinitionTests {
  private static let kinds = OptimizerKind.all.map { OptimizerKind(defaultsOf: $0) }
  private static let matrices = [
    MatrixView(offset: 0, rows: 12, columns: 20),
    MatrixView(offset: 240, rows: 12, columns: 1, isWeight: false),
    MatrixView(offset: 252, rows: 5, columns: 12),
    MatrixView(offset: 312, rows: 5, columns: 1, isWeight: false),
  ]
  private static let count = 317

  @Test("names are unique, and what is written in code has the declared defaults")
  func defaults() {
    #expect(Set(Self.kinds.map(\.name)).count == Self.kinds.count)
    let written: [OptimizerKind] = [
      .sgd(), .gradientDescent, .adam(), .adamW(), .shampoo(), .lbfgs(), .muon(),
    ]
    #expect(Set(written) == Set(Self.kinds))
    #expect(OptimizerKind.sgd(momentum: 0.5) != .sgd())
    #expect(OptimizerKind.adam() != .adamW())
  }

  @Test("the rate that is usual on a network: by hand, to two significant digits")
  func usualRate() {
    for (fanIn, rate) in [
      (1, 0.02), (9, 0.02), (36, 0.015), (54, 0.012), (196, 0.0064), (784, 0.0032), (3072, 0.0016),
    ] {
      for kind in [OptimizerKind.adam(), .adamW()] {
        #expect(kind.usualLearningRate?.rate(fanIn: fanIn) == rate)
      }
      #expect(OptimizerKind.sgd().usualLearningRate?.rate(fanIn: fanIn) == 0.05)
    }
    #expect(OptimizerKind.lbfgs().usualLearningRate == nil)
  }

  @Test("a value is kept for every option and no other, and reaches the rule", arguments: kinds)
  func values(kind: OptimizerKind) {
    let type = type(of: kind.definition)
    for option in type.options {
      var values = kind.values
      #expect(values[option.name] == option.defaultValue)
      let other: OptionValue
      switch option.domain {
      case .number(let range, let value): other = .number((range.lower + value) / 2)
      case .integer(let range, _): other = .integer(range.upperBound - 1)
      case .boolean(let value): other = .boolean(!value)
      case .choice(let words, _): other = .word(words[words.count - 1])
      }
      #expect(option.allows(other) && other != option.defaultValue)
      values[option.name] = other
      #expect(type.init(values).values[option.name] == other)
      #expect(!option.summary.isEmpty)
    }
    #expect(kind.description.hasPrefix(kind.name))
  }

  @Test("the stated memory holds the state, in both precisions", arguments: kinds)
  func memory(kind: OptimizerKind) {
    func check<S: Scalar>(_ type: S.Type) {
      let optimizer = kind.makeOptimizer(count: Self.count, matrices: Self.matrices, as: S.self)
      let state = optimizer.vectors.reduce(0) { $0 + $1.count }
      let stated = kind.definition.stateCount(count: Self.count, matrices: Self.matrices, as: S.self)
      // Scratch comes besides.
      #expect(state <= stated)
      #expect(kind.usesLearningRate ? (state > 0) == (stated > 0) : true)
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("a rule that takes its steps from a line search has no rate, and all samples")
  func lineSearch() {
    for kind in Self.kinds where !kind.usesLearningRate { #expect(kind.needsFullBatch) }
    #expect(Self.kinds.filter { !$0.usesLearningRate } == [.lbfgs()])
    #expect(OptimizerKind.sgd(momentum: 0.9).definition.stabilityLimit == 3.8)
    #expect(OptimizerKind.gradientDescent.definition.stabilityLimit == 2)
    #expect(OptimizerKind.adam().definition.stabilityLimit == nil)
  }
}
