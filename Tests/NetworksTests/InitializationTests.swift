import Compute
import Networks
import Testing

/// Every scheme's first values against the published formulas: ranges, moments and the shape of the distribution.
@Suite struct InitializationTests {
  /// A weight with its fans, counted by hand from what the layer does.
  struct Weight: Sendable, CustomTestStringConvertible {
    let architecture: Architecture
    let input: SampleShape
    let name: String
    /// Products that are summed in one output.
    let fanIn: Int
    /// Products that one input takes part in.
    let fanOut: Int
    var testDescription: String { name }
  }

  static let convolutional = Architecture.cnn(ConvolutionalNetwork(channels: [40, 48], hidden: [64]))
  static let transformer = Architecture.vit(
    VisionTransformer(patch: 4, width: 48, depth: 1, heads: 4, mlpWidth: 96))
  static let efficient = Architecture.efficientnet(
    EfficientNetwork(
      stem: 32,
      stages: [.init(expansion: 6, channels: 4, repeats: 1, kernel: 5)], head: 4))
  static let image = SampleShape.image(height: 8, width: 8, channels: 3)

  static let weights: [Weight] = [
    Weight(
      architecture: .mlp(MultilayerPerceptron(hidden: [80])), input: .features(120), name: "fc.0.weight",
      fanIn: 120, fanOut: 80),
    // 3 × 3 windows over 40 channels; an inner pixel is seen by nine places of 48 channels.
    Weight(
      architecture: convolutional, input: image, name: "conv.1.weight", fanIn: 9 * 40, fanOut: 9 * 48),
    // A linear layer on the flattened 2 × 2 image of 48 channels.
    Weight(architecture: convolutional, input: image, name: "fc.0.weight", fanIn: 4 * 48, fanOut: 64),
    // Each channel of a depthwise convolution has its own 5 × 5 window and no other input.
    Weight(
      architecture: efficient, input: image, name: "blocks.0.depthwise.weight", fanIn: 25, fanOut: 25),
    Weight(
      architecture: efficient, input: image, name: "blocks.0.expand.weight", fanIn: 32, fanOut: 192),
    // Patches don't overlap: a pixel is in one patch, which is a linear layer's input.
    Weight(architecture: transformer, input: image, name: "patch.weight", fanIn: 3 * 16, fanOut: 48),
    // Queries, keys and values are one layer of 3 · 48 outputs, as in PyTorch.
    Weight(
      architecture: transformer, input: image, name: "blocks.0.qkv.weight", fanIn: 48, fanOut: 144),
    Weight(architecture: transformer, input: image, name: "blocks.0.fc2.weight", fanIn: 96, fanOut: 48),
  ]

  /// What a scheme says of one tensor.
  enum Law {
    case uniform(bound: Double)
    case normal(deviation: Double)
  }

  static func law(_ scheme: Initialization.Scheme, _ weight: Weight) -> Law {
    let inputs = Double(weight.fanIn)
    let outputs = Double(weight.fanOut)
    return switch scheme {
    // kaiming_uniform_(a = √5): gain √(2/(1 + 5)) times √(3/fanIn).
    case .pytorch: .uniform(bound: (2.0 / 6).squareRoot() * (3 / inputs).squareRoot())
    // Gain √2 for ReLU.
    case .kaimingNormal: .normal(deviation: 2.0.squareRoot() / inputs.squareRoot())
    case .kaimingUniform: .uniform(bound: 2.0.squareRoot() * (3 / inputs).squareRoot())
    case .xavierNormal: .normal(deviation: (2 / (inputs + outputs)).squareRoot())
    case .xavierUniform: .uniform(bound: (6 / (inputs + outputs)).squareRoot())
    }
  }

  /// The first values of a tensor over enough replicates for 20,000 numbers.
  static func values(
    _ architecture: Architecture, _ input: SampleShape, _ name: String, _ initialization: Initialization,
    atLeast: Int = 20_000
  ) throws -> [Double] {
    let network = try Network<Double>(architecture, input: input, classes: 10)
    let parameters = Buffer<Double>(count: network.parameterCount)
    var result: [Double] = []
    result.reserveCapacity(2 * atLeast)
    var replicate = 0
    while result.count < atLeast {
      network.initialize(parameters.pointer, initialization, seed: 3, samples: 10, replicate: replicate)
      result += network.exportTensor(named: name, from: parameters.pointer)
      replicate += 1
    }
    return result
  }

  static func mean(_ values: [Double], power: Int) -> Double {
    var sum = 0.0
    for x in values { sum += power == 1 ? x : power == 2 ? x * x : x * x * x * x }
    return sum / Double(values.count)
  }

