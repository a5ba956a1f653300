import Compute
import Networks
import Testing
import Training

@Suite("Least squares over the unit box")
struct BoundedLeastSquaresTests {
  private func random(_ count: Int, _ seed: Int) -> Buffer<Double> {
    var stream = RandomStream(seed: 4, purpose: .inputs, index: seed)
    return Buffer((0..<count).map { _ in stream.normal() })
  }

  @Test("one row: the unconstrained minimiser, clipped", arguments: [-3.0, -0.4, 0.4, 3])
  func closedForm(scale: Double) {
    let (g, row) = (Buffer([1.0, 2, -1]), Buffer([0.5 * scale, scale, 0]))
    let least = BoundedLeastSquares(rows: row, count: 1, offset: g)
    let best = min(1, max(0, -2.5 * scale / (1.25 * scale * scale)))
    #expect(abs(least.solution[0] - best) < 1e-12)
    let rest = [1 + 0.5 * scale * best, 2 + scale * best, -1]
    #expect(abs(least.norm - rest.reduce(0) { $0 + $1 * $1 }.squareRoot()) < 1e-12)
    #expect(least.hasFullRank)
  }

  @Test("no other point of the box is better", arguments: [2, 5, 12])
  func optimal(count: Int) {
    let width = 15
    for seed in 0..<8 {
      let rows = random(count * width, seed)
      let g = random(width, 100 + seed)
      let least = BoundedLeastSquares(rows: rows, count: count, offset: g)
      #expect(least.violation < 1e-9)
      #expect(least.solution.allSatisfy { 0 <= $0 && $0 <= 1 })
      // Projected gradient descent with small steps, long: slow, simple and convergent.
      var s = [Double](repeating: 0.5, count: count)
      for _ in 0..<20_000 {
        var rest = g.array
        for i in 0..<count { for k in 0..<width { rest[k] += s[i] * rows[i * width + k] } }
        for i in 0..<count {
          let slope = (0..<width).reduce(0) { $0 + rest[$1] * rows[i * width + $1] }
          s[i] = min(1, max(0, s[i] - 0.01 * slope))
        }
      }
      for i in 0..<count { #expect(abs(least.solution[i] - s[i]) < 1e-5) }
    }
  }

  @Test("dependent rows are told")
  func rank() {
    let rows = Buffer([1.0, 2, 3, 0, 1, 1, 1, 3, 4])
    let g = Buffer([0.3, -1, 0.2])
    #expect(!BoundedLeastSquares(rows: rows, count: 3, offset: g).hasFullRank)
    #expect(BoundedLeastSquares(rows: rows, count: 2, offset: g).hasFullRank)
  }
}

@Suite("Certificates at kinks")
struct CertificateTests {
  static let decay = 1e-3

  /// Two hidden units on points of the plane, at a place where unit 0 has its kink at samples 3 and 5, unit 1 at sample
  /// 7: their biases and weights are solved for.
  private struct Setup {
    let data = Problems.gaussian(samples: 12, dimensions: 2)
    let network: Network<Double>
    let parameters: Buffer<Double>
    let activation: Activation

    init(_ activation: Activation) throws {
      self.activation = activation
      network = try Network(
        .mlp(MultilayerPerceptron(hidden: [2], activation: activation)), input: .features(2), classes: 2)
      parameters = Buffer(count: network.parameterCount)
      network.initialize(parameters.pointer, seed: 5, samples: 12, replicate: 0)
      let x = data.inputs
      // Unit 0: w · x₃ + b = w · x₅ + b = 0, with w across x₃ − x₅.
      let (dx, dy) = (x[10] - x[6], x[11] - x[7])
      parameters[0] = -dy
      parameters[1] = dx
      parameters[4] = -(parameters[0] * x[6] + parameters[1] * x[7])
      parameters[5] = -(parameters[2] * x[14] + parameters[3] * x[15])
    }

    /// The gradient of the decayed mean loss with the biases moved, so that kinks fall on either side for some samples:
    /// `on` says of each kink whether its sample is on. Sample by sample, since one shift serves one sample.
    func gradient(on: [Bool]) -> Buffer<Double> {
      let workspace = network.makeWorkspace(capacity: 1)
      let total = Buffer<Double>(count: parameters.count)
      let kinks = [(sample: 3, unit: 0), (sample: 5, unit: 0), (sample: 7, unit: 1)]
      for sample in 0..<data.count {
        let moved = parameters.copy()
        if let kink = kinks.firstIndex(where: { $0.sample == sample }) {
          moved[4 + kinks[kink].unit] += on[kink] ? 1e-10 : -1e-10
        }
        workspace.lossAndGradient(
          parameters: moved.pointer, inputs: data.inputs.pointer + 2 * sample,
          labels: [data.labels[sample]], count: 1, scale: 1 / Double(data.count), gradient: total.pointer,
          accumulate: true)
      }
      Double.addScaled(total.count, CertificateTests.decay, parameters.pointer, total.pointer)
      return total
    }
  }

