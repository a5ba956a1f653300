import Compute
import Foundation
import Networks
import Testing
import Training

@Suite("Verification of failures")
struct VerificationTests {
  /// A trainer whose steps are spent.
  private func spent<S: Scalar>(
    _ architecture: Architecture, _ data: TrainingSet<S>, replicate: Int = 0,
    _ change: (inout Procedure) -> Void = { _ in }
  ) throws -> (trainer: Trainer<S>, report: TrainingReport) {
    let procedure = Procedure.with {
      $0.learningRate = .fixed(0.05)
      $0.maxSteps = 200
      change(&$0)
    }
    let trainer = try Trainer<S>(
      architecture: architecture, trainingSet: data, procedure: procedure,
      key: Problems.key(data.count, replicate: replicate))
    return (trainer, try #require(trainer.run(shouldStop: { false })))
  }

  private func verdict<S: Scalar>(_ trainer: Trainer<S>) throws -> VerificationReport {
    try #require(trainer.verifyFailure(shouldStop: { false }))
  }

  /// The last column's sign says the class with a margin that plain descent can't see in so few steps.
  @Test("separable data are reachable, and the trainer stays as it is")
  func separable() throws {
    let data = Problems.separable(samples: 60, dimensions: 30)
    let (trainer, report) = try spent(.linear, data) {
      $0.learningRate = .fixed(1e-4)
      $0.maxSteps = 10
    }
    #expect(report.outcome == .budget)
    let before = trainer.variables.array
    let found = try verdict(trainer)
    #expect(found.verdict == .reachable)
    #expect(found.trainingAccuracy == 1)
    #expect(found.evaluations > 0)
    #expect(trainer.variables.array == before)
    // From the restored state, in a trainer of its own, the same.
    let fresh = try spent(.linear, data) {
      $0.learningRate = .fixed(1e-4)
      $0.maxSteps = 10
    }.trainer
    try fresh.restore(trainer.state())
    #expect(try verdict(fresh) == found)
  }

  /// Between minima, whose norm hardly grows as the decay falls, and data that are plainly separable: 9.6 % a decade.
  @Test("a norm that grows slowly is not at rest")
  func slowGrowth() throws {
    let data = Problems.gaussian(samples: 60, dimensions: 40, seed: 9)
    let (trainer, report) = try spent(.mlp(MultilayerPerceptron(hidden: [1])), data) {
      $0.learningRate = .fixed(0.02)
      $0.maxSteps = 60
    }
    #expect(report.outcome == .budget)
    let found = try verdict(trainer)
    #expect(found.verdict == .unbounded)
    #expect(try #require(found.parameterGrowth) > 1.05 && (try #require(found.parameterGrowth)) < 1.1)
  }

  /// Softmax regression with decay has one minimum. Newton's method with the Hessian written out finds it too.
  @Test("the minimum of a convex problem is the one that Newton's method finds")
  func convex() throws {
    let (dimensions, classes, decay) = (4, 3, 1e-3)
    let data = Problems.gaussian(samples: 90, dimensions: dimensions, classes: classes)
    let (trainer, report) = try spent(.linear, data) {
      $0.regularization.coupledWeightDecay = decay
      $0.maxSteps = 20
    }
    #expect(report.outcome == .budget)
    let found = try verdict(trainer)
    #expect(found.verdict == .minimum)
    #expect(found.decay == decay)
    #expect(found.relativeGradientNorm <= 1e-3)
    let curvature = try #require(found.curvature)
    #expect(curvature.converged && !curvature.isSaddle)
    #expect(abs(curvature.smallest - decay) < 1e-8)
    #expect(found.trainingAccuracy < 1)
    #expect(abs(found.loss - Self.newton(data, decay: decay)) < 1e-7)
  }

  /// min over θ of the mean cross-entropy of softmax regression + λ/2 ‖θ‖².
  private static func newton(_ data: TrainingSet<Double>, decay: Double) -> Double {
    let (d, k, n) = (data.shape.count + 1, data.classes, Double(data.count))
    var theta = [Double](repeating: 0, count: d * k)
    func x(_ sample: Int, _ i: Int) -> Double { i < d - 1 ? data.inputs[sample * (d - 1) + i] : 1 }
    var loss = 0.0
    for _ in 0..<30 {
      loss = theta.reduce(0) { $0 + decay / 2 * $1 * $1 }
      var gradient = theta.map { decay * $0 }
      let hessian = Buffer<Double>(count: d * k * d * k)
      for i in 0..<d * k { hessian[i * d * k + i] = decay }
      for sample in 0..<data.count {
        let logits = (0..<k).map { c in (0..<d).reduce(0) { $0 + theta[c * d + $1] * x(sample, $1) } }
        let top = logits.max()!
        let sum = logits.reduce(0) { $0 + exp($1 - top) }
        let p = logits.map { exp($0 - top) / sum }
        let own = Int(data.labels[sample])
        loss -= log(p[own]) / n
        for a in 0..<k {
          for i in 0..<d {
            gradient[a * d + i] += (p[a] - (a == own ? 1 : 0)) * x(sample, i) / n
            for b in 0..<k {
              for j in 0..<d {
                hessian[(a * d + i) * d * k + b * d + j] +=
                  p[a] * ((a == b ? 1 : 0) - p[b]) * x(sample, i) * x(sample, j) / n
              }
            }
          }
        }
      }
      let step = Buffer(gradient)
      guard Double.choleskyFactor(d * k, matrix: hessian.pointer) else { return .nan }
      Double.choleskySolve(d * k, factor: hessian.pointer, x: step.pointer)
      for i in 0..<d * k { theta[i] -= step[i] }
    }
    return loss
  }

  /// All but two samples can be told apart; those two are one point with both labels. The loss falls without end while
  /// the others are told apart ever more surely, so there is no minimum at a finite distance.
  @Test("data that are separable but for a contradiction have no minimum", arguments: [0, 1])
  func contradiction(replicate: Int) throws {
    let points = Problems.separable(samples: 40, dimensions: 6)
    for i in 0..<6 { points.inputs[i] = points.inputs[6 + i] }
    var labels = points.labels
    labels[0] = 1 - labels[1]
    let data = TrainingSet(inputs: points.inputs, labels: labels, shape: points.shape, classes: 2)
    for architecture in [
      Architecture.linear, .mlp(MultilayerPerceptron(hidden: [6], activation: .tanh)),
    ] {
      let (trainer, report) = try spent(architecture, data, replicate: replicate)
      #expect(report.outcome == .budget)
      let found = try verdict(trainer)
      #expect([.unbounded, .undecided].contains(found.verdict), "\(found)")
      if architecture == .linear { #expect(found.verdict == .unbounded, "\(found)") }
      #expect(found.trainingAccuracy < 1)
    }
  }

  @Test("stopped at any time it says nothing, and a second run says the same as an undisturbed one")
  func interrupted() throws {
    let data = Problems.gaussian(samples: 120, dimensions: 5)
    let (trainer, _) = try spent(.mlp(MultilayerPerceptron(hidden: [2])), data)
    let whole = try #require(trainer.verifyFailure(evaluations: 60, shouldStop: { false }))
    for patience in [0, 1, 30, 100, 150] {
      var polls = 0
      let stopped = trainer.verifyFailure(
        evaluations: 60,
        shouldStop: {
          polls += 1
          return polls > patience
        })
      #expect(stopped == nil)
    }
    #expect(trainer.verifyFailure(evaluations: 60, shouldStop: { false }) == whole)
  }

  @Test("quantized parameters can't be verified, and it says so")
  func quantized() throws {
    let data = Problems.gaussian(samples: 100, dimensions: 5)
    let (trainer, _) = try spent(.linear, data) { $0.reparameterization = .quantized(bits: 4) }
    let found = try verdict(trainer)
    #expect(found.verdict == .undecided)
    #expect(found.reason == "quantized parameters have no gradient to descend")
    #expect(found.evaluations == 0)
  }

  @Test("deeper kinks have no certificate, and it says so")
  func deep() throws {
    let data = Problems.gaussian(samples: 90, dimensions: 3)
    let (trainer, _) = try spent(.mlp(MultilayerPerceptron(hidden: [2, 2])), data) {
      $0.regularization.coupledWeightDecay = 1e-3
    }
    let found = try #require(trainer.verifyFailure(evaluations: 200, shouldStop: { false }))
    #expect(found.verdict == .undecided)
    #expect(found.reason == "no certificate is exact for kinks of more than one hidden layer")
    #expect(found.certificates.isEmpty)
  }
}