  @Test(arguments: Initialization.Scheme.allCases, weights)
  func moments(scheme: Initialization.Scheme, weight: Weight) throws {
    let values = try Self.values(
      weight.architecture, weight.input, weight.name, Initialization(scheme: scheme))
    let root = Double(values.count).squareRoot()
    let (second, fourth) = (Self.mean(values, power: 2), Self.mean(values, power: 4))
    let largest = values.map(abs).max() ?? 0
    let (variance, spread, kurtosis): (Double, Double, Double)
    switch Self.law(scheme, weight) {
    case .uniform(let bound):
      #expect(largest <= bound && largest > 0.998 * bound)
      // E x² = b²/3, whose sample mean spreads by √(4/45) b²/√n; E x⁴ = b⁴/5.
      (variance, spread, kurtosis) = (bound * bound / 3, (4.0 / 45).squareRoot() * 3, 9.0 / 5)
    case .normal(let deviation):
      #expect(largest > 3.5 * deviation && largest < 6 * deviation)
      (variance, spread, kurtosis) = (deviation * deviation, 2.0.squareRoot(), 3)
    }
    #expect(abs(Self.mean(values, power: 1)) < 5 * variance.squareRoot() / root)
    #expect(abs(second / variance - 1) < 5 * spread / root)
    #expect(abs(fourth / (second * second) - kurtosis) < 0.25)
  }

  @Test(arguments: Initialization.Scheme.allCases)
  func biases(scheme: Initialization.Scheme) throws {
    for (architecture, name, fanIn) in [
      (Self.convolutional, "conv.1.bias", 360), (Self.convolutional, "fc.0.bias", 192),
      (Self.transformer, "blocks.0.qkv.bias", 48), (Self.transformer, "patch.bias", 48),
      (Self.efficient, "blocks.0.se.fc1.bias", 192),
    ] {
      let values = try Self.values(
        architecture, Self.image, name, Initialization(scheme: scheme), atLeast: 1000)
      if scheme == .pytorch {
        let bound = 1 / Double(fanIn).squareRoot()
        let largest = values.map(abs).max() ?? 0
        #expect(largest <= bound && largest > 0.95 * bound, "\(name)")
        #expect(abs(Self.mean(values, power: 2) * 3 / (bound * bound) - 1) < 0.15, "\(name)")
      } else {
        #expect(values.allSatisfy { $0 == 0 }, "\(name)")
      }
    }
  }

  /// Scales start at 1, shifts at 0 and a transformer's class token and positions with deviation 0.02, whatever
  /// the scheme.
  @Test(arguments: Initialization.Scheme.allCases)
  func whatNoSchemeChanges(scheme: Initialization.Scheme) throws {
    let initialization = Initialization(scheme: scheme)
    for (architecture, name) in [(Self.efficient, "bn"), (Self.transformer, "blocks.0.ln1")] {
      let scales = try Self.values(architecture, Self.image, "\(name).weight", initialization, atLeast: 1)
      let shifts = try Self.values(architecture, Self.image, "\(name).bias", initialization, atLeast: 1)
      #expect(scales.allSatisfy { $0 == 1 } && shifts.allSatisfy { $0 == 0 })
    }
    for name in ["cls", "pos"] {
      let values = try Self.values(Self.transformer, Self.image, name, initialization, atLeast: 2000)
      #expect(abs(Self.mean(values, power: 2).squareRoot() - 0.02) < 0.002)
    }
  }

  /// With `zeroOutput` every class starts equally likely, and nothing but the last layer is changed.
  @Test(arguments: Initialization.Scheme.allCases)
  func zeroOutput(scheme: Initialization.Scheme) throws {
    for (architecture, last) in [
      (Architecture.linear, "fc.0"), (Self.convolutional, "fc.1"), (Self.transformer, "head"),
      (Self.efficient, "fc"), (.resnet(ResidualNetwork(stem: 4, stages: [4])), "fc"),
    ] {
      let network = try Network<Float>(architecture, input: Self.image, classes: 10)
      let zero = Buffer<Float>(count: network.parameterCount)
      let plain = zero.copy()
      network.initialize(
        zero.pointer, Initialization(scheme: scheme, zeroOutput: true), seed: 1, samples: 2, replicate: 0)
      network.initialize(plain.pointer, Initialization(scheme: scheme), seed: 1, samples: 2, replicate: 0)
      for tensor in network.tensors {
        let values = network.exportTensor(named: tensor.name, from: zero.pointer)
        if tensor.name.hasPrefix("\(last).") {
          #expect(values.allSatisfy { $0 == 0 }, "\(tensor.name)")
        } else {
          #expect(values == network.exportTensor(named: tensor.name, from: plain.pointer), "\(tensor.name)")
        }
      }
      let workspace = network.makeWorkspace(capacity: 2)
      let inputs = Buffer<Float>((0..<2 * network.input.count).map { Float($0 % 7) - 3 })
      workspace.evaluate(
        parameters: zero.pointer, inputs: inputs.pointer, labels: [0, 1], count: 2, mode: .training)
      #expect(workspace.logits.array.allSatisfy { $0 == 0 })
    }
  }
}
