/// What a failed probe shows of why it failed, with its numbers.
package enum Finding: Sendable, Hashable, Codable {
  /// Identical inputs with different labels were drawn: at least `unfittable` samples can't be fit together with the others.
  case conflictingDuplicates(groups: Int, unfittable: Int, samples: [Int])
  /// The training accuracy is not above what the most frequent label alone gives, by more than chance allows.
  case atChance(accuracy: Double, chance: Double)
  /// Steps threw training back (see `Setbacks`), or the Hessian's largest eigenvalue times the rate is beyond the limit of
  /// stability of gradient descent with momentum μ, 2 (1 + μ), or the loss has stopped falling though ‖g‖₂ / r, which is
  /// given then, is far from 0.
  case rateTooHigh(setbacks: Setbacks, sharpness: Sharpness?, relativeGradient: Double?)
  /// Units that are flat on every sample.
  case deadUnits([UnitCount])
  /// Units whose slope is below 1 % of its largest on nearly every sample; `share` of all outputs are there.
  case saturatedUnits(share: Double, [UnitCount])
  /// The loss rises at the end: its slope, and the lowest that it was.
  case lossRising(slope: Double, lowest: Double, lowestStep: Int)
  /// The loss still falls at the end: the slope of ln loss over ln steps.
  case lossStillFalling(slope: Double, standardError: Double)
  /// The loss neither falls nor rises at the end, and nothing else tells why it failed.
  case lossFlat(slope: Double, standardError: Double)
  /// Few samples are left: how many, and the hardest with their margins, own logit minus the largest other.
  case fewSamplesLeft(count: Int, [UnfitSample])
}

/// The Hessian's largest eigenvalue on a subsample, beside the rate.
package struct Sharpness: Sendable, Hashable, Codable {
  /// λ_max, a lower bound by few Lanczos steps.
  package var largestEigenvalue: Double
  /// The rate of the last step.
  package var learningRate: Double
  /// 2 (1 + μ)
  package var limit: Double

  /// Whether λ_max times the rate is beyond the limit.
  package var isUnstable: Bool { largestEigenvalue * learningRate > limit }
}

/// How many units of a layer something is true of.
package struct UnitCount: Sendable, Hashable, Codable {
  /// The layer's name.
  package var layer: String
  /// So many …
  package var count: Int
  /// … of all.
  package var units: Int
}

/// A sample that isn't fit.
package struct UnfitSample: Sendable, Hashable, Codable {
  /// Its position in the training set.
  package var sample: Int
  /// Its own logit minus the largest other.
  package var margin: Double
}
