import Capacity
import Testing

/// Specifications that together have every option.
extension OptionRangeTests {
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
      // Where no optimizer is named it is Adam.
      let optimizer = members.contains("optimizer") ? [:] : adam
      var all = ranges.merging(common) { own, _ in own }.merging(optimizer) { own, _ in own }
      // Where no strategy is named it is adaptive.
      if !members.contains("strategy") || members.contains("adaptive") {
        all.merge(adaptive) { own, _ in own }
      }
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
  static let mnistRanges = images.merging([
    "/dataset/name": names, initialSamples: .integer(1, 60_000), testSamples: .integer(0, 10_000),
  ]) { own, _ in own }
  static let initialSamples = "/search/initial_samples"
  static let testSamples = "/test/samples"
  static let names = Range.choice(
    "gaussian, prototypes, teacher, mnist, fashion_mnist, kmnist, cifar10, cifar100, covertype, adult, credit, "
      + "svhn, emnist, stl10, tiny_imagenet, higgs, letter, california_housing, medmnist; "
      + "or a data set that was added with emc datasets add or POST /v1/datasets"
  )

  static func data(
    _ name: String, _ dataset: String, _ samples: Int, test: Int? = nil, _ ranges: [String: Range]
  ) -> Document {
    Document(
      name, #""dataset": \#(dataset), "model": {"kind": "linear"}"#,
      ranges.merging([
        "/dataset/name": names, initialSamples: .integer(1, samples),
        testSamples: .integer(0, test ?? samples),
      ]) { own, _ in own })
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

  static func search(_ name: String, _ search: String, _ ranges: [String: Range]) -> Document {
    Document(name, #"\#(mnist), "search": \#(search)"#, mnistRanges.merging(ranges) { _, new in new })
  }
  private static let replicates: [String: Range] = ["/search/replicates": .integer(1, 10_000)]

  static let documents: [Document] = [
    search(
      "bisect", #"{"strategy": "bisect"}"#,
      replicates.merging(["/search/relative_tolerance": fraction]) { own, _ in own }),
    search(
      "increment by a factor", #"{"strategy": "increment"}"#,
      replicates.merging(["/search/factor": .number("above 1.0 to 1000.0", 1, 1000.5)]) { own, _ in own }),
    search(
      "increment by a step", #"{"strategy": "increment", "step": 5}"#,
      replicates.merging(["/search/step": .integer(1, 1_000_000_000)]) { own, _ in own }),
    search(
      "settle", #"{"strategy": "adaptive", "budget": {"kind": "settle", "max_steps": 80000}}"#,
      [
        "/search/budget/tolerance": .number("above 0.0 to 1.0", 0, 1.5),
        "/search/budget/max_steps": .integer(1, 1_000_000_000_000),
      ]),
    data(
      "gaussian", #"{"name": "gaussian", "dimensions": 20}"#, 20_000_000,
      features.merging([
        "/dataset/dimensions": width, "/dataset/classes": .integer(2, 100_000),
      ]) { _, new in new }),
    data(
      "prototypes", #"{"name": "prototypes"}"#, 20_000_000,
      images.merging([
        "/dataset/height": .integer(1, 1024), "/dataset/width": .integer(1, 1024),
        "/dataset/channels": .integer(1, 16), "/dataset/classes": .integer(2, 1000),
        "/dataset/difficulty": .number("from 0.0 to 1000.0", -1, 1000.5),
      ]) { _, new in new }),
    data(
      "teacher", #"{"name": "teacher"}"#, 20_000_000,
      features.merging([
        "/dataset/dimensions": .integer(1, 100_000), "/dataset/classes": .integer(2, 1000),
        "/dataset/hidden": .integer(1, 4096),
      ]) { _, new in new }),
    data(
      "cifar100", #"{"name": "cifar100"}"#, 50_000, test: 10_000,
      [
        "/dataset/labels": .choice("fine, coarse"),
        "/inputs/augmentation/crop_padding": .integer(0, 31),
      ]),
    data(
      "emnist", #"{"name": "emnist"}"#, 112_800, test: 18_800,
      images.merging([
        "/dataset/split": .choice("byclass, bymerge, balanced, letters, digits, mnist")
      ]) { _, new in new }),
    data(
      "california_housing", #"{"name": "california_housing"}"#, 20_640, test: 0,
      features.merging(["/dataset/classes": .integer(2, 100), "/dataset/test_fraction": fraction]) { $1 }),
    data(
      "credit", #"{"name": "credit"}"#, 30_000, test: 0,
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
        "/model/dropout": fraction, "/model/resolution": resolution,
      ]),
    model(
      "resnet", #"{"kind": "resnet", "stem": 2, "stages": [2]}"#,
      [
        "/model/stem": channels, "/model/stages/0": channels, "/model/blocks/0": .integer(1, 1000),
        "/model/activation": activation, "/model/resolution": resolution,
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
        "/model/dropout": fraction, "/model/resolution": resolution,
      ]),
    model("sequential", layers, layerRanges),
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
      "finish", #"{"finish": {"kind": "second_order"}}"#,
      ["/training/finish/evaluations": .integer(1, 1_000_000)]),
    training(
      "quantized", #"{"reparameterization": {"kind": "quantized", "bits": 9}}"#,
      ["/training/reparameterization/bits": .integer(1, 16)]),
  ]

  /// Every kind of layer that has options.
  private static let layers = #"""
    {"kind": "sequential", "layers": [
      {"kind": "convolution", "channels": 4, "kernel": 3}, {"kind": "max_pool", "size": 2},
      {"kind": "average_pool", "size": 2}, {"kind": "squeeze_excitation", "ratio": 2},
      {"kind": "residual", "shortcut": "identity", "layers": [{"kind": "dropout", "rate": 0.1}]},
      {"kind": "patch_embedding", "patch": 7, "width": 4}, {"kind": "attention", "heads": 2},
      {"kind": "mean_over_tokens"}, {"kind": "linear", "features": 5}]}
    """#

  private static let layerRanges: [String: Range] = {
    let (side, border) = (Range.integer(1, 1024), Range.integer(0, 512))
    let kinds = Range.choice(
      "convolution, linear, mean_over_tokens, first_token, max_pool, average_pool, global_average_pool, "
        + "batch_normalization, layer_normalization, dropout, residual, patch_embedding, attention, "
        + "squeeze_excitation, relu, leaky_relu, elu, silu, gelu, tanh, sigmoid, identity")
    let padding = Range(
      allowed: "same, valid or an integer from 0 to 1024",
      refused: [.string("none"), .integer(-1), .integer(1025), .number(1.5), .null])
    let options: [String: Range] = [
      "0/channels": channels, "0/kernel": side, "0/stride": side, "0/padding": padding, "0/groups": channels,
      "0/bias": .flag, "1/size": side, "1/stride": side, "1/padding": border, "2/size": side,
      "2/stride": side, "2/padding": border, "3/ratio": channels, "3/activation": activation,
      "4/shortcut": .choice("identity, projection"), "4/layers/0/kind": kinds, "4/layers/0/rate": fraction,
      "5/patch": side, "5/width": channels, "5/positions": .flag, "5/class_token": .flag, "6/heads": side,
      "8/features": width, "8/bias": .flag,
    ]
    let all = (0..<9).reduce(into: options) { $0["\($1)/kind"] = kinds }
    return Dictionary(uniqueKeysWithValues: all.map { ("/model/layers/\($0)", $1) })
  }()
}
