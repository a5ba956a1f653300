import Capacity

/// What options allow.
extension OptionRangeTests {
  /// What is allowed, and the nearest values that are not.
  struct Range: Sendable {
    let allowed: String
    let refused: [JSONValue]

    static func integer(_ low: Int, _ high: Int) -> Range {
      Range(
        allowed: "an integer from \(low) to \(high)",
        refused: [.integer(low - 1), .integer(high + 1), .number(Double(low) + 0.5), .string("\(low)")])
    }
    /// The text is the interval's own, so that open and closed ends are told apart.
    static func number(_ allowed: String, _ refused: Double...) -> Range {
      Range(allowed: "a number \(allowed)", refused: refused.map(JSONValue.number) + [.bool(true)])
    }
    static func choice(_ names: String) -> Range {
      Range(allowed: "one of \(names)", refused: [.string("other"), .string(""), .integer(1), .null])
    }
    static let flag = Range(allowed: "true or false", refused: [.integer(1), .string("true"), .null])
  }

  static let activation = Range.choice("relu, leaky_relu, elu, silu, gelu, tanh, sigmoid, identity")
  static let normalization = Range.choice("none, batch, layer")
  static let width = Range.integer(1, 1_000_000)
  static let channels = Range.integer(1, 65_536)
  static let fraction = Range.number("from 0.0 and below 1.0", -1e-9, 1)
  static let betweenZeroAndOne = Range.number("above 0.0 and below 1.0", 0, 1)
  static let zeroToOne = Range.number("from 0.0 to 1.0", -1e-9, 1.000_001)
  static let resolution = Range.number("from 0.0625 to 16.0", 0.06, 16.1)
  static let anySize = Range.number("from 0.0 to 1000000.0", -1e-9, 1_000_001)
  static let longRun = Range.integer(1, 1_000_000_000)

  /// What every specification has.
  static let common: [String: Range] = [
    "/seed": .integer(0, 1 << 53 - 1),
    "/classes/kind": .choice("original, merged, one_against_rest"),
    "/labels/kind": .choice("original, random, corrupted, shuffled"),
    "/inputs/kind": .choice("original, gaussian, shuffled_pixels, random_pixels"),
    "/inputs/standardization": .choice("whole_split, subset, none"),
    "/inputs/augmentation/horizontal_flip": .flag,
    "/subset/sampling": .choice("uniform, balanced"),
    "/subset/nested": .flag,
    "/search/strategy": .choice("adaptive, bisect, increment, grid"),
    "/search/level": .number("from 0.5 to 0.999", 0.4, 1),
    "/search/budget/kind": .choice("fixed, settle"),
    "/search/verification/probes": .integer(0, 10_000),
    "/search/fit/training_error": fraction,
    "/model/kind": .choice("linear, mlp, cnn, resnet, vit, efficientnet, sequential"),
    "/model/initialization/scheme":
      .choice("pytorch, kaiming_normal, kaiming_uniform, xavier_normal, xavier_uniform"),
    "/model/initialization/zero_output": .flag,
    "/training/optimizer/kind": .choice("sgd, gradient_descent, adam, adamw, shampoo, lbfgs, muon"),
    "/training/optimizer/learning_rate": Range(
      allowed: "a number above 0.0 to 1000.0, or \"auto\"",
      refused: [.integer(0), .number(-0.1), .integer(1001), .string("fast"), .null]),
    "/training/batch_size": Range(
      allowed: "an integer from 1 to 1000000, or \"full\"",
      refused: [.integer(0), .integer(1_000_001), .number(1.5), .string("half"), .null]),
    "/training/last_batch": .choice("balanced, keep, drop"),
    "/training/schedule/kind": .choice("constant, cosine, step, plateau"),
    "/training/schedule/warmup_steps": .integer(0, 1_000_000_000),
    "/training/max_steps": longRun,
    "/training/regularization/weight_decay": anySize,
    "/training/regularization/decoupled_weight_decay": anySize,
    "/training/regularization/label_smoothing": fraction,
    "/training/regularization/sharpness_radius": anySize,
    "/training/regularization/gradient_clip": anySize,
    "/training/convergence/gradient_norm": betweenZeroAndOne,
    "/training/convergence/loss_window": width,
    "/training/convergence/loss_change": betweenZeroAndOne,
    "/training/convergence/negative_curvature": fraction,
    "/training/on_saddle": .choice("continue, stop"),
    "/training/finish/kind": .choice("none, second_order"),
    "/training/reparameterization/kind": .choice("none, subspace, quantized"),
    "/training/precision": .choice("single, double"),
    "/training/shards": .integer(1, 64),
  ]

  /// What an adaptive search has beside them.
  static let adaptive: [String: Range] = [
    "/search/relative_width": .number("above 0.0 to 10.0", 0, 10.5),
    "/search/max_probes": .integer(1, 100_000), "/search/probes_per_round": .integer(1, 1000),
  ]

  static let sgdRanges: [String: Range] = [
    "/training/optimizer/momentum": fraction, "/training/optimizer/nesterov": .flag,
  ]
  static let adam: [String: Range] = [
    "/training/optimizer/beta1": fraction, "/training/optimizer/beta2": fraction,
    "/training/optimizer/epsilon": .number("above 0.0 to 1.0", 0, 1.000_001),
  ]
}
