import Compute
import Foundation
import Testing
import Training

/// Ten steps of every optimizer on f(w) = ½ wᵀA w + ¼ Σ w⁴ − bᵀw, in double precision, beside the values in
/// the golden folder: every file there that holds trajectories.
extension GoldenValues {
  @Test("optimizer trajectories to 1e-9 of the largest entry")
  func trajectories() throws {
    var cases = 0
    let folder = try FileManager.default.contentsOfDirectory(
      at: GoldenCase.directory, includingPropertiesForKeys: nil)
    for file in folder where file.pathExtension == "json" && GoldenTrajectories.areIn(file) {
      let golden = try JSONDecoder().decode(GoldenTrajectories.self, from: Data(contentsOf: file))
      for (name, trajectory) in golden.trajectories.sorted(by: { $0.key < $1.key }) {
        cases += 1
        let difference = golden.largestDifference(name, trajectory)
        #expect(difference <= 1e-9, "\(file.lastPathComponent): \(name)")
      }
    }
    print("golden optimizer trajectories: \(cases) cases")
    #expect(cases > 0)
  }
}

struct GoldenTensor: Decodable {
  let shape: [Int]
  let values: [Double]
}

struct GoldenTrajectory: Decodable {
  let settings: GoldenSettings
  let steps: [[Double]]

  enum CodingKeys: String, CodingKey {
    case settings
    case steps = "after_each_step"
  }
}

struct GoldenSettings: Decodable {
  let rate: Double
  let momentum: Double?
  let weightDecay: Double?
  let nesterov: Bool?
  let betas: [Double]?
  let adamEpsilon: Double?
  let shampooEpsilon: Double?
  let radius: Double?

  enum CodingKeys: String, CodingKey {
    case rate = "lr"
    case momentum, nesterov, betas
    case weightDecay = "weight_decay"
    case adamEpsilon = "eps"
    case shampooEpsilon = "epsilon"
    case radius = "rho"
  }

  /// The rule that these settings are for: only Adam has betas, only Shampoo its epsilon.
  var kind: OptimizerKind {
    if let betas { return .adam(beta1: betas[0], beta2: betas[1], epsilon: adamEpsilon ?? 1e-8) }
    if let shampooEpsilon { return .shampoo(epsilon: shampooEpsilon, refresh: 1) }
    return .sgd(momentum: momentum ?? 0, nesterov: nesterov ?? false)
  }

  func regularization(isDecoupled: Bool) -> Regularization {
    Regularization(
      coupledWeightDecay: isDecoupled ? 0 : weightDecay ?? 0,
      decoupledWeightDecay: isDecoupled ? weightDecay ?? 0 : 0, sharpnessRadius: radius ?? 0)
  }
}

struct GoldenTrajectories: Decodable {
  let matrix: GoldenTensor
  let vector: GoldenTensor
  let start: GoldenTensor
  let trajectories: [String: GoldenTrajectory]

  enum CodingKeys: String, CodingKey {
    case matrix = "A"
    case vector = "b"
    case start = "W0"
    case trajectories
  }

  /// Whether a file of the golden folder holds trajectories: any other is a network.
  static func areIn(_ file: URL) -> Bool {
    let object = try? JSONSerialization.jsonObject(with: Data(contentsOf: file))
    return (object as? [String: Any])?["trajectories"] != nil
  }

  /// f's gradient at w.
  func gradient(_ w: Buffer<Double>, into g: Buffer<Double>) {
    let n = w.count
    for i in 0..<n {
      var sum = w[i] * w[i] * w[i] - vector.values[i]
      for j in 0..<n { sum += matrix.values[i * n + j] * w[j] }
      g[i] = sum
    }
  }

  /// The largest difference from the recorded parameters over all steps, relative to the largest of them.
  func largestDifference(_ name: String, _ trajectory: GoldenTrajectory) -> Double {
    let parameters = Buffer(start.values)
    let gradient = Buffer<Double>(count: parameters.count)
    let settings = trajectory.settings
    let view = MatrixView(offset: 0, rows: start.shape[0], columns: start.shape[1])
    let rule = DescentRule(
      settings.kind.makeOptimizer(count: parameters.count, matrices: [view], as: Double.self),
      regularization: settings.regularization(isDecoupled: name.hasPrefix("adamw")), count: parameters.count)
    var largest = 0.0
    for expected in trajectory.steps {
      self.gradient(parameters, into: gradient)
      if rule.ascends {
        rule.ascend(parameters, gradient)
        self.gradient(parameters, into: gradient)
        rule.undoAscent(parameters)
      }
      _ = rule.addCoupledDecay(parameters, to: gradient)
      rule.descend(parameters, gradient, loss: 0, rate: settings.rate)
      let scale = expected.map(abs).max() ?? 1
      for (i, value) in expected.enumerated() { largest = max(largest, abs(parameters[i] - value) / scale) }
    }
    return largest
  }
}
