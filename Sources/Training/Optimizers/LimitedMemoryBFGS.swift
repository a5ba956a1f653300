import Compute

/// Limited-memory BFGS (Nocedal and Wright 2006, Algorithms 7.4 and 7.5) over all samples: one call is one
/// evaluation, which either moves the trial point along the current direction or begins the next direction.
///
/// The learning rate is not used. Where the line search ends without progress the rule first forgets its
/// history; if the steepest descent makes none either, it has stalled and the parameters stay.
final class LimitedMemoryBFGS<S: Scalar>: Optimizer {
  private let count: Int
  private let history: Int
  private let base: Buffer<S>
  private let baseGradient: Buffer<S>
  private let direction: Buffer<S>
  private let differences: [Buffer<S>]
  private let gradientDifferences: [Buffer<S>]
  private var inverseProducts: [Double]
  private var weights: [Double]
  private var stored = 0
  private var oldest = 0
  private var baseLoss = 0.0
  private var search: LineSearch?
  /// Whether even the steepest descent made no progress at this precision.
  private(set) var hasStalled = false

  /// For `count` parameters and the last `history` pairs of differences.
  init(count: Int, history: Int) {
    precondition(history >= 1)
    self.count = count
    self.history = history
    base = Buffer(count: count)
    baseGradient = Buffer(count: count)
    direction = Buffer(count: count)
    differences = (0..<history).map { _ in Buffer(count: count) }
    gradientDifferences = (0..<history).map { _ in Buffer(count: count) }
    inverseProducts = Array(repeating: 0, count: history)
    weights = Array(repeating: 0, count: history)
  }

  func step(parameters: Buffer<S>, gradient: Buffer<S>, loss: Double, rate: Double) {
    guard !hasStalled else { return }
    guard var search else { return begin(parameters, gradient, loss) }
    let slope = S.dot(count, gradient.pointer, direction.pointer)
    let verdict = search.next(value: loss, slope: slope)
    self.search = search
    switch verdict {
    case .evaluate(let length):
      S.combine(count, 1, base.pointer, S(length), direction.pointer, parameters.pointer)
    case .found:
      remember(parameters, gradient)
      begin(parameters, gradient, loss)
    case .failed where loss < baseLoss:
      remember(parameters, gradient)
      begin(parameters, gradient, loss)
    case .failed:
      parameters.copy(from: base)
      gradient.copy(from: baseGradient)
      if stored == 0 {
        hasStalled = true
      } else {
        stored = 0
        begin(parameters, gradient, baseLoss)
      }
    }
  }

  /// Takes the point as the new base, finds the direction and moves to the first trial point.
  private func begin(_ parameters: Buffer<S>, _ gradient: Buffer<S>, _ loss: Double) {
    base.copy(from: parameters)
    baseGradient.copy(from: gradient)
    baseLoss = loss
    direction.copy(from: gradient)
    multiplyByInverseHessian()
    S.scale(count, -1, direction.pointer, direction.pointer)
    var slope = S.dot(count, gradient.pointer, direction.pointer)
    if !(slope < 0) {
      stored = 0
      S.scale(count, -1, gradient.pointer, direction.pointer)
      slope = S.dot(count, gradient.pointer, direction.pointer)
    }
    guard slope < 0 else {
      hasStalled = true
      return
    }
    let length = stored == 0 ? min(1, 1 / gradient.norm) : 1
    search = LineSearch(
      value: loss, slope: slope, step: length, noise: 4 * Double(S.ulpOfOne) * abs(loss))
    S.combine(count, 1, base.pointer, S(length), direction.pointer, parameters.pointer)
  }

