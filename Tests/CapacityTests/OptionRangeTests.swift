import Capacity
import Testing

/// Every option of a specification, refused outside its range with its place, what stands there and what is allowed.
/// The options are found by walking filled-in specifications, so that a new one without a row here fails.
@Suite struct OptionRangeTests {
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
    "/search/strategy": .choice("bisect"),
    "/search/relative_tolerance": fraction,
    "/search/replicates": .integer(1, 1000),
    "/model/kind": .choice("linear, mlp, cnn, resnet, vit, efficientnet"),
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
    "/training/polish_steps": .integer(0, 1_000_000),
    "/training/reparameterization/kind": .choice("none, subspace, quantized"),
    "/training/precision": .choice("single, double"),
    "/training/shards": .integer(1, 64),
  ]

  /// A specification, and the ranges of the options that it has beside the common ones.
  struct Document: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let ranges: [String: Range]
    var testDescription: String { name }

    /// `members` come beside a data set and a model, unless they have their own.
    init(_ name: String, _ members: String, _ ranges: [String: Range]) {
      self.name = name
      text = "{\(members)}"
      // Where no optimizer is named it is SGD.
      let optimizer = members.contains("optimizer") ? [:] : sgdRanges
      var all = ranges.merging(common) { own, _ in own }.merging(optimizer) { own, _ in own }
      // A line search has no rate.
      if members.contains("lbfgs") { all["/training/optimizer/learning_rate"] = nil }
      self.ranges = all
    }
  }

  static let mnist = #""dataset": {"name": "mnist"}, "model": {"kind": "linear"}"#
  static let images: [String: Range] = ["/inputs/augmentation/crop_padding": .integer(0, 27)]
  static let features: [String: Range] = [
    "/inputs/augmentation/crop_padding": .integer(0, 64),
    "/inputs/kind": .choice("original, gaussian, shuffled_pixels, random_pixels"),
  ]
  static let mnistRanges = images.merging(["/dataset/name": names, initialSamples: .integer(1, 60_000)]) {
    own, _ in own
  }
  static let initialSamples = "/search/initial_samples"
  static let names = Range.choice(
    "gaussian, prototypes, teacher, mnist, fashion_mnist, kmnist, cifar10, cifar100, covertype, adult, credit; "
      + "or a data set that was added with emc datasets add or POST /v1/datasets"
  )

  static func data(_ name: String, _ dataset: String, _ samples: Int, _ ranges: [String: Range]) -> Document {
    Document(
      name, #""dataset": \#(dataset), "model": {"kind": "linear"}"#,
      ranges.merging(["/dataset/name": names, initialSamples: .integer(1, samples)]) { own, _ in own })
  }
  static func model(_ name: String, _ model: String, _ ranges: [String: Range]) -> Document {
    Document(
      name, #""dataset": {"name": "mnist"}, "model": \#(model)"#,
      mnistRanges.merging(ranges) { _, new in new })
  }
  static func training(_ name: String, _ training: String, _ ranges: [String: Range]) -> Document {
    Document(
      name, #"\#(mnist), "training": \#(training)"#, mnistRanges.merging(ranges) { _, new in new })
  }

  static let documents: [Document] = [
    data(
      "gaussian", #"{"name": "gaussian", "dimensions": 20}"#, 10_000_000,
      features.merging([
        "/dataset/dimensions": width, "/dataset/classes": .integer(2, 100_000),
      ]) { _, new in new }),
    data(
      "prototypes", #"{"name": "prototypes"}"#, (1 << 31) / 784,
      images.merging([
        "/dataset/height": .integer(1, 1024), "/dataset/width": .integer(1, 1024),
        "/dataset/channels": .integer(1, 16), "/dataset/classes": .integer(2, 1000),
        "/dataset/difficulty": .number("from 0.0 to 1000.0", -1, 1000.5),
      ]) { _, new in new }),
    data(
      "teacher", #"{"name": "teacher"}"#, 10_000_000,
      features.merging([
        "/dataset/dimensions": .integer(1, 100_000), "/dataset/classes": .integer(2, 1000),
        "/dataset/hidden": .integer(1, 4096),
      ]) { _, new in new }),
    data(
      "cifar100", #"{"name": "cifar100"}"#, 50_000,
      [
        "/dataset/labels": .choice("fine, coarse"),
        "/inputs/augmentation/crop_padding": .integer(0, 31),
      ]),
    data(
      "credit", #"{"name": "credit"}"#, 30_000,
      features.merging(["/dataset/test_fraction": fraction]) { _, new in new }),
    Document(
      "classes and labels",
      #"\#(mnist), "classes": {"kind": "merged", "count": 3}, "labels": {"kind": "corrupted", "fraction": 0.5}"#,
      mnistRanges.merging(["/classes/count": .integer(2, 10), "/labels/fraction": zeroToOne]) { $1 }),
    Document(
      "one class", #"\#(mnist), "classes": {"kind": "one_against_rest", "class": 3}, "name": "n""#,
      mnistRanges.merging([
        "/classes/class": .integer(0, 9),
        "/name": Range(
          allowed: "a string of 1 to 200 characters without NUL",
          refused: [
            .string(""), .string(String(repeating: "n", count: 201)), .string("a\0b"), .integer(1), .null,
          ]),
      ]) { $1 }),
    model(
      "mlp", #"{"kind": "mlp", "hidden": [4]}"#,
      [
        "/model/hidden/0": width, "/model/activation": activation, "/model/normalization": normalization,
        "/model/dropout": fraction,
      ]),
    model(
      "cnn", #"{"kind": "cnn", "channels": [2], "hidden": [4]}"#,
      [
        "/model/channels/0": channels, "/model/hidden/0": width, "/model/activation": activation,
        "/model/normalization": normalization, "/model/pooling": .choice("max, average"),
        "/model/dropout": fraction,
      ]),
    model(
      "resnet", #"{"kind": "resnet", "stem": 2, "stages": [2]}"#,
      [
        "/model/stem": channels, "/model/stages/0": channels, "/model/blocks/0": .integer(1, 1000),
        "/model/activation": activation,
      ]),
    model(
      "vit", #"{"kind": "vit", "width": 8, "depth": 1, "heads": 2}"#,
      [
        "/model/patch": .integer(1, 1024), "/model/width": channels, "/model/depth": .integer(1, 1024),
        "/model/heads": .integer(1, 1024), "/model/mlp_width": width, "/model/activation": activation,
        "/model/dropout": fraction,
      ]),
    model(
      "efficientnet", #"{"kind": "efficientnet", "stem": 2, "stages": [{"channels": 2}], "head": 2}"#,
      [
        "/model/stem": channels, "/model/stem_stride": .integer(1, 2), "/model/head": channels,
        "/model/stages/0/expansion": .integer(1, 64), "/model/stages/0/channels": channels,
        "/model/stages/0/repeats": .integer(1, 1000), "/model/stages/0/stride": .integer(1, 2),
        "/model/stages/0/kernel": .integer(1, 15), "/model/activation": activation,
        "/model/dropout": fraction,
      ]),
    training(
      "sgd", #"{"optimizer": {"kind": "sgd"}}"#, sgdRanges),
    training(
      "gradient_descent", #"{"optimizer": {"kind": "gradient_descent"}}"#,
      ["/training/batch_size": Range(allowed: "\"full\"", refused: [.integer(8), .string("half")])]),
    training("adam", #"{"optimizer": {"kind": "adam"}}"#, adam),
    training("adamw", #"{"optimizer": {"kind": "adamw"}}"#, adam),
    training(
      "shampoo", #"{"optimizer": {"kind": "shampoo"}}"#,
      [
        "/training/optimizer/epsilon": .number("above 0.0 to 1.0", 0, 1.000_001),
        "/training/optimizer/refresh": width, "/training/optimizer/largest_factor": .integer(1, 8192),
      ]),
    training(
      "lbfgs", #"{"optimizer": {"kind": "lbfgs"}}"#,
      [
        "/training/optimizer/history": .integer(1, 1000),
        "/training/batch_size": Range(allowed: "\"full\"", refused: [.integer(8), .string("half")]),
      ]),
    training(
      "muon", #"{"optimizer": {"kind": "muon"}}"#,
      [
        "/training/optimizer/momentum": fraction, "/training/optimizer/iterations": .integer(1, 20),
      ]),
    training(
      "cosine", #"{"schedule": {"kind": "cosine", "period": 5}}"#,
      ["/training/schedule/period": longRun, "/training/schedule/minimum": zeroToOne]),
    training(
      "step", #"{"schedule": {"kind": "step", "every": 5}}"#,
      [
        "/training/schedule/every": longRun, "/training/schedule/factor": betweenZeroAndOne,
        "/training/schedule/minimum": zeroToOne,
      ]),
    training(
      "plateau", #"{"schedule": {"kind": "plateau"}}"#,
      [
        "/training/schedule/factor": betweenZeroAndOne, "/training/schedule/patience": longRun,
        "/training/schedule/threshold": fraction, "/training/schedule/minimum": zeroToOne,
      ]),
    training(
      "subspace", #"{"reparameterization": {"kind": "subspace", "dimension": 9}}"#,
      ["/training/reparameterization/dimension": longRun]),
    training(
      "quantized", #"{"reparameterization": {"kind": "quantized", "bits": 9}}"#,
      ["/training/reparameterization/bits": .integer(1, 16)]),
  ]

  static let sgdRanges: [String: Range] = [
    "/training/optimizer/momentum": fraction, "/training/optimizer/nesterov": .flag,
  ]
  static let adam: [String: Range] = [
    "/training/optimizer/beta1": fraction, "/training/optimizer/beta2": fraction,
    "/training/optimizer/epsilon": .number("above 0.0 to 1.0", 0, 1.000_001),
  ]

  @Test(arguments: documents)
  func everyOptionIsRefusedOutsideItsRange(document: Document) throws {
    let filled = try MeasurementSpecification(json: JSONValue(parsing: document.text.utf8)).json
    let options = filled.leaves()
    #expect(Set(options) == Set(document.ranges.keys), "every option has a row here, and every row an option")
    for pointer in options {
      guard let range = document.ranges[pointer] else { continue }
      for value in range.refused {
        do {
          _ = try MeasurementSpecification(json: filled.replacing(pointer, with: value))
          Issue.record("\(pointer) is \(value.text()): accepted")
        } catch {
          let fault = error.faults.first { $0.pointer == pointer }
          #expect(fault?.value == value, "\(pointer): \(error)")
          #expect(fault?.allowed == range.allowed)
          #expect(fault?.detail.isEmpty == false)
        }
      }
    }
  }
}

extension JSONValue {
  /// The pointers of everything below that is neither an object nor an array.
  fileprivate func leaves(at pointer: String = "") -> [String] {
    switch self {
    case .object(let members):
      members.keys.sorted().flatMap { members[$0]?.leaves(at: "\(pointer)/\($0)") ?? [] }
    case .array(let elements):
      elements.enumerated().flatMap { $1.leaves(at: "\(pointer)/\($0)") }
    default: [pointer]
    }
  }

  /// The tree with another value at a pointer.
  fileprivate func replacing(_ pointer: String, with value: JSONValue) -> JSONValue {
    let parts = pointer.split(separator: "/", maxSplits: 1).map(String.init)
    guard let name = parts.first else { return value }
    let rest = parts.count > 1 ? "/\(parts[1])" : ""
    switch self {
    case .object(var members):
      members[name] = members[name]?.replacing(rest, with: value)
      return .object(members)
    case .array(var elements):
      guard let index = Int(name) else { preconditionFailure("\(pointer) is no index") }
      elements[index] = elements[index].replacing(rest, with: value)
      return .array(elements)
    default: preconditionFailure("nothing at \(pointer)")
    }
  }
}
