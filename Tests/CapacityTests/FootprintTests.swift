import Capacity
import Testing

/// What `emc describe` says, against counts by hand.
@Suite struct FootprintTests {
  private func describe(_ text: String, samples: Int = 1000) throws -> JSONValue {
    try Admission(json: JSONValue(parsing: text.utf8)).description(samples: samples)
  }

  private static let table = #""dataset": {"name": "gaussian", "dimensions": 784, "classes": 10}"#
  private static let images =
    #""dataset": {"name": "prototypes", "height": 32, "width": 32, "channels": 3, "classes": 10}"#

  private func layer(
    _ name: String, _ kind: String, _ output: [Int], parameters: Int, flops: Int
  ) -> JSONValue {
    .object([
      "name": .string(name), "kind": .string(kind), "output": .array(output.map(JSONValue.integer)),
      "parameters": .integer(parameters), "product_flops": .integer(flops),
    ])
  }

  @Test func aPerceptron() throws {
    let described = try describe(#"{\#(Self.table), "model": {"kind": "mlp", "hidden": [64, 64]}}"#)
    #expect(
      described["layers"]
        == .array([
          layer("fc.0", "linear", [64], parameters: 784 * 64 + 64, flops: 2 * 784 * 64),
          layer("fc.1", "linear", [64], parameters: 64 * 64 + 64, flops: 2 * 64 * 64),
          layer("fc.2", "linear", [10], parameters: 64 * 10 + 10, flops: 2 * 64 * 10),
        ]))
    #expect(described["parameter_count"] == .integer(55_050))
    // Forward, weights and inputs, but for the gradient of the data.
    #expect(
      described["flops_per_sample"] == .integer(3 * 2 * (784 * 64 + 64 * 64 + 64 * 10) - 2 * 784 * 64))
  }

  /// 0.09 / √784; what is given; none of a line search.
  @Test func theLearningRateIsTold() throws {
    let network = #"\#(Self.table), "model": {"kind": "linear"}"#
    #expect(try describe("{\(network)}")["learning_rate"] == .number(0.0032))
    for (optimizer, rate) in [
      (#"{"learning_rate": 0.1}"#, JSONValue.number(0.1)), (#"{"learning_rate": "auto"}"#, .string("auto")),
      (#"{"kind": "lbfgs"}"#, nil),
    ] {
      #expect(
        try describe(#"{\#(network), "training": {"optimizer": \#(optimizer)}}"#)["learning_rate"] == rate)
    }
  }

  @Test func aConvolutionalNetwork() throws {
    let described = try describe(
      #"{\#(Self.images), "model": {"kind": "cnn", "channels": [16, 32], "hidden": [64]}}"#)
    let products = [2 * 1024 * 27 * 16, 2 * 256 * 144 * 32, 2 * 2048 * 64, 2 * 64 * 10]
    #expect(
      described["layers"]
        == .array([
          layer("conv.0", "convolution", [16, 16, 16], parameters: 27 * 16 + 16, flops: products[0]),
          layer("conv.1", "convolution", [8, 8, 32], parameters: 144 * 32 + 32, flops: products[1]),
          layer("fc.0", "linear", [64], parameters: 2048 * 64 + 64, flops: products[2]),
          layer("fc.1", "linear", [10], parameters: 64 * 10 + 10, flops: products[3]),
        ]))
    #expect(described["flops_per_sample"] == .integer(3 * products.reduce(0, +) - products[0]))
  }

  @Test func aSubspaceHasItsDimensionAsParameters() throws {
    let described = try describe(
      #"{\#(Self.table), "model": {"kind": "linear"}, "training": {"reparameterization": {"kind": "subspace", "dimension": 9}}}"#
    )
    #expect(described["parameter_count"] == .integer(9))
    #expect(described["network_parameters"] == .integer(7850))
  }

  @Test(arguments: ["single", "double"])
  func memoryHoldsTheDataAndGrowsWithThem(precision: String) throws {
    let text =
      #"{\#(Self.table), "model": {"kind": "linear"}, "training": {"precision": "\#(precision)"}}"#
    func bytes(_ member: String, samples: Int) throws -> Int {
      try #require(try describe(text, samples: samples)["memory"]?[member]?.integerValue)
    }
    // In double precision the subset as it was drawn stays beside.
    let sample = 784 * (precision == "single" ? 4 : 12)
    // What sets samples apart, of which it isn't known yet how little that is: places and values, and one row that all share.
    let bytesOfNumber = precision == "single" ? 4 : 8
    let apart = (784 * 3 / 10 - 16) * (bytesOfNumber + 2)
    let data = try bytes("data", samples: 1000)
    #expect(data >= 1000 * (sample + apart) && data <= 1000 * (sample + apart + 48))
    #expect(try bytes("data", samples: 2000) == 2 * data - 784 * bytesOfNumber)
    let training = try bytes("training", samples: 1000)
    #expect(training > data)
    #expect(try bytes("peak", samples: 1000) > training)
  }
}
