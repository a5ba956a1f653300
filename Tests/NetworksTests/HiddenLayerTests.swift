import Compute
import Foundation
import Networks
import Testing

/// The outputs of hidden units that reports look at.
@Suite("Hidden layers")
struct HiddenLayerTests {
  private func workspace(_ architecture: Architecture, _ input: SampleShape) throws -> Workspace<Double> {
    try Network<Double>(architecture, input: input, classes: 3).makeWorkspace(capacity: 4)
  }

  @Test("are those behind a nonlinearity, under the names of the layer table")
  func names() throws {
    let image = SampleShape.image(height: 8, width: 8, channels: 2)
    func names(_ architecture: Architecture) throws -> [String] {
      try workspace(architecture, image).hiddenLayers.map(\.name)
    }
    #expect(try names(.linear).isEmpty)
    #expect(try names(.mlp(MultilayerPerceptron(hidden: [5, 4]))) == ["fc.0", "fc.1"])
    #expect(try names(.mlp(MultilayerPerceptron(hidden: [5], activation: .identity))).isEmpty)
    #expect(
      try names(.mlp(MultilayerPerceptron(hidden: [5, 4], normalization: .batch))) == ["norm.0", "norm.1"])
    for architecture in [
      Architecture.cnn(ConvolutionalNetwork(channels: [3, 4], hidden: [5])),
      .resnet(ResidualNetwork(stem: 3, stages: [3, 4], blocks: [1, 2])),
      .vit(VisionTransformer(patch: 4, width: 8, depth: 2, heads: 2)),
    ] {
      let found = try names(architecture)
      #expect(found.count >= 2 && Set(found).count == found.count, "\(found)")
    }
  }

  @Test("are told too where an activation ends the layers of a residual, or stands before its norm")
  func residuals() throws {
    let linear = SequentialCases.layers(SequentialCases.linear(6), .activation(.tanh))
    for shortcut in [Shortcut.identity, .projection] {
      let found = try workspace(
        SequentialCases.list(.residual(layers: linear, shortcut: shortcut)), .features(6)
      ).hiddenLayers
      #expect(found.map(\.name) == ["layers.0.0"] && found.map(\.activation) == [.tanh])
    }
    let normed = SequentialCases.layers(
      SequentialCases.convolution(4), .activation(.relu), .batchNormalization)
    let block = SequentialCases.list(
      .residual(layers: normed, shortcut: .automatic), .activation(.relu), .globalAveragePool)
    let image = SampleShape.image(height: 8, width: 8, channels: 2)
    #expect(try workspace(block, image).hiddenLayers.map(\.name) == ["layers.0.0", "layers.0"])
    // An activation by itself, inside a sum inside a sum.
    let inner = SequentialCases.layers(
      .residual(layers: SequentialCases.layers(.activation(.sigmoid)), shortcut: .identity),
      .activation(.relu))
    let nested = SequentialCases.list(.residual(layers: inner, shortcut: .identity))
    #expect(try workspace(nested, .features(6)).hiddenLayers.map(\.activation) == [.sigmoid, .relu])
  }

  /// Runs four samples of three features through a network as it starts.
  private func evaluated(_ workspace: Workspace<Double>) -> (
    parameters: Buffer<Double>, inputs: Buffer<Double>
  ) {
    let network = workspace.network
    let parameters = Buffer<Double>(count: network.parameterCount)
    network.initialize(parameters.pointer, seed: 1, samples: 4, replicate: 0)
    var stream = RandomStream(seed: 2, purpose: .inputs)
    let inputs = Buffer((0..<12).map { _ in stream.normal() })
    workspace.evaluate(
      parameters: parameters.pointer, inputs: inputs.pointer, labels: [0, 1, 2, 0], count: 4)
    return (parameters, inputs)
  }

  @Test("of a residual hold what was made before the sum")
  func residualValues() throws {
    let layers = SequentialCases.layers(SequentialCases.linear(3), .activation(.tanh))
    let workspace = try workspace(
      SequentialCases.list(.residual(layers: layers, shortcut: .identity)), .features(3))
    let network = workspace.network
    let (parameters, inputs) = evaluated(workspace)
    let weight = network.exportTensor(named: "layers.0.0.weight", from: parameters.pointer)
    let bias = network.exportTensor(named: "layers.0.0.bias", from: parameters.pointer)
    let output = workspace.output(of: try #require(workspace.hiddenLayers.first))
    for sample in 0..<4 {
      for unit in 0..<3 {
        let z = (0..<3).reduce(bias[unit]) { $0 + weight[unit * 3 + $1] * inputs[sample * 3 + $1] }
        let expected = (exp(2 * z) - 1) / (exp(2 * z) + 1)
        #expect(abs(output[sample * 3 + unit] - expected) < 1e-12)
      }
    }
  }

  @Test("hold σ(W x + b) after a pass, worked out here")
  func values() throws {
    let workspace = try workspace(.mlp(MultilayerPerceptron(hidden: [5])), .features(3))
    let network = workspace.network
    let (parameters, inputs) = evaluated(workspace)
    let weight = network.exportTensor(named: "fc.0.weight", from: parameters.pointer)
    let bias = network.exportTensor(named: "fc.0.bias", from: parameters.pointer)
    let layer = workspace.hiddenLayers[0]
    #expect(layer.units == 5 && layer.activation == .relu)
    var zeros = 0
    for sample in 0..<4 {
      for unit in 0..<5 {
        let z = (0..<3).reduce(bias[unit]) { $0 + weight[unit * 3 + $1] * inputs[sample * 3 + $1] }
        #expect(abs(workspace.output(of: layer)[sample * 5 + unit] - max(0, z)) < 1e-14)
        if z < 0 { zeros += 1 }
      }
    }
    #expect(zeros > 0)
  }
}
