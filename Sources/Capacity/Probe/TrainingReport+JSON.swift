import Foundation
import Training

extension TrainingReport {
  /// What was measured, as results show it: numbers that are not finite are null, checks that were not made are
  /// left out.
  ///
  /// - Parameter indices: of each sample of the training set its index in the data set.
  func json(indices: [Int]) -> JSONValue {
    var members: [String: JSONValue] = [
      "outcome": .string(outcome.rawValue),
      "checks": .array(checks.map(JSONValue.string)),
      "training_accuracy": .finite(trainingAccuracy),
      "loss": .finite(loss),
      "gradient_norm": .finite(gradientNorm),
      "relative_gradient_norm": .finite(relativeGradientNorm),
      "loss_change": lossChange.map(JSONValue.finite) ?? .null,
      "steps": .integer(steps),
      "epochs": .integer(epochs),
    ]
    members["reason"] = reason.map(JSONValue.string)
    members["learning_rate"] = learningRate.map(JSONValue.finite)
    if saddlesLeft > 0 { members["saddles_left"] = .integer(saddlesLeft) }
    members["curvature"] = curvature?.json
    members["finish"] = finish?.json
    members["drift"] = drift?.json
    members["reached"] = .array(reached.map(\.json))
    members["curve"] = curve.json
    if outcome != .fit { members["diagnosis"] = .array(findings.map { $0.json(indices: indices) }) }
    return .object(members)
  }
}

extension DriftReport {
  /// What the guard saw.
  var json: JSONValue {
    var members: [String: JSONValue] = ["growth": .finite(growth)]
    members["window_growth"] = windowGrowth.map(JSONValue.finite)
    members["saturated_share"] = saturatedShare.map(JSONValue.finite)
    return .object(members)
  }
}

extension ReachedLevel {
  /// The level and the steps.
  package var json: JSONValue {
    .object(["training_error": .number(trainingError), "steps": .integer(steps)])
  }

  /// Reads what `json` wrote.
  package init?(json: JSONValue) {
    guard let level = json["training_error"]?.doubleValue, let steps = json["steps"]?.integerValue else {
      return nil
    }
    self.init(trainingError: level, steps: steps)
  }
}

extension TrainingCurve {
  /// Its columns; losses to six significant digits.
  var json: JSONValue {
    .object([
      "steps": .array(steps.map(JSONValue.integer)),
      "loss": .array(loss.map { .finite($0.rounded(significantDigits: 6)) }),
      "training_accuracy": .array(accuracy.map { .finite($0.rounded(significantDigits: 6)) }),
    ])
  }
}

extension Double {
  /// The nearest number with so many decimal digits.
  func rounded(significantDigits digits: Int) -> Double {
    guard isFinite, self != 0 else { return self }
    return Double(String(format: "%.\(digits - 1)e", self)) ?? self
  }
}

extension CurvatureReport {
  /// The extreme eigenvalues with what they were found by.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "smallest_eigenvalue": .finite(smallest),
      "largest_eigenvalue": .finite(largest),
      "smallest_residual": .finite(smallestResidual),
      "largest_residual": .finite(largestResidual),
      "residual_tolerance": .finite(residualTolerance),
      "tolerance": .finite(tolerance),
      "lanczos_steps": .integer(steps),
      "converged": .bool(converged),
      "samples": .integer(samples),
    ]
    members["batch_partition"] = partition.map(JSONValue.integer)
    return .object(members)
  }
}

extension FinishReport {
  /// How the procedure's last stage ended.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "evaluations": .integer(evaluations),
      "training_accuracy": .finite(trainingAccuracy),
      "loss": .finite(loss),
      "relative_gradient_norm": .finite(relativeGradientNorm),
      "parameter_norm_ratio": .finite(parameterNormRatio),
    ]
    members["curvature"] = curvature?.json
    return .object(members)
  }
}
