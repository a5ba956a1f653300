import Compute
import Foundation
import Networks
import Testing
import Training

/// Softmax regression, whose gradient and Hessian have closed forms.
@Suite("Closed forms of softmax regression")
struct ConvexTests {
  private static let classes = 3
  private static let dimensions = 4
  private let data = Problems.gaussian(samples: 90, dimensions: dimensions, classes: classes)

  /// Weights (classes, dimensions), then biases, as the network has them.
  private func probabilities(_ theta: Buffer<Double>, sample: Int) -> [Double] {
    let d = Self.dimensions
    let logits = (0..<Self.classes).map { c in
      (0..<d).reduce(theta[Self.classes * d + c]) { $0 + theta[c * d + $1] * data.inputs[sample * d + $1] }
    }
    let top = logits.max()!
    let sum = logits.reduce(0) { $0 + exp($1 - top) }
    return logits.map { exp($0 - top) / sum }
  }

  /// The place of weight i of class c in θ; i = dimensions is the bias.
  private func place(_ c: Int, _ i: Int) -> Int {
    i < Self.dimensions ? c * Self.dimensions + i : Self.classes * Self.dimensions + c
  }

  private func input(_ sample: Int, _ i: Int) -> Double {
    i < Self.dimensions ? data.inputs[sample * Self.dimensions + i] : 1
  }

  private func trained(
    smoothing: Double, decay: Double
  ) throws -> (report: TrainingReport, variables: Buffer<Double>) {
    let trainer = try Trainer<Double>(
      architecture: .linear, trainingSet: data,
      procedure: .with {
        $0.optimizer = .lbfgs()
        $0.precision = .double
        $0.regularization.labelSmoothing = smoothing
        $0.regularization.coupledWeightDecay = decay
        $0.convergence.gradientNorm = 1e-8
        $0.convergence.lossWindow = 10
      }, key: Problems.key(data.count))
    return (try #require(trainer.run(shouldStop: { false })), trainer.variables)
  }

  @Test(
    "loss, gradient and Hessian at the minimum",
    arguments: [(0.0, 0.0), (0.1, 0.0), (0.0, 0.02), (0.2, 0.01)])
  func minimum(smoothing: Double, decay: Double) throws {
    let (report, theta) = try trained(smoothing: smoothing, decay: decay)
    #expect(report.outcome == .minimum)
    let n = Double(data.count)
    let size = theta.count
    var loss = 0.0
    var gradient = [Double](repeating: 0, count: size)
    let hessian = Buffer<Double>(count: size * size)
    for sample in 0..<data.count {
      let p = probabilities(theta, sample: sample)
      for c in 0..<Self.classes {
        let own = Int(data.labels[sample]) == c
        let target = (own ? 1 - smoothing : 0) + smoothing / Double(Self.classes)
        loss -= target * log(p[c]) / n
        for i in 0...Self.dimensions {
          gradient[place(c, i)] += (p[c] - target) * input(sample, i) / n
          for c2 in 0..<Self.classes {
            let curvature = (c == c2 ? p[c] : 0) - p[c] * p[c2]
            for j in 0...Self.dimensions {
              hessian[place(c, i) * size + place(c2, j)] +=
                curvature * input(sample, i) * input(sample, j) / n
            }
          }
        }
      }
    }
    for i in 0..<size {
      loss += decay / 2 * theta[i] * theta[i]
      gradient[i] += decay * theta[i]
      hessian[i * size + i] += decay
    }
    let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(report.loss - loss) <= 1e-12)
    #expect(abs(report.gradientNorm - norm) <= 1e-14)
    let eigenvalues = Buffer<Double>(count: size)
    #expect(Double.symmetricEigen(size, matrix: hessian.pointer, eigenvalues: eigenvalues.pointer))
    let curvature = try #require(report.curvature)
    #expect(abs(curvature.smallest - eigenvalues[0]) <= 1e-10)
    #expect(abs(curvature.largest - eigenvalues[size - 1]) <= 1e-10)
  }
}