  private func residual(_ setup: Setup) -> Double {
    let workspace = setup.network.makeWorkspace(capacity: 12)
    return workspace.evaluate(
      parameters: setup.parameters.pointer, inputs: setup.data.inputs.pointer, labels: setup.data.labels,
      count: 12
    ).residualNormSum / 12
  }

  /// The pieces' gradients, found by stepping off the kinks, span a parallelepiped: its least norm on a fine grid.
  @Test(
    "the least norm is that of the gradients of the pieces that meet",
    arguments: [Activation.relu, .leakyReLU])
  func pieces(activation: Activation) throws {
    let setup = try Setup(activation)
    let certifier = try KinkCertifier(network: setup.network, data: setup.data, smoothing: 0)
    let found = try #require(
      certifier.certificate(setup.parameters, decay: Self.decay, delta: 1e-9, shouldStop: { false }))
    #expect(found.kinks == 3)
    #expect(found.isExact)
    let off = setup.gradient(on: [false, false, false])
    let edges = (0..<3).map { kink -> Buffer<Double> in
      let edge = setup.gradient(on: (0..<3).map { $0 == kink })
      Double.subtract(edge.count, edge.pointer, off.pointer, edge.pointer)
      return edge
    }
    // The corner where all are on is the sum of the edges: kinks add up.
    let corner = setup.gradient(on: [true, true, true])
    for i in 0..<corner.count {
      #expect(abs(corner[i] - off[i] - edges.reduce(0) { $0 + $1[i] }) < 1e-9)
    }
    var least = Double.infinity
    let point = off.copy()
    for a in 0...40 {
      for b in 0...40 {
        for c in 0...40 {
          point.pointer.update(from: off.pointer, count: off.count)
          for (edge, s) in zip(edges, [a, b, c]) {
            Double.addScaled(edge.count, Double(s) / 40, edge.pointer, point.pointer)
          }
          least = min(least, Double.dot(point.count, point.pointer, point.pointer).squareRoot())
        }
      }
    }
    let r = residual(setup)
    #expect(found.relativeGradientNorm <= least / r + 1e-9)
    #expect(found.relativeGradientNorm >= least / r - 0.02)
  }

  @Test("away from kinks it is the gradient's norm")
  func smooth() throws {
    let setup = try Setup(.relu)
    for i in 0..<6 { setup.parameters[i] += 0.05 * Double(i + 1) }
    let certifier = try KinkCertifier(network: setup.network, data: setup.data, smoothing: 0)
    let found = try #require(
      certifier.certificate(setup.parameters, decay: Self.decay, delta: 1e-9, shouldStop: { false }))
    let gradient = setup.gradient(on: [true, true, true])
    #expect(found.kinks == 0)
    let norm = Double.dot(gradient.count, gradient.pointer, gradient.pointer).squareRoot()
    #expect(abs(found.relativeGradientNorm - norm / residual(setup)) < 1e-8)
  }

  @Test("more kinks in one unit than its weights can tell apart aren't exact")
  func inexact() throws {
    let setup = try Setup(.relu)
    let certifier = try KinkCertifier(network: setup.network, data: setup.data, smoothing: 0)
    let wide = try #require(
      certifier.certificate(setup.parameters, decay: Self.decay, delta: 10, shouldStop: { false }))
    #expect(wide.kinks == 24)
    #expect(!wide.isExact)
    #expect(certifier.certificate(setup.parameters, decay: 0, delta: 1, shouldStop: { true }) == nil)
  }

  @Test("only one hidden layer of straight pieces has certificates, and the others are told apart")
  func refused() throws {
    let data = Problems.gaussian(samples: 6, dimensions: 3)
    func list(_ kinds: LayerKind...) -> Architecture {
      .sequential(SequentialNetwork(kinds.map { LayerSpecification($0) }))
    }
    let cases: [(architecture: Architecture, refusal: KinkCertifier.Refusal)] = [
      (.linear, .noKinks),
      (.mlp(MultilayerPerceptron(hidden: [3], activation: .tanh)), .noKinks),
      (.mlp(MultilayerPerceptron(hidden: [3, 3])), .severalHiddenLayers),
      (.mlp(MultilayerPerceptron(hidden: [3], normalization: .batch)), .normalization),
      (list(.layerNormalization, .linear(features: 3, bias: true), .activation(.relu)), .normalization),
      (list(.linear(features: 3, bias: false), .activation(.relu)), .noBias),
      (list(.activation(.relu)), .otherLayers),
      (
        list(
          .residual(
            layers: [LayerSpecification(.linear(features: 3, bias: true))], shortcut: .automatic),
          .activation(.relu)), .otherLayers
      ),
    ]
    for item in cases {
      let network = try Network<Double>(item.architecture, input: data.shape, classes: 2)
      #expect(throws: item.refusal, "\(item.architecture)") {
        try KinkCertifier(network: network, data: data, smoothing: 0)
      }
    }
    let written = Set(cases.map { $0.refusal.description })
    #expect(written.count == 5)
  }
}
