import Capacity
import Networks
import Testing
import Training

/// Lists of layers in specifications: what is refused and where, what `emc describe` shows, how they scale.
@Suite("Sequential specifications") struct SequentialSpecificationTests {
  private static let digits =
    #"{"name": "prototypes", "height": 28, "width": 28, "channels": 1, "classes": 10}"#

  private func admit(_ layers: String, dataset: String = digits) throws -> Admission {
    let text = #"{"dataset": \#(dataset), "model": {"kind": "sequential", "layers": [\#(layers)]}}"#
    return try Admission(json: JSONValue(parsing: text.utf8))
  }

  static let lenet = #"""
    {"kind": "convolution", "channels": 6, "kernel": 5}, {"kind": "tanh"}, {"kind": "average_pool", "size": 2},
    {"kind": "convolution", "channels": 16, "kernel": 5, "padding": "valid"}, {"kind": "tanh"},
    {"kind": "average_pool", "size": 2}, {"kind": "linear", "features": 120}, {"kind": "tanh"},
    {"kind": "linear", "features": 84}, {"kind": "tanh"}
    """#

  @Test func lenet5HasItsParametersAndEveryLayerARow() throws {
    let described = try admit(Self.lenet).footprint(samples: 100).json
    #expect(described["parameter_count"] == .integer(61_706))
    let rows = try #require(described["layers"]?.arrayValue)
    #expect(
      rows.map { $0["output"]?.arrayValue?.compactMap(\.integerValue) } == [
        [28, 28, 6], [28, 28, 6], [14, 14, 6], [10, 10, 16], [10, 10, 16], [5, 5, 16], [120], [120], [84],
        [84], [10],
      ])
    #expect(rows.compactMap { $0["name"]?.stringValue } == (0..<10).map { "layers.\($0)" } + ["output"])
    #expect(
      rows.compactMap { $0["parameters"]?.integerValue } == [
        156, 0, 0, 2416, 0, 0, 48_120, 0, 10_164, 0, 850,
      ])
    // 2 · places · patch · outputs of the convolutions, 2 · inputs · outputs of the linear layers.
    let products = [2 * 784 * 25 * 6, 2 * 100 * 150 * 16, 2 * 400 * 120, 2 * 120 * 84, 2 * 84 * 10]
    #expect(described["flops_per_sample"] == .integer(3 * products.reduce(0, +) - products[0]))
    #expect(try #require(described["memory"]?["peak"]?.integerValue) > 0)
  }

  @Test("a fused pooling shows both shapes")
  func rows() throws {
    let layers =
      #"{"kind": "convolution", "channels": 3, "kernel": 3}, {"kind": "relu"}, {"kind": "max_pool", "size": 2}"#
    let rows = try #require(try admit(layers).footprint(samples: 1).json["layers"]?.arrayValue)
    #expect(
      rows.compactMap { $0["kind"]?.stringValue } == ["convolution", "activation", "max pool", "linear"])
    #expect(rows[0]["output"] == .array([28, 28, 3].map(JSONValue.integer)))
    #expect(rows[2]["output"] == .array([14, 14, 3].map(JSONValue.integer)))
  }

  struct Refusal: Sendable {
    let layers: String
    let pointers: [String]
    var dataset = SequentialSpecificationTests.digits
  }

  static let refusals: [Refusal] = [
    Refusal(
      layers:
        #"{"kind": "max_pool", "size": 4}, {"kind": "convolution", "channels": 2, "kernel": 9, "padding": "valid"}"#,
      pointers: ["/model/layers/1/kernel"]),
    // Independent faults: the second's channels don't hang on the first's sides, nor the last's on either.
    Refusal(
      layers: #"""
        {"kind": "convolution", "channels": 6, "kernel": 99, "padding": 0},
        {"kind": "convolution", "channels": 8, "kernel": 3, "groups": 4}, {"kind": "max_pool", "size": 2, "padding": 2},
        {"kind": "global_average_pool"}, {"kind": "linear", "features": 10}, {"kind": "attention", "heads": 3}
        """#,
      pointers: [
        "/model/layers/0/kernel", "/model/layers/1/groups", "/model/layers/2/padding", "/model/layers/5/kind",
        "/model/layers/5/heads",
      ]),
    Refusal(
      layers:
        #"{"kind": "patch_embedding", "patch": 5, "width": 8}, {"kind": "attention", "heads": 3}, {"kind": "mean_over_tokens"}"#,
      pointers: ["/model/layers/0/patch", "/model/layers/1/heads"]),
    Refusal(
      layers: #"{"kind": "patch_embedding", "patch": 4, "width": 8}, {"kind": "layer_normalization"}"#,
      pointers: ["/model/layers/1"]),
    Refusal(
      layers: #"{"kind": "linear", "features": 4}, {"kind": "convolution", "channels": 2, "kernel": 1}"#,
      pointers: ["/model/layers/1/kind"]),
    Refusal(
      layers: #"""
        {"kind": "residual", "shortcut": "identity", "layers": [{"kind": "convolution", "channels": 2, "kernel": 3}]},
        {"kind": "residual", "layers": [{"kind": "convolution", "channels": 4, "kernel": 4, "groups": 3}]},
        {"kind": "residual", "layers": [{"kind": "convolution", "channels": 4, "kernel": 4}]},
        {"kind": "residual", "layers": [{"kind": "global_average_pool"}]}
        """#,
      pointers: [
        "/model/layers/0/shortcut", "/model/layers/1/layers/0/groups", "/model/layers/2/layers",
        "/model/layers/3/layers",
      ]),
    Refusal(layers: #"{"kind": "residual", "layers": []}"#, pointers: ["/model/layers/0/layers"]),
    Refusal(
      layers: #"{"kind": "convolution", "channels": 2, "kernel": 3}"#, pointers: ["/model/layers/0/kind"],
      dataset: #"{"name": "gaussian", "dimensions": 20}"#),
    // Options that can't be read leave a shape unknown, and what doesn't hang on it is still checked.
    Refusal(
      layers: #"""
        {"kind": "convolution", "channels": 0, "kernel": 3}, {"kind": "batch_norm"},
        {"kind": "convolution", "channels": 4, "kernel": 3, "groups": 3, "dilation": 2},
        {"kind": "linear", "features": 4}, {"kind": "max_pool", "size": 2}, {"kind": "dropout", "rate": 1}
        """#,
      pointers: [
        "/model/layers/0/channels", "/model/layers/1/kind", "/model/layers/2/groups",
        "/model/layers/2/dilation",
        "/model/layers/4/kind", "/model/layers/5/rate",
      ]),
  ]

  @Test(arguments: refusals.indices) func faultsNameTheirLayer(number: Int) throws {
    let item = Self.refusals[number]
    let error = try #require(throws: SpecificationError.self) {
      try admit(item.layers, dataset: item.dataset)
    }
    #expect(Set(error.faults.map(\.pointer)) == Set(item.pointers), "\(error)")
    for fault in error.faults {
      #expect(!fault.allowed.isEmpty && !fault.detail.isEmpty)
      #expect(fault.value != nil || fault.pointer.hasSuffix("/padding"), "\(fault.pointer)")
    }
  }

  @Test func tooManyLayersAndTooDeepOnesAreRefused() throws {
    let relu = #"{"kind": "relu"}"#
    let many = [String](repeating: relu, count: 1001).joined(separator: ",")
    let half = [String](repeating: relu, count: 501).joined(separator: ",")
    let deep = (0..<9).reduce(relu) { inner, _ in #"{"kind": "residual", "layers": [\#(inner)]}"# }
    for layers in [
      many, #"{"kind": "residual", "layers": [\#(half)]}, {"kind": "residual", "layers": [\#(half)]}"#, deep,
    ] {
      let error = try #require(throws: SpecificationError.self) { try admit(layers) }
      #expect(error.faults.contains { $0.pointer.hasPrefix("/model/layers") })
    }
    _ = try admit([String](repeating: relu, count: 1000).joined(separator: ","))
  }

  @Test func aLineSearchNeedsTheLayersWithoutDropout() throws {
    let layers = #"{"kind": "residual", "layers": [{"kind": "relu"}, {"kind": "dropout", "rate": 0.5}]}"#
    let text = #"""
      {"dataset": \#(Self.digits), "model": {"kind": "sequential", "layers": [\#(layers)]},
        "training": {"optimizer": {"kind": "lbfgs"}}}
      """#
    let error = try #require(throws: SpecificationError.self) {
      try Admission(json: JSONValue(parsing: text.utf8))
    }
    #expect(error.faults.map(\.pointer) == ["/model/layers/0/layers/1/rate"])
    #expect(error.faults.first?.value == .number(0.5))
  }

  private func scaled(_ layers: String, _ scaling: String) throws -> SequentialNetwork {
    let text = #"""
      {"dataset": \#(Self.digits), "model": {"kind": "sequential", "layers": [\#(layers)], "scaling": \#(scaling)}}
      """#
    let specification = try MeasurementSpecification(json: JSONValue(parsing: text.utf8))
    #expect(specification.json["model"]?["scaling"] == nil)
    #expect(try MeasurementSpecification(json: specification.json) == specification)
    return try specification.experiment.model.architecture.sequential()
  }

  @Test func widthScalesEveryCountAndKeepsGroupsAndHeads() throws {
    let layers = #"""
      {"kind": "convolution", "channels": 6, "kernel": 3}, {"kind": "convolution", "channels": 6, "kernel": 3, "groups": 6},
      {"kind": "convolution", "channels": 9, "kernel": 3, "groups": 3}, {"kind": "residual", "layers": [{"kind": "convolution", "channels": 9, "kernel": 1}]},
      {"kind": "patch_embedding", "patch": 4, "width": 12}, {"kind": "attention", "heads": 3}, {"kind": "mean_over_tokens"},
      {"kind": "linear", "features": 10}
      """#
    let kinds = try scaled(layers, #"{"rule": "width", "factor": 1.5}"#).layers.map(\.kind)
    #expect(
      kinds == [
        .convolution(ConvolutionOptions(channels: 9, kernel: 3)),
        .convolution(ConvolutionOptions(channels: 9, kernel: 3, groups: 9)),
        .convolution(ConvolutionOptions(channels: 15, kernel: 3, groups: 3)),
        .residual(
          layers: [LayerSpecification(.convolution(ConvolutionOptions(channels: 15, kernel: 1)))],
          shortcut: .automatic),
        .patchEmbedding(PatchOptions(patch: 4, width: 18)), .attention(heads: 3), .meanOverTokens,
        .linear(features: 15, bias: true),
      ])
    // 784-h-10 has 795 h + 10 parameters.
    let network = try scaled(
      #"{"kind": "linear", "features": 64}, {"kind": "relu"}"#, #"{"target_parameters": 12730}"#)
    #expect(network.layers[0].kind == .linear(features: 16, bias: true))
  }

  @Test(arguments: ["depth", "compound", "resnet_rs", "mlp", "all", "sovit"])
  func rulesWithoutMeaningSaySo(rule: String) throws {
    let error = try #require(throws: SpecificationError.self) {
      try scaled(Self.lenet, #"{"rule": "\#(rule)", "factor": 2}"#)
    }
    #expect(error.faults.map(\.pointer) == ["/model/scaling/rule"])
    #expect(error.faults.first?.detail.contains("has no meaning") == true)
  }

  @Test func anInputThatIsAddedHoldsTheWidth() throws {
    let layers =
      #"{"kind": "residual", "shortcut": "identity", "layers": [{"kind": "convolution", "channels": 1, "kernel": 3}]}"#
    let error = try #require(throws: SpecificationError.self) {
      try scaled(layers, #"{"rule": "width", "factor": 2}"#)
    }
    #expect(error.faults.map(\.pointer) == ["/model/scaling/factor"])
  }
}
