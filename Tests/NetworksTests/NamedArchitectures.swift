import Compute
import Networks
import Testing

/// Named architectures in all their varieties, each on inputs of its own.
struct NamedArchitecture: Sendable, CustomTestStringConvertible {
  let name: String
  let architecture: Architecture
  let input: SampleShape
  var testDescription: String { name }

  static let all: [NamedArchitecture] = [
    .init(name: "linear", architecture: .linear, input: .image(height: 4, width: 3, channels: 2)),
    .init(
      name: "mlp", architecture: .mlp(MultilayerPerceptron(hidden: [9, 7])),
      input: .image(height: 4, width: 4, channels: 2)),
    .init(
      name: "mlp gelu dropout",
      architecture: .mlp(MultilayerPerceptron(hidden: [9, 7], activation: .gelu, dropout: 0.3)),
      input: .features(11)),
    .init(
      name: "mlp batch tanh",
      architecture: .mlp(MultilayerPerceptron(hidden: [9, 7], activation: .tanh, normalization: .batch)),
      input: .features(11)),
    .init(
      name: "mlp layer silu",
      architecture: .mlp(
        MultilayerPerceptron(hidden: [9, 7], activation: .silu, normalization: .layer, dropout: 0.1)),
      input: .features(11)),
    .init(
      name: "mlp identity", architecture: .mlp(MultilayerPerceptron(hidden: [9], activation: .identity)),
      input: .features(11)),
    .init(
      name: "cnn", architecture: .cnn(ConvolutionalNetwork(channels: [8, 16], hidden: [12])),
      input: .image(height: 12, width: 12, channels: 8)),
    .init(
      name: "cnn gelu", architecture: .cnn(ConvolutionalNetwork(channels: [5, 6], activation: .gelu)),
      input: .image(height: 9, width: 7, channels: 3)),
    .init(
      name: "cnn average dropout",
      architecture: .cnn(
        ConvolutionalNetwork(
          channels: [4, 6], hidden: [8], activation: .leakyReLU, pooling: .average, dropout: 0.2)),
      input: .image(height: 9, width: 8, channels: 3)),
    .init(
      name: "cnn batch",
      architecture: .cnn(ConvolutionalNetwork(channels: [4, 6], hidden: [8], normalization: .batch)),
      input: .image(height: 8, width: 8, channels: 3)),
    .init(
      name: "cnn layer average",
      architecture: .cnn(
        ConvolutionalNetwork(channels: [4, 6], activation: .elu, normalization: .layer, pooling: .average)),
      input: .image(height: 8, width: 8, channels: 1)),
    .init(
      name: "cnn resolution",
      architecture: .cnn(ConvolutionalNetwork(channels: [4], hidden: [5], resolution: 1.5)),
      input: .image(height: 6, width: 5, channels: 3)),
    .init(
      name: "resnet",
      architecture: .resnet(ResidualNetwork(stem: 8, stages: [8, 16], blocks: [2, 1])),
      input: .image(height: 12, width: 12, channels: 3)),
    .init(
      name: "resnet gelu",
      architecture: .resnet(
        ResidualNetwork(stem: 3, stages: [4, 5, 5], blocks: [1, 2, 1], activation: .gelu)),
      input: .image(height: 7, width: 6, channels: 2)),
    .init(
      name: "resnet tanh",
      architecture: .resnet(ResidualNetwork(stem: 3, stages: [3, 4], activation: .tanh)),
      input: .image(height: 5, width: 1, channels: 2)),
    .init(
      name: "resnet identity resolution",
      architecture: .resnet(ResidualNetwork(stem: 3, stages: [3], activation: .identity, resolution: 0.7)),
      input: .image(height: 8, width: 8, channels: 3)),
    .init(
      name: "vit",
      architecture: .vit(VisionTransformer(patch: 2, width: 8, depth: 2, heads: 2, mlpWidth: 12)),
      input: .image(height: 6, width: 4, channels: 3)),
    .init(
      name: "vit dropout",
      architecture: .vit(
        VisionTransformer(
          patch: 2, width: 6, depth: 3, heads: 3, mlpWidth: 10, activation: .relu, dropout: 0.2)),
      input: .image(height: 4, width: 4, channels: 1)),
    .init(
      name: "vit identity",
      architecture: .vit(
        VisionTransformer(patch: 4, width: 6, depth: 1, heads: 1, mlpWidth: 10, activation: .identity)),
      input: .image(height: 4, width: 4, channels: 1)),
    .init(
      name: "efficientnet",
      architecture: .efficientnet(
        EfficientNetwork(
          stem: 6,
          stages: [
            .init(expansion: 1, channels: 6, repeats: 2),
            .init(expansion: 3, channels: 8, repeats: 2, stride: 2, kernel: 5),
          ], head: 10, dropout: 0.2)),
      input: .image(height: 8, width: 7, channels: 3)),
    .init(
      name: "efficientnet relu",
      architecture: .efficientnet(
        EfficientNetwork(
          stem: 4, stemStride: 2, stages: [.init(expansion: 4, channels: 4, repeats: 1, kernel: 1)], head: 6,
          activation: .relu, resolution: 2)),
      input: .image(height: 6, width: 6, channels: 1)),
  ]
}

