import Capacity
import Testing

/// Options that are right in themselves and make no sense together, or with the data: refused with the place of the
/// one to change, what stands there and what would be right.
@Suite struct CombinationTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let members: String
    let pointer: String
    let value: String
    let allowed: String
    var testDescription: String { "\(pointer): \(members)" }

    init(_ members: String, _ pointer: String, _ value: String, allowed: String) {
      self.members = members
      self.pointer = pointer
      self.value = value
      self.allowed = allowed
    }
  }

  static let table = #""dataset": {"name": "gaussian", "dimensions": 20}"#
  static let digits = #""dataset": {"name": "mnist"}"#
  static let fits = "a model that fits the data"

  static func lbfgs(_ member: String, model: String = #"{"kind": "linear"}"#) -> String {
    #"\#(digits), "model": \#(model), "training": {"optimizer": {"kind": "lbfgs"}\#(member)}"#
  }
  static func normalized(_ training: String) -> String {
    #"\#(table), "model": {"kind": "mlp", "normalization": "batch"}, "training": \#(training)"#
  }
  static func image(_ kind: String) -> String { #"\#(table), "model": {"kind": "\#(kind)"}"# }

  static let cases: [Case] = [
    // Networks and data.
    Case(image("cnn"), "/model/kind", #""cnn""#, allowed: fits),
    Case(image("resnet"), "/model/kind", #""resnet""#, allowed: fits),
    Case(image("vit"), "/model/kind", #""vit""#, allowed: fits),
    Case(image("efficientnet"), "/model/kind", #""efficientnet""#, allowed: fits),
    Case(
      #"\#(digits), "model": {"kind": "vit", "width": 64, "heads": 5}"#, "/model/heads", "5", allowed: fits),
    Case(#"\#(digits), "model": {"kind": "vit", "patch": 5}"#, "/model/patch", "5", allowed: fits),
    // 28 halves to 1 in four pools.
    Case(
      #"\#(digits), "model": {"kind": "cnn", "channels": [2, 2, 2, 2, 2]}"#, "/model/channels",
      "[2,2,2,2,2]", allowed: fits),
    Case(
      #"\#(table), "model": {"kind": "linear"}, "inputs": {"kind": "shuffled_pixels"}"#, "/inputs/kind",
      #""shuffled_pixels""#, allowed: "original or gaussian"),
    Case(
      #"\#(table), "model": {"kind": "linear"}, "inputs": {"augmentation": {"horizontal_flip": true}}"#,
      "/inputs/augmentation", #"{"horizontal_flip":true}"#, allowed: "no augmentation"),
    // Batch norm needs a batch.
    Case(
      normalized(#"{"batch_size": 1}"#), "/training/batch_size", "1", allowed: "2 or more, or \"full\""),
    Case(
      #"\#(digits), "model": {"kind": "resnet"}, "training": {"batch_size": 1}"#, "/training/batch_size", "1",
      allowed: "2 or more, or \"full\""),
    Case(
      normalized(#"{"batch_size": 8, "shards": 5}"#), "/training/shards", "5",
      allowed: "an integer from 1 to 4, so that each part has two samples or more"),
    Case(
      #"\#(digits), "model": {"kind": "linear"}, "training": {"batch_size": 8, "shards": 9}"#,
      "/training/shards", "9", allowed: "an integer from 1 to the batch size, 8"),
    // A rate that rises to the end never is what was asked for.
    Case(
      #"\#(table), "model": {"kind": "linear"}, "training": {"max_steps": 100, "schedule": {"warmup_steps": 101}}"#,
      "/training/schedule/warmup_steps", "101",
      allowed: "an integer from 0 to 100, the steps of a probe (max_steps)"),
    // 20 · 2 + 2 parameters.
    Case(
      #"\#(table), "model": {"kind": "linear"}, "training": {"reparameterization": {"kind": "subspace", "dimension": 43}}"#,
      "/training/reparameterization/dimension", "43",
      allowed: "an integer from 1 to 42, the network's parameters"),
    // Optimizers.
    Case(
      #"\#(digits), "model": {"kind": "linear"}, "training": {"optimizer": {"kind": "sgd", "momentum": 0, "nesterov": true}}"#,
      "/training/optimizer/nesterov", "true", allowed: "false, or a momentum above 0"),
    Case(
      #"\#(digits), "model": {"kind": "linear"}, "training": {"optimizer": {"kind": "adam", "momentum": 0.5}}"#,
      "/training/optimizer/momentum", "0.5",
      allowed: "the members kind, beta1, beta2, epsilon, learning_rate"),
    Case(
      #"\#(digits), "model": {"kind": "linear"}, "training": {"optimizer": {"kind": "gradient_descent"}, "batch_size": 64}"#,
      "/training/batch_size", "64", allowed: "\"full\""),
    Case(lbfgs(#", "batch_size": 64"#), "/training/batch_size", "64", allowed: "\"full\""),
    Case(
      lbfgs(#", "schedule": {"kind": "cosine"}"#), "/training/schedule", #"{"kind":"cosine"}"#,
      allowed: "the kind constant without warm-up"),
    Case(
      lbfgs(#", "regularization": {"sharpness_radius": 0.05}"#),
      "/training/regularization/sharpness_radius", "0.05", allowed: "0"),
    Case(
      lbfgs(#", "regularization": {"gradient_clip": 1}"#), "/training/regularization/gradient_clip", "1",
      allowed: "0"),
    Case(
      lbfgs(#", "regularization": {"decoupled_weight_decay": 0.1}"#),
      "/training/regularization/decoupled_weight_decay", "0.1", allowed: "0"),
    Case(
      lbfgs("", model: #"{"kind": "mlp", "dropout": 0.5}"#), "/model/dropout", "0.5",
      allowed: "0, or another optimizer"),
    Case(
      lbfgs(#", "max_steps": 9}, "inputs": {"augmentation": {"crop_padding": 1}"#), "/inputs/augmentation",
      #"{"crop_padding":1,"horizontal_flip":false}"#, allowed: "none, or another optimizer"),
    // Augmentation that leaves nothing of an image.
    Case(
      #""dataset": {"name": "prototypes", "height": 12, "width": 6}, "model": {"kind": "linear"}, "inputs": {"augmentation": {"crop_padding": 6}}"#,
      "/inputs/augmentation/crop_padding", "6", allowed: "an integer from 0 to 5"),
  ]

  @Test(arguments: cases)
  func isRefused(item: Case) throws {
    do {
      _ = try MeasurementSpecification(json: JSONValue(parsing: "{\(item.members)}".utf8))
      Issue.record("accepted")
    } catch let error as SpecificationError {
      #expect(error.faults.count == 1, "\(error)")
      let fault = try #require(error.faults.first)
      #expect(fault.pointer == item.pointer)
      #expect(fault.value?.text() == item.value)
      #expect(fault.allowed == item.allowed)
      #expect(!fault.detail.isEmpty)
    }
  }
}
