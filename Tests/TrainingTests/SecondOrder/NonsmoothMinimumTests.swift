import Compute
import Foundation
import Networks
import Testing
import Training

/// One hidden unit on points of a line, whose best place for its kink is a sample.
@Suite("Minima at kinks")
struct NonsmoothMinimumTests {
  static let decay = 1e-2
  /// Labels contradict one another, so that nothing fits. The unit is better the further to the left its kink lies, but
  /// beyond 0 it reaches the one sample there, which is of the other class.
  static let points: [Double] = [-1, -1, -1, 0, 1, 1, 2, 2, 2, 2]
  static let labels: [Int32] = [0, 0, 1, 0, 1, 0, 1, 1, 1, 0]

  /// The least decayed loss of a unit w with its kink held at 0, and the loss's slopes by the unit's bias on either side.
  ///
  /// The second logit is above the first by d = C + V max(w x, 0). By the decay both are antisymmetric, so that
  /// ‖θ‖² = w² + (V² + C²) / 2, which is √2 u + C² / 2 at best for u = w V: a convex problem in C and u.
  private static func heldAtTheSample() -> (loss: Double, below: Double, above: Double) {
    let count = Double(points.count)
    var (c, u) = (0.0, 1.0)
    var loss = 0.0
    var residuals: [Double] = []
    for _ in 0..<30 {
      loss = decay / 2 * (2.0.squareRoot() * u + c * c / 2)
      var slopes = (decay * c / 2, decay / 2.0.squareRoot())
      var (cc, cu, uu) = (decay / 2, 0.0, 0.0)
      residuals = []
      for (x, label) in zip(points, labels) {
        let a = max(x, 0)
        let p = 1 / (1 + exp(-(c + u * a)))
        let residual = p - Double(label)
        residuals.append(residual)
        loss -= log(label == 1 ? p : 1 - p) / count
        slopes.0 += residual / count
        slopes.1 += residual * a / count
        let curvature = p * (1 - p) / count
        cc += curvature
        cu += curvature * a
        uu += curvature * a * a
      }
      let determinant = cc * uu - cu * cu
      c -= (uu * slopes.0 - cu * slopes.1) / determinant
      u -= (cc * slopes.1 - cu * slopes.0) / determinant
    }
    let output = (2.0.squareRoot() * u).squareRoot()
    func pull(_ isOn: (Double) -> Bool) -> Double {
      zip(points, residuals).reduce(0) { $0 + (isOn($1.0) ? output * $1.1 / count : 0) }
    }
    return (loss, pull { $0 > 0 }, pull { $0 >= 0 })
  }

  @Test(
    "a minimum where kinks meet is told from a point that isn't stationary",
    arguments: [[1.2, 0.3, -0.7, 0.7, 0.3, -0.3], [0.5, 1, -1, 1, 0, 0]])
  func verdict(start: [Double]) throws {
    let data = TrainingSet(
      inputs: Buffer(Self.points), labels: Self.labels, shape: .features(1), classes: 2)
    let trainer = try Trainer<Double>(
      architecture: .mlp(MultilayerPerceptron(hidden: [1])), trainingSet: data,
      procedure: .with {
        $0.learningRate = .fixed(1e-6)
        $0.maxSteps = 10
        $0.regularization.coupledWeightDecay = Self.decay
      }, key: Problems.key(data.count))
    trainer.start(from: Buffer(start))
    #expect(trainer.run(shouldStop: { false })?.outcome == .budget)
    let found = try #require(trainer.verifyFailure(shouldStop: { false }))
    #expect(found.verdict == .nonsmoothMinimum, "\(found)")
    #expect(found.reason == nil && found.curvature == nil)
    #expect(found.decay == Self.decay && found.trainingAccuracy == 0.7)

    // A kink indeed: the bias is pushed back from either side, so that no gradient vanishes.
    let held = Self.heldAtTheSample()
    #expect(held.below < -3e-3 && held.above > 2e-2)
    #expect(abs(found.loss - held.loss) < 1e-6)
    #expect(found.relativeGradientNorm > 3e-3)
    let exact = found.certificates.filter { $0.isExact && $0.kinks == 1 }
    #expect(!exact.isEmpty)
    for certificate in exact { #expect(certificate.relativeGradientNorm < 1e-3) }
  }

  /// A criterion that nothing meets, so that a certificate is looked for; the decay is so strong that nothing grows.
  @Test("where there is no certificate the reason says what stands in the way")
  func reasons() throws {
    let data = Problems.gaussian(samples: 90, dimensions: 3)
    func reason(
      _ kinds: [LayerKind], _ reparameterization: Reparameterization = .none
    ) throws -> String? {
      let trainer = try Trainer<Double>(
        architecture: .sequential(SequentialNetwork(kinds.map { LayerSpecification($0) })),
        trainingSet: data,
        procedure: .with {
          $0.learningRate = .fixed(0.05)
          $0.maxSteps = 200
          $0.regularization.coupledWeightDecay = 0.1
          $0.convergence.gradientNorm = 1e-30
          $0.reparameterization = reparameterization
        }, key: Problems.key(data.count))
      _ = trainer.run(shouldStop: { false })
      return try #require(trainer.verifyFailure(evaluations: 150, shouldStop: { false })).reason
    }
    let hidden = [LayerKind.linear(features: 2, bias: true), .activation(.relu)]
    #expect(
      try reason(hidden, .subspace(dimension: 8)) == KinkCertifier.Refusal.subspace.description)
    #expect(
      try reason([.linear(features: 2, bias: false), .activation(.relu)])
        == KinkCertifier.Refusal.noBias.description)
  }
}
