import Compute
import Training

extension Schedule {
  /// - Parameter usualWarmup: steps of warm-up where none are named. Full rates from the first step on kill units that never
  ///   come back, and with them capacity: an optimizer that steps on batches warms up over a twentieth of its guard, which
  ///   is recorded as a number, so that a run with a larger guard is the same run, longer.
  init(reading reader: ObjectReader, usualWarmup: Int) {
    let factor = NumberInterval.open(0, 1)
    let minimum = NumberInterval.closed(0, 1)
    let decay: Decay
    switch reader.kind(of: ["constant", "cosine", "step", "plateau"], default: "constant") {
    case "cosine":
      decay = .cosine(
        CosineDecay(
          period: reader.optionalInteger("period", in: 1...1_000_000_000),
          minimum: reader.number("minimum", minimum, default: CosineDecay().minimum)))
    case "step":
      let defaults = StepDecay()
      decay = .step(
        StepDecay(
          every: reader.optionalInteger("every", in: 1...1_000_000_000),
          factor: reader.number("factor", factor, default: defaults.factor),
          minimum: reader.number("minimum", minimum, default: defaults.minimum)))
    case "plateau":
      let defaults = PlateauDecay()
      decay = .plateau(
        PlateauDecay(
          factor: reader.number("factor", factor, default: defaults.factor),
          patience: reader.integer("patience", in: 1...1_000_000_000, default: defaults.patience),
          threshold: reader.number("threshold", .from(0, below: 1), default: defaults.threshold),
          minimum: reader.number("minimum", minimum, default: defaults.minimum)))
    default: decay = .constant
    }
    self.init(decay, warmupSteps: reader.integer("warmup_steps", in: 0...1_000_000_000, default: usualWarmup))
    reader.finish()
  }

  var json: JSONValue {
    var members: [String: JSONValue] = ["warmup_steps": .integer(warmupSteps)]
    switch decay {
    case .constant:
      members["kind"] = .string("constant")
    case .cosine(let cosine):
      members["kind"] = .string("cosine")
      members["period"] = .optional(cosine.period)
      members["minimum"] = .number(cosine.minimum)
    case .step(let step):
      members["kind"] = .string("step")
      members["every"] = .optional(step.every)
      members["factor"] = .number(step.factor)
      members["minimum"] = .number(step.minimum)
    case .plateau(let plateau):
      members["kind"] = .string("plateau")
      members["factor"] = .number(plateau.factor)
      members["patience"] = .integer(plateau.patience)
      members["threshold"] = .number(plateau.threshold)
      members["minimum"] = .number(plateau.minimum)
    }
    return .object(members)
  }
}
