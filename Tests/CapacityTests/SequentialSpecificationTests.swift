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

  private func tableRows(_ layers: String) throws -> [(name: String, output: [Int])] {
    let rows = try #require(try admit(layers).footprint(samples: 1).json["layers"]?.arrayValue)
    return rows.map {
      ($0["name"]?.stringValue ?? "", $0["output"]?.arrayValue?.compactMap(\.integerValue) ?? [])
    }
  }

  @Test("rows of squeeze-and-excitation are called by its place, that of the weighting too")
  func squeezeRows() throws {
    let rows = try tableRows(
      #"{"kind": "convolution", "channels": 8, "kernel": 3}, {"kind": "squeeze_excitation", "ratio": 4}"#)
    #expect(
      rows.map { $0.name } == [
        "layers.0", "layers.1.pool", "layers.1.fc1", "layers.1.fc2", "layers.1", "output",
      ])
    #expect(rows.map { $0.output } == [[28, 28, 8], [8], [2], [8], [28, 28, 8], [10]])
  }

  /// What only the first token is needed of is computed of the first alone; the list says otherwise.
  @Test("tokens are shown with their channels, all that the list has")
  func tokenRows() throws {
    func layers(_ last: String) -> String {
      #"""
      {"kind": "patch_embedding", "patch": 14, "width": 4, "class_token": true}, {"kind": "attention", "heads": 2},
      {"kind": "residual", "layers": [{"kind": "layer_normalization"}, {"kind": "linear", "features": 4}]},
      {"kind": "gelu"}, {"kind": "\#(last)"}, {"kind": "linear", "features": 6}
      """#
    }
    let first = try tableRows(layers("first_token"))
    #expect(
      first.map { $0.name } == [
        "layers.0", "layers.1.qkv", "layers.1.proj", "layers.2.0", "layers.2.1", "layers.3", "layers.4",
        "layers.5", "output",
      ])
    #expect(
      first.map { $0.output } == [[5, 4], [5, 4], [5, 4], [5, 4], [5, 4], [5, 4], [4], [6], [10]])
    let mean = try tableRows(layers("mean_over_tokens"))
    #expect(mean.map { $0.name } == first.map { $0.name })
    #expect(mean.map { $0.output } == first.map { $0.output })
  }

  @Test(
    "a residual of which no layer does anything is x + x, or x + a projection",
    arguments: [("", 27), (#", "shortcut": "identity""#, 27), (#", "shortcut": "projection""#, 99)])
  func residualOfNothing(shortcut: String, parameters: Int) throws {
    let nothing = #"{"kind": "residual", "layers": [{"kind": "dropout", "rate": 0}]\#(shortcut)}"#
    let table = #"{"name": "gaussian", "dimensions": 8, "classes": 3}"#
    let described = try admit(nothing, dataset: table).footprint(samples: 100).json
    #expect(described["parameter_count"] == .integer(parameters))
    #expect(described["layers"]?.arrayValue?.last?["output"] == .array([.integer(3)]))
  }

  /// A layer of each kind on samples that it takes.
  private static let smallest = [
    "convolution": #"{"kind": "convolution", "channels": 2, "kernel": 1}"#,
    "max_pool": #"{"kind": "max_pool", "size": 2}"#, "average_pool": #"{"kind": "average_pool", "size": 2}"#,
    "patch_embedding": #"{"kind": "patch_embedding", "patch": 7, "width": 4}"#,
    "squeeze_excitation": #"{"kind": "squeeze_excitation", "ratio": 1}"#,
    "attention": #"{"kind": "attention", "heads": 1}"#, "linear": #"{"kind": "linear", "features": 3}"#,
    "dropout": #"{"kind": "dropout", "rate": 0.5}"#,
    "residual": #"{"kind": "residual", "layers": [{"kind": "tanh"}]}"#,
  ]

  private static let table = #"{"name": "gaussian", "dimensions": 8}"#
  private static let tokens = #"{"kind": "patch_embedding", "patch": 14, "width": 4}, "#

  @Test(
    "a layer in the wrong place is told of all kinds that would go there, and each does",
    arguments: [
      ("", table, ["convolution", "max_pool", "patch_embedding", "attention", "first_token"], 6),
      ("", digits, ["attention", "mean_over_tokens"], 12),
      (tokens, digits, ["convolution", "average_pool", "squeeze_excitation"], 9),
    ])
  func remedies(before: String, dataset: String, wrong: [String], count: Int) throws {
    func layer(_ kind: String) -> String { Self.smallest[kind] ?? #"{"kind": "\#(kind)"}"# }
    for kind in wrong {
      let error = try #require(throws: SpecificationError.self) {
        try admit(before + layer(kind), dataset: dataset)
      }
      let fault = try #require(error.faults.first { $0.pointer.hasSuffix("/kind") })
      let named = try #require(fault.allowed.split(separator: ", which take").first)
      let kinds = named.replacing(" or an activation", with: ", relu").split(separator: ", ").map(String.init)
      #expect(kinds.count == count, "\(fault.allowed)")
      for kind in kinds {
        let leavesTokens =
          kind == "patch_embedding" || !before.isEmpty && kind != "mean_over_tokens" && kind != "first_token"
        let end = leavesTokens ? #", {"kind": "mean_over_tokens"}"# : ""
        #expect(throws: Never.self, "\(kind)") {
          try admit(before + layer(kind) + end, dataset: dataset)
        }
      }
    }
  }

  @Test("a member that isn't known is told of all that are")
  func unknownMembers() throws {
    for scaling in ["", #", "scaling": {"target_parameters": 9000}"#] {
      let text = #"""
        {"dataset": \#(Self.digits), "model": {"kind": "sequential", "width": 3\#(scaling),
          "layers": [{"kind": "residual", "depth": 2, "layers": [{"kind": "relu"}]}, {"kind": "linear", "features": 64}]}}
        """#
      let error = try #require(throws: SpecificationError.self) {
        try Admission(json: JSONValue(parsing: text.utf8))
      }
      let allowed = Dictionary(error.faults.map { ($0.pointer, $0.allowed) }) { first, _ in first }
      #expect(allowed["/model/width"] == "the members kind, layers, initialization, scaling")
      #expect(allowed["/model/layers/0/depth"] == "the members kind, layers, shortcut")
    }
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
