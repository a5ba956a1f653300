import Compute
import Networks
import Foundation
import Testing
import Training

/// A function with its gradient and the point where it is smallest.
private struct KnownFunction: CustomTestStringConvertible {
  let name: String
  let start: [Double]
  let minimizer: [Double]
  let value: @Sendable ([Double]) -> Double
  let gradient: @Sendable ([Double]) -> [Double]
  var testDescription: String { name }

  static let quadratic = KnownFunction(
    name: "an ill-conditioned quadratic", start: [3, -2, 1, 4], minimizer: [1, -1, 0.5, 2],
    value: { x in
      zip(zip(x, [1, -1, 0.5, 2]), [1, 3, 10, 30]).reduce(0) { $0 + $1.1 / 2 * pow($1.0.0 - $1.0.1, 2) }
    },
    gradient: { x in zip(zip(x, [1, -1, 0.5, 2]), [1, 3, 10, 30]).map { $1 * ($0.0 - $0.1) } })

  static let rosenbrock = KnownFunction(
    name: "Rosenbrock's valley", start: [-1.2, 1], minimizer: [1, 1],
    value: { x in 100 * pow(x[1] - x[0] * x[0], 2) + pow(1 - x[0], 2) },
    gradient: { x in
      [-400 * x[0] * (x[1] - x[0] * x[0]) - 2 * (1 - x[0]), 200 * (x[1] - x[0] * x[0])]
    })
}

/// What one rule is asked to do on one function.
private struct OptimizerCase: CustomTestStringConvertible {
  let kind: OptimizerKind
  let function: KnownFunction
  let rate: Double
  let steps: Int
  let tolerance: Double
  var testDescription: String { "\(kind) on \(function.name)" }
}

@Suite("Optimizers on known functions")
struct OptimizerTests {
  private static let cases: [OptimizerCase] = [
    OptimizerCase(
      kind: .gradientDescent, function: .quadratic, rate: 0.05, steps: 1500, tolerance: 1e-8),
    OptimizerCase(
      kind: .sgd(momentum: 0.9), function: .quadratic, rate: 0.02, steps: 600, tolerance: 1e-8),
    OptimizerCase(
      kind: .sgd(momentum: 0.9, nesterov: true), function: .rosenbrock, rate: 1e-3, steps: 20000,
      tolerance: 1e-6),
    OptimizerCase(kind: .adam(), function: .quadratic, rate: 0.05, steps: 3000, tolerance: 1e-6),
    OptimizerCase(kind: .adam(), function: .rosenbrock, rate: 0.01, steps: 12000, tolerance: 1e-4),
    OptimizerCase(kind: .shampoo(refresh: 1), function: .quadratic, rate: 1, steps: 2000, tolerance: 1e-6),
    OptimizerCase(kind: .lbfgs(), function: .quadratic, rate: 1, steps: 40, tolerance: 1e-8),
    OptimizerCase(kind: .lbfgs(), function: .rosenbrock, rate: 1, steps: 80, tolerance: 1e-7),
    OptimizerCase(kind: .muon(), function: .quadratic, rate: 0.05, steps: 3000, tolerance: 1e-6),
  ]

  /// `steps` steps; the rate falls linearly to 0, as the last steps of rules with steps of equal length need.
  private func run(_ kind: OptimizerKind, _ function: KnownFunction, rate: Double, steps: Int) -> [Double] {
    let parameters = Buffer(function.start)
    let gradient = Buffer<Double>(count: parameters.count)
    let view = MatrixView(offset: 0, rows: parameters.count, columns: 1, isWeight: false)
    let optimizer = kind.makeOptimizer(count: parameters.count, matrices: [view], as: Double.self)
    for step in 0..<steps {
      let x = parameters.array
      for (i, value) in function.gradient(x).enumerated() { gradient[i] = value }
      optimizer.step(
        parameters: parameters, gradient: gradient, loss: function.value(x),
        rate: rate * (1 - Double(step) / Double(steps)))
    }
    return parameters.array
  }

  @Test("the minimiser is reached", arguments: cases)
  private func minimizer(_ example: OptimizerCase) {
    let end = run(example.kind, example.function, rate: example.rate, steps: example.steps)
    for (value, exact) in zip(end, example.function.minimizer) {
      #expect(abs(value - exact) <= example.tolerance)
    }
  }

  @Test("L-BFGS solves a quadratic of few dimensions in as many directions, and stays")
  func finite() {
    let optimizer = OptimizerKind.lbfgs().makeOptimizer(count: 4, matrices: [], as: Double.self)
    let parameters = Buffer(KnownFunction.quadratic.start)
    let gradient = Buffer<Double>(count: 4)
    for _ in 0..<200 {
      let x = parameters.array
      for (i, value) in KnownFunction.quadratic.gradient(x).enumerated() { gradient[i] = value }
      optimizer.step(
        parameters: parameters, gradient: gradient, loss: KnownFunction.quadratic.value(x), rate: 1)
    }
    for (value, exact) in zip(parameters.array, KnownFunction.quadratic.minimizer) {
      #expect(abs(value - exact) <= 1e-12)
    }
  }

