import Compute
import Networks
import Testing
import Training

/// Whitened coordinates of the first layer: an exact change of coordinates.
@Suite("Whitening of the inputs")
struct WhiteningTests {
  static let architectures: [Architecture] = [
    .linear,
    .mlp(MultilayerPerceptron(hidden: [7], activation: .tanh)),
    .mlp(MultilayerPerceptron(hidden: [6], activation: .gelu, normalization: .batch)),
    .cnn(ConvolutionalNetwork(channels: [4], hidden: [5], activation: .gelu)),
    .vit(VisionTransformer(patch: 2, width: 8, depth: 1, heads: 2, mlpWidth: 12)),
    .resnet(ResidualNetwork(stem: 4, stages: [4], blocks: 1, activation: .gelu)),
    .sequential(
      SequentialNetwork([
        LayerSpecification(
          .convolution(ConvolutionOptions(channels: 5, kernel: 2, stride: 2, padding: .valid))),
        LayerSpecification(.activation(.tanh)), LayerSpecification(.globalAveragePool),
      ])),
  ]

  /// Images whose pixels hang together, with means of their own.
  static func images(_ count: Int) -> TrainingSet<Double> {
    let shape = SampleShape.image(height: 4, width: 6, channels: 2)
    let inputs = Buffer<Double>(count: count * shape.count)
    var labels: [Int32] = []
    for sample in 0..<count {
      var stream = RandomStream(seed: 2, purpose: .inputs, index: sample)
      var last = 0.0
      for i in 0..<shape.count {
        last = 0.9 * last + 0.4 * stream.normal()
        inputs[sample * shape.count + i] = last + 0.2 * Double(i % 5)
      }
      labels.append(Int32(stream.below(3)))
    }
    return TrainingSet(inputs: inputs, labels: labels, shape: shape, classes: 3)
  }

  private struct Setup {
    let network: Network<Double>
    let data = WhiteningTests.images(30)
    let workspace: Workspace<Double>
    let whitening: InputWhitening
    let start: Buffer<Double>

    init(_ architecture: Architecture) throws {
      network = try Network(architecture, input: data.shape, classes: 3)
      workspace = network.makeWorkspace(capacity: 30)
      whitening = try #require(InputWhitening(network: network, data: data))
      start = Buffer(count: network.parameterCount)
      network.initialize(start.pointer, seed: 3, samples: 30, replicate: 0)
      var stream = RandomStream(seed: 8, purpose: .inputs)
      for i in 0..<start.count { start[i] += 0.1 * stream.normal() }
    }

    func lossAndGradient(_ parameters: Buffer<Double>) -> (loss: Double, gradient: Buffer<Double>) {
      let gradient = Buffer<Double>(count: parameters.count)
      let summary = workspace.lossAndGradient(
        parameters: parameters.pointer, inputs: data.inputs.pointer, labels: data.labels, count: 30,
        scale: 1, gradient: gradient.pointer)
      return (summary.lossSum, gradient)
    }

    /// The loss as a function of the coordinates.
    func loss(at coordinates: Buffer<Double>) -> Double {
      let parameters = Buffer<Double>(count: coordinates.count)
      whitening.apply(coordinates, into: parameters)
      return lossAndGradient(parameters).loss
    }
  }

  @Test("there and back, with the same loss", arguments: architectures)
  func roundTrip(architecture: Architecture) throws {
    let setup = try Setup(architecture)
    let coordinates = Buffer<Double>(count: setup.start.count)
    let back = coordinates.copy()
    setup.whitening.invert(setup.start, into: coordinates)
    setup.whitening.apply(coordinates, into: back)
    var moved = 0
    for i in 0..<back.count {
      #expect(abs(back[i] - setup.start[i]) < 1e-12)
      if coordinates[i] != setup.start[i] { moved += 1 }
    }
    #expect(moved > 0)
    let loss = setup.lossAndGradient(setup.start).loss
    #expect(abs(setup.loss(at: coordinates) - loss) < 1e-11 * loss)
  }

