import Training

extension VerificationReport {
  /// The verdict with its numbers, as results show it: numbers that are not finite are null, what wasn't looked at is
  /// left out.
  package var json: JSONValue {
    var members: [String: JSONValue] = [
      "verdict": .string(verdict.rawValue),
      "evaluations": .integer(evaluations),
      "training_accuracy": .finite(trainingAccuracy),
      "decay": .finite(decay),
      "loss": .finite(loss),
      "relative_gradient_norm": .finite(relativeGradientNorm),
      "parameter_norm_ratio": .finite(parameterNormRatio),
    ]
    members["reason"] = reason.map(JSONValue.string)
    members["curvature"] = curvature?.json
    members["parameter_growth"] = parameterGrowth.map(JSONValue.finite)
    if !certificates.isEmpty { members["certificates"] = .array(certificates.map(\.json)) }
    return .object(members)
  }
}

extension KinkCertificate {
  var json: JSONValue {
    .object([
      "delta": .finite(delta), "relative_gradient_norm": .finite(relativeGradientNorm),
      "kinks": .integer(kinks), "exact": .bool(isExact),
    ])
  }
}