  @Test("Muon's first step is nearly orthogonal, whatever the gradient's scale", arguments: [(6, 4), (3, 9)])
  func orthogonal(rows: Int, columns: Int) {
    var stream = RandomStream(seed: 2, purpose: .perturbation)
    let parameters = Buffer<Double>(count: rows * columns)
    let gradient = Buffer((0..<rows * columns).map { _ in 1e3 * stream.normal() })
    let view = MatrixView(offset: 0, rows: rows, columns: columns)
    let optimizer = OptimizerKind.muon().makeOptimizer(
      count: rows * columns, matrices: [view], as: Double.self)
    optimizer.step(parameters: parameters, gradient: gradient, loss: 0, rate: 1)
    // W Wᵀ of the shorter side, in units of the step: its eigenvalues are squared singular values.
    let side = min(rows, columns)
    let gram = Buffer<Double>(count: side * side)
    let scale = 0.2 * Double(max(rows, columns)).squareRoot()
    Double.multiplyByOwnTranspose(
      transpose: rows > columns, n: side, k: max(rows, columns), alpha: 1 / (scale * scale),
      a: parameters.pointer, strideA: columns, beta: 0, c: gram.pointer, strideC: side)
    let squares = Buffer<Double>(count: side)
    #expect(Double.symmetricEigen(side, matrix: gram.pointer, eigenvalues: squares.pointer))
    // Five of Jordan's iterations bring singular values into this band.
    for square in squares.array { #expect((0.6...1.3).contains(square.squareRoot())) }
  }

  @Test("gradient clipping and decoupled decay act on the step")
  func regularizedStep() {
    let parameters = Buffer([1.0, 2])
    let gradient = Buffer([30.0, 40])
    let rule = DescentRule(
      OptimizerKind.gradientDescent.makeOptimizer(count: 2, matrices: [], as: Double.self),
      regularization: Regularization(decoupledWeightDecay: 0.5, gradientClip: 5), count: 2)
    rule.descend(parameters, gradient, loss: 0, rate: 0.1)
    #expect(abs(parameters[0] - (0.95 - 0.3)) <= 1e-14)
    #expect(abs(parameters[1] - (1.9 - 0.4)) <= 1e-14)
  }

  /// Its steps end in the middle of a line search: what is reported is the best point that it knows, not one that it tried.
  @Test("L-BFGS ends where its loss is lowest", arguments: [37, 60, 91, 118, 119, 120])
  func endsAtItsBase(steps: Int) throws {
    let data = Problems.gaussian(samples: 120, dimensions: 20)
    let trainer = try Trainer<Double>(
      architecture: .mlp(MultilayerPerceptron(hidden: [4])), trainingSet: data,
      procedure: .with {
        $0.precision = .double
        $0.optimizer = .lbfgs()
        $0.batchSize = .full
        $0.maxSteps = steps
      }, key: Problems.key(120))
    let report = try #require(trainer.run(shouldStop: { false }))
    let lowest = try #require(report.curve.loss.min())
    #expect(report.loss <= lowest * (1 + 1e-4), "\(report.loss) after \(lowest)")
  }

  /// Along a line that falls ever more steeply no length satisfies both conditions, and the pair that it leaves has no positive
  /// curvature. With room for one pair the next direction is the gradient's, as without any: not one made of what was refused.
  @Test("a pair that L-BFGS refuses leaves nothing behind")
  func refusedPair() {
    let optimizer = OptimizerKind.lbfgs(history: 1).makeOptimizer(count: 1, matrices: [], as: Double.self)
    let parameters = Buffer([0.0])
    let gradient = Buffer<Double>(count: 1)
    var places: [Double] = []
    for step in 0..<40 {
      let x = parameters[0]
      places.append(x)
      // (x − 3)² / 2 where it begins, so that there is a pair, and then a parabola that opens downwards.
      gradient[0] = step == 0 ? x - 3 : -2 - 2 * (x - 1)
      let loss = step == 0 ? (x - 3) * (x - 3) / 2 : 2 - 2 * (x - 1) - (x - 1) * (x - 1)
      optimizer.step(parameters: parameters, gradient: gradient, loss: loss, rate: 1)
    }
    #expect(places[1] == 1 && places[2] == 3)
    // The line from 1 along a gradient of −2 ends at its largest length, 10¹⁰, and a gradient of that size is first followed for a length of 1.
    let end = places.firstIndex(of: 1 + 2 * 1e10)
    #expect(end.map { places[$0 + 1] - places[$0] } == 1, "\(places)")
  }
}