  /// Stores s = θ − θ_base and y = g − g_base, unless the curvature sᵀy is not safely positive; the oldest pair, where they would
  /// have taken its place, is forgotten all the same.
  private func remember(_ parameters: Buffer<S>, _ gradient: Buffer<S>) {
    let slot = (oldest + stored) % history
    let s = differences[slot]
    let y = gradientDifferences[slot]
    S.subtract(count, parameters.pointer, base.pointer, s.pointer)
    S.subtract(count, gradient.pointer, baseGradient.pointer, y.pointer)
    let product = S.dot(count, s.pointer, y.pointer)
    guard product > 1e-10 * s.norm * y.norm else {
      if stored == history {
        oldest = (oldest + 1) % history
        stored -= 1
      }
      return
    }
    inverseProducts[slot] = 1 / product
    if stored < history { stored += 1 } else { oldest = (oldest + 1) % history }
  }

  /// The two-loop recursion on `direction`.
  private func multiplyByInverseHessian() {
    let d = direction.pointer
    for k in (0..<stored).reversed() {
      let i = (oldest + k) % history
      weights[i] = inverseProducts[i] * S.dot(count, differences[i].pointer, d)
      S.addScaled(count, S(-weights[i]), gradientDifferences[i].pointer, d)
    }
    if stored > 0 {
      let last = (oldest + stored - 1) % history
      let square = gradientDifferences[last].norm
      S.scale(count, S(1 / (inverseProducts[last] * square * square)), d, d)
    }
    for k in 0..<stored {
      let i = (oldest + k) % history
      let correction = inverseProducts[i] * S.dot(count, gradientDifferences[i].pointer, d)
      S.addScaled(count, S(weights[i] - correction), differences[i].pointer, d)
    }
  }

  var vectors: [Buffer<S>] {
    [base, baseGradient, direction] + differences + gradientDifferences
  }

  var numbers: [Double] {
    get {
      [Double(stored), Double(oldest), baseLoss, hasStalled ? 1 : 0] + inverseProducts
        + (search?.numbers ?? LineSearch.none)
    }
    set {
      stored = Int(newValue[0])
      oldest = Int(newValue[1])
      baseLoss = newValue[2]
      hasStalled = newValue[3] != 0
      inverseProducts = Array(newValue[4..<4 + history])
      search = LineSearch(numbers: newValue.dropFirst(4 + history))
    }
  }

  /// Begins a new line from the next point: the curvature found so far is taken for that of another function close to
  /// the one before.
  func restart() {
    search = nil
    hasStalled = false
  }

  /// Back from a trial point to the best that is known.
  func returnToBase(_ parameters: Buffer<S>) {
    if search != nil { parameters.copy(from: base) }
  }

  func reset() {
    stored = 0
    oldest = 0
    search = nil
    hasStalled = false
  }
}

/// `lbfgs`: over all samples with a strong-Wolfe line search. It has no learning rate.
package struct LimitedMemoryBFGSDefinition: OptimizerDefinition {
  package static let name = "lbfgs"
  package static let summary = "Limited-memory BFGS over all samples with a strong-Wolfe line search."
  package static let options: [OptionDeclaration] = [
    .integer("history", 1...1000, default: 10, "Pairs of differences that are kept.")
  ]
  package static let needsFullBatch = true
  package static let usualLearningRate: UsualLearningRate? = nil

  private let history: Int

  package init(_ values: OptionValues) { history = values.integer("history") }

  package var values: OptionValues { ["history": .integer(history)] }

  package func makeOptimizer<S: Scalar>(
    count: Int, matrices: [MatrixView], as type: S.Type
  ) -> any Optimizer<S> {
    LimitedMemoryBFGS<S>(count: count, history: history)
  }

  package func stateCount<S: Scalar>(count: Int, matrices: [MatrixView], as type: S.Type) -> Int {
    (3 + 2 * history) * count
  }
}

extension OptimizerKind {
  /// Limited-memory BFGS.
  package static func lbfgs(history: Int = 10) -> OptimizerKind {
    OptimizerKind(LimitedMemoryBFGSDefinition(["history": .integer(history)]))
  }
}
