import Training

extension TrainingReport {
  /// What was measured, as results show it: numbers that are not finite are null, checks that were not made are
  /// left out.
  var json: JSONValue {
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
    if rangeTestSteps > 0 { members["range_test_steps"] = .integer(rangeTestSteps) }
    if saddlesLeft > 0 { members["saddles_left"] = .integer(saddlesLeft) }
    members["curvature"] = curvature?.json
    members["finish"] = finish?.json
    return .object(members)
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
