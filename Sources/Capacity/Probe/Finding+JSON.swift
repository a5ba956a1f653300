import Training

/// What a failed probe can show of why it failed. The order is that of gravity: what stands first explains what follows.
package enum DiagnosisCode: String, Sendable, Hashable, CaseIterable {
  /// Identical inputs with different labels were drawn.
  case conflictingDuplicates = "conflicting_duplicates"
  /// The accuracy is that of the commonest label.
  case atChance = "at_chance"
  /// Steps threw training back, the rate is beyond the limit of stability, or the loss stopped falling far from a
  /// stationary point.
  case rateTooHigh = "rate_too_high"
  /// Units put out nothing on any sample.
  case deadUnits = "dead_units"
  /// Units have no slope left on nearly all samples.
  case saturatedUnits = "saturated_units"
  /// The loss rises.
  case lossRising = "loss_rising"
  /// The loss still falls.
  case lossStillFalling = "loss_still_falling"
  /// The loss doesn't change any more, and nothing else tells why.
  case lossFlat = "loss_flat"
  /// Only few samples are unfit.
  case fewSamplesLeft = "few_samples_left"
}

extension DiagnosisCode {
  /// The code of a finding as a report has it.
  init?(json: JSONValue) {
    guard let code = json["code"]?.stringValue else { return nil }
    self.init(rawValue: code)
  }
}

extension Finding {
  var code: DiagnosisCode {
    switch self {
    case .conflictingDuplicates: .conflictingDuplicates
    case .atChance: .atChance
    case .rateTooHigh: .rateTooHigh
    case .deadUnits: .deadUnits
    case .saturatedUnits: .saturatedUnits
    case .lossRising: .lossRising
    case .lossStillFalling: .lossStillFalling
    case .lossFlat: .lossFlat
    case .fewSamplesLeft: .fewSamplesLeft
    }
  }

  /// The code with its numbers.
  ///
  /// - Parameter indices: of each sample of the training set its index in the data set.
  func json(indices: [Int]) -> JSONValue {
    .object(numbers(indices).merging(["code": .string(code.rawValue)]) { $1 })
  }

  private func numbers(_ indices: [Int]) -> [String: JSONValue] {
    switch self {
    case .conflictingDuplicates(let groups, let unfittable, let samples):
      [
        "groups": .integer(groups), "unfittable": .integer(unfittable),
        "indices": .array(samples.map { .integer(indices[$0]) }),
      ]
    case .atChance(let accuracy, let chance):
      ["training_accuracy": .finite(accuracy), "chance": .finite(chance)]
    case .rateTooHigh(let setbacks, let sharpness, let gradient):
      numbers(setbacks).merging(sharpness.map(numbers) ?? [:]) { $1 }
        .merging(gradient.map { ["relative_gradient_norm": .finite($0)] } ?? [:]) { $1 }
    case .deadUnits(let layers):
      ["count": .integer(layers.reduce(0) { $0 + $1.count }), "layers": .array(layers.map(\.json))]
    case .saturatedUnits(let share, let layers):
      ["share": .finite(share), "layers": .array(layers.map(\.json))]
    case .lossRising(let slope, let lowest, let step):
      ["slope": .finite(slope), "lowest_loss": .finite(lowest), "lowest_step": .integer(step)]
    case .lossStillFalling(let slope, let error), .lossFlat(let slope, let error):
      ["slope": .finite(slope), "standard_error": .finite(error)]
    case .fewSamplesLeft(let count, let samples):
      [
        "count": .integer(count),
        "samples": .array(
          samples.map { .object(["index": .integer(indices[$0.sample]), "margin": .finite($0.margin)]) }),
      ]
    }
  }

  private func numbers(_ setbacks: Setbacks) -> [String: JSONValue] {
    var members: [String: JSONValue] = ["setbacks": .integer(setbacks.count)]
    if setbacks.count > 0 {
      members["largest_factor"] = .finite(setbacks.largestFactor)
      members["last_setback"] = .integer(setbacks.lastStep)
    }
    return members
  }

  private func numbers(_ sharpness: Sharpness) -> [String: JSONValue] {
    [
      "largest_eigenvalue": .finite(sharpness.largestEigenvalue),
      "learning_rate": .finite(sharpness.learningRate),
      "eigenvalue_times_rate": .finite(sharpness.largestEigenvalue * sharpness.learningRate),
      "limit": .finite(sharpness.limit),
    ]
  }
}

extension UnitCount {
  /// The layer, how many of its units, and how many it has.
  fileprivate var json: JSONValue {
    .object(["layer": .string(layer), "count": .integer(count), "units": .integer(units)])
  }
}