/// What a network computes on a batch of its own: everything that a change in how it is built could change.
struct NetworkDigest: Hashable {
  /// Names, shapes and the first values of all parameters.
  var parameters: UInt64
  /// Loss, gradient, evaluation and (in double precision) Hessian product.
  var results: UInt64

  /// FNV-1a.
  struct Sum {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    mutating func add(_ text: String) { text.utf8.forEach { add($0) } }
    mutating func add(_ number: Double) {
      for shift in stride(from: 0, to: 64, by: 8) {
        add(UInt8(truncatingIfNeeded: number.bitPattern >> shift))
      }
    }
  }

  init<S: Scalar>(
    of architecture: Architecture, input: SampleShape, in precision: S.Type, names: Bool = true
  ) throws {
    let (count, classes) = (7, 4)
    let network = try Network<S>(architecture, input: input, classes: classes)
    let vector = Buffer<S>(count: network.parameterCount)
    network.initialize(vector.pointer, seed: 5, samples: count, replicate: 1)
    var sum = Sum()
    for tensor in network.tensors {
      if names { sum.add(tensor.name) }
      sum.add("\(tensor.shape)")
    }
    for i in 0..<vector.count { sum.add(Double(vector[i])) }
    parameters = sum.value
    sum = Sum()
    var stream = RandomStream(seed: 6, purpose: .inputs)
    let inputs = Buffer((0..<count * input.count).map { _ in S(stream.normal()) })
    let labels = (0..<count).map { _ in Int32(stream.below(UInt64(classes))) }
    // Away from the start, where scales are 1 and shifts 0.
    for i in 0..<vector.count { vector[i] += S(0.2 * stream.normal()) }
    let gradient = Buffer<S>(count: vector.count)
    let loss = LossOptions(
      labelSmoothing: 0.1, dropout: network.hasDropout ? RandomStream(seed: 8, purpose: .dropout) : nil)
    let workspace = network.makeWorkspace(capacity: 8)
    sum.add(
      workspace.lossAndGradient(
        parameters: vector.pointer, inputs: inputs.pointer, labels: labels, count: count, loss: loss,
        scale: 1 / S(count), gradient: gradient.pointer
      ).lossSum)
    for i in 0..<gradient.count { sum.add(Double(gradient[i])) }
    workspace.gatherStatistics(parameters: vector.pointer, inputs: inputs.pointer, count: count)
    sum.add(
      workspace.evaluate(
        parameters: vector.pointer, inputs: inputs.pointer, labels: labels, count: count
      ).lossSum)
    if S.bytes == Double.bytes {
      let direction = Buffer((0..<vector.count).map { _ in S(stream.normal()) })
      let product = Buffer<S>(count: vector.count)
      network.makeWorkspace(capacity: 7, secondOrder: true).addHessianVectorProduct(
        parameters: vector.pointer, direction: direction.pointer, inputs: inputs.pointer, labels: labels,
        count: count, loss: loss, scale: 1 / S(count), product: product.pointer)
      for i in 0..<product.count { sum.add(Double(product[i])) }
    }
    results = sum.value
  }
}
