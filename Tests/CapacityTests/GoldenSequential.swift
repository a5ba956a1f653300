import Compute
import Foundation
import Networks

/// A network as a list of layers with what PyTorch computes for it: a file of Fixtures/sequential, which
/// Tests/Scripts/sequential_golden.py writes.
struct GoldenSequential: Decodable {
  /// What is kept of a tensor.
  struct Summary: Decodable {
    let norm: Double
    let dot: Double
    let values: [Double]
  }

  struct Tensor: Decodable {
    let name: String
    let shape: [Int]?
    let gradient: Summary?
    let product: Summary?
    let parameters: Summary?

    enum CodingKeys: String, CodingKey {
      case name, shape, gradient, parameters
      case product = "hessian_vector_product"
    }
  }

  let inputShape: [Int]
  let classes: Int
  let labels: [Int32]
  let parameterCount: Int?
  let logits: [Double]?
  let loss: Double?
  let rate: Double?
  let momentum: Double?
  let losses: [Double]?
  let tensors: [Tensor]

  enum CodingKeys: String, CodingKey {
    case classes, labels, logits, loss, rate, momentum, losses, tensors
    case inputShape = "input_shape"
    case parameterCount = "parameter_count"
  }

  /// The shape of a sample here.
  var input: SampleShape {
    .image(height: inputShape[1], width: inputShape[2], channels: inputShape[0])
  }

  /// The inputs, channels last.
  var inputs: [Double] {
    let values = GoldenStream(1 << 20).values(labels.count * input.count).map { $0 * 3.0.squareRoot() }
    let (places, channels) = (input.places, input.channels)
    var moved = values
    for sample in labels.indices {
      for place in 0..<places {
        for channel in 0..<channels {
          let start = sample * input.count
          moved[start + place * channels + channel] = values[start + channel * places + place]
        }
      }
    }
    return moved
  }
}

/// Numbers in [−1, 1) that both sides make from (stream, place): SplitMix64's finaliser.
struct GoldenStream {
  private let stream: UInt64
  init(_ stream: Int) { self.stream = UInt64(stream) }

  func values(_ count: Int) -> [Double] {
    (0..<UInt64(count)).map { place in
      var z = (place &+ stream << 32) &* 0x9e37_79b9_7f4a_7c15
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      z = z ^ (z >> 31)
      return Double(z >> 11) * 0x1p-52 - 1
    }
  }
}

/// A golden network built here.
final class GoldenSequentialNetwork {
  let golden: GoldenSequential
  let network: Network<Double>
  let workspace: Workspace<Double>
  let parameters: Buffer<Double>
  let inputs: Buffer<Double>

  init(_ golden: GoldenSequential, _ architecture: Architecture) throws {
    self.golden = golden
    network = try Network(architecture, input: golden.input, classes: golden.classes)
    workspace = network.makeWorkspace(capacity: golden.labels.count, secondOrder: golden.losses == nil)
    inputs = Buffer(golden.inputs)
    parameters = Buffer(count: network.parameterCount)
    for (number, tensor) in network.tensors.enumerated() {
      let values = GoldenStream(number).values(tensor.count).map { u in
        switch tensor.role {
        case .weight: u * (3 / Double(tensor.fanIn)).squareRoot()
        case .bias: 0.1 * u
        case .normalizationScale: 1 + 0.2 * u
        case .normalizationShift: 0.2 * u
        case .embedding: 0.5 * u
        }
      }
      network.importTensor(named: tensor.name, values: values, into: parameters.pointer)
    }
  }

  var count: Int { golden.labels.count }

  /// A direction in parameter space.
  var direction: Buffer<Double> {
    let direction = Buffer<Double>(count: network.parameterCount)
    for (number, tensor) in network.tensors.enumerated() {
      network.importTensor(
        named: tensor.name, values: GoldenStream(1 << 19 + number).values(tensor.count),
        into: direction.pointer)
    }
    return direction
  }

  func loss(gradient: Buffer<Double>) -> Double {
    workspace.lossAndGradient(
      parameters: parameters.pointer, inputs: inputs.pointer, labels: golden.labels, count: count,
      scale: 1 / Double(count), gradient: gradient.pointer
    ).lossSum / Double(count)
  }

  /// The largest error of what is kept of a tensor, relative to its largest value that is kept, but for one that
  /// vanishes beside the whole vector.
  func worstError(
    _ vector: Buffer<Double>, _ reference: (GoldenSequential.Tensor) -> GoldenSequential.Summary?
  ) -> (tensor: String, error: Double) {
    let whole = golden.tensors.compactMap { reference($0)?.norm }.max() ?? 0
    var worst = ("", 0.0)
    for tensor in golden.tensors {
      guard let expected = reference(tensor), network.tensor(named: tensor.name) != nil else {
        return (tensor.name, .infinity)
      }
      let values = network.exportTensor(named: tensor.name, from: vector.pointer)
      let size = Double(values.count)
      // Entries are of the order of norm / √count. One that is zero by symmetry (a bias in front of a batch norm) is held
      // against the whole.
      let scale = (expected.norm > 1e-10 * whole ? expected.norm : whole) / size.squareRoot()
      let dot = zip(values, GoldenStream(1 << 18).values(values.count)).reduce(0) { $0 + $1.0 * $1.1 }
      let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      var errors = [abs(dot - expected.dot), abs(norm - expected.norm)].map {
        $0 / (scale * size.squareRoot())
      }
      for (place, value) in expected.values.enumerated() {
        errors.append(abs(values[place * 7919 % values.count] - value) / scale)
      }
      for error in errors where !(error <= worst.1) { worst = (tensor.name, error) }
    }
    return worst
  }
}