  @Test("the gradient by the coordinates is the loss's slope along them", arguments: architectures)
  func gradient(architecture: Architecture) throws {
    let setup = try Setup(architecture)
    let coordinates = Buffer<Double>(count: setup.start.count)
    setup.whitening.invert(setup.start, into: coordinates)
    let gradient = coordinates.copy()
    setup.whitening.pullBack(setup.lossAndGradient(setup.start).gradient, into: gradient)
    for seed in 1..<4 {
      var stream = RandomStream(seed: UInt64(seed), purpose: .lanczos)
      let direction = Buffer<Double>((0..<gradient.count).map { _ in stream.normal() })
      func loss(_ h: Double) -> Double {
        let point = coordinates.copy()
        Double.addScaled(point.count, h, direction.pointer, point.pointer)
        return setup.loss(at: point)
      }
      // So short that max pooling rarely chooses anew on the way.
      let h = 1e-6
      let slope = (8 * (loss(h) - loss(-h)) - (loss(2 * h) - loss(-2 * h))) / (12 * h)
      let product = Double.dot(gradient.count, gradient.pointer, direction.pointer)
      #expect(abs(slope - product) < 1e-5 * max(1, abs(slope)))
    }
  }

  /// The coordinates' unit vectors give, one after another, the whitened inputs. Their covariance is
  /// L⁻¹ C L⁻ᵀ, whose trace is Σ λ / (λ + ε C̄) over the eigenvalues λ of C.
  @Test("what the coordinates multiply has mean zero and is white but for the ridge")
  func white() throws {
    let data = Self.images(200)
    let width = data.shape.count
    let network = try Network<Double>(.linear, input: data.shape, classes: 3)
    let whitening = try #require(InputWhitening(network: network, data: data))
    let unit = Buffer<Double>(count: network.parameterCount)
    let parameters = unit.copy()
    let white = Buffer<Double>(count: data.count * width)
    for i in 0..<width {
      unit.pointer.update(repeating: 0, count: unit.count)
      unit[i] = 1
      whitening.apply(unit, into: parameters)
      for sample in 0..<data.count {
        let x = data.inputs.pointer + sample * width
        // The bias of the first logit lies behind all weights.
        white[sample * width + i] = Double.dot(width, x, parameters.pointer) + parameters[3 * width]
      }
    }
    func moments(_ x: Buffer<Double>) -> (mean: [Double], covariance: Buffer<Double>) {
      let mean = (0..<width).map { i in
        (0..<data.count).reduce(0) { $0 + x[$1 * width + i] } / Double(data.count)
      }
      let covariance = Buffer<Double>(count: width * width)
      for sample in 0..<data.count {
        for i in 0..<width {
          for j in 0..<width {
            covariance[i * width + j] +=
              (x[sample * width + i] - mean[i]) * (x[sample * width + j] - mean[j]) / Double(data.count)
          }
        }
      }
      return (mean, covariance)
    }
    let after = moments(white)
    #expect(after.mean.allSatisfy { abs($0) < 1e-10 })
    let before = moments(data.inputs).covariance
    let ridge = InputWhitening.ridge * (0..<width).reduce(0) { $0 + before[$1 * width + $1] } / Double(width)
    let eigenvalues = Buffer<Double>(count: width)
    #expect(Double.symmetricEigen(width, matrix: before.pointer, eigenvalues: eigenvalues.pointer))
    let wanted = (0..<width).reduce(0) { $0 + eigenvalues[$1] / (eigenvalues[$1] + ridge) }
    let trace = (0..<width).reduce(0) { $0 + after.covariance[$1 * width + $1] }
    #expect(abs(trace - wanted) < 1e-9 * wanted)
    #expect(Double.symmetricEigen(width, matrix: after.covariance.pointer, eigenvalues: eigenvalues.pointer))
    #expect(eigenvalues[width - 1] < 1)
  }

  @Test("networks whose first layer doesn't see the inputs as they are get none")
  func refused() throws {
    let data = Self.images(20)
    let resized = try Network<Double>(
      .cnn(ConvolutionalNetwork(channels: [3], resolution: 1.5)), input: data.shape, classes: 3)
    #expect(InputWhitening(network: resized, data: data) == nil)
    let constant = TrainingSet<Double>(
      inputs: Buffer(count: 20 * data.shape.count), labels: data.labels, shape: data.shape, classes: 3)
    let linear = try Network<Double>(.linear, input: data.shape, classes: 3)
    #expect(InputWhitening(network: linear, data: constant) == nil)
  }
}
