import Compute
import Networks
import Training

/// A training step whose speed is measured: one architecture on one shape of input, batches of 128.
struct BenchmarkWorkload: Sendable {
  let name: String
  let architecture: Architecture
  let input: InputShape

  /// Samples that the batches are gathered from.
  static let samples = 2048
  static let batch = 128
  static let classes = 10

  static let all: [BenchmarkWorkload] = [
    BenchmarkWorkload(
      name: "mlp", architecture: .mlp(MultilayerPerceptron(hidden: [64, 64])), input: .features(784)),
    BenchmarkWorkload(
      name: "cnn", architecture: .cnn(ConvolutionalNetwork(channels: [16, 32], hidden: [64])),
      input: .image(height: 32, width: 32, channels: 3)),
    BenchmarkWorkload(
      name: "vit",
      architecture: .vit(
        VisionTransformer(patch: 4, width: 64, depth: 2, heads: 4, mlpWidth: 128, activation: .gelu)),
      input: .image(height: 32, width: 32, channels: 3)),
    BenchmarkWorkload(
      name: "resnet", architecture: .resnet(ResidualNetwork(stem: 16, stages: [16, 32, 64])),
      input: .image(height: 32, width: 32, channels: 3)),
  ]

  /// Standard normal inputs and random labels, others for every replicate.
  func trainingSet(replicate: Int = 0) -> TrainingSet<Float> {
    var stream = RandomStream(seed: 1, purpose: .inputs, samples: Self.samples, replicate: replicate)
    let inputs = Buffer((0..<Self.samples * input.count).map { _ in Float(stream.normal()) })
    let labels = (0..<Self.samples).map { _ in Int32(stream.below(UInt64(Self.classes))) }
    return TrainingSet(inputs: inputs, labels: labels, shape: input, classes: Self.classes)
  }
}

/// A workload's data, network and optimizer, ready to take steps: everything that `emc measure` does for a step of SGD
/// with momentum in single precision.
final class BenchmarkRun {
  private let workspace: Workspace<Float>
  private let parameters: Buffer<Float>
  private let gradient: Buffer<Float>
  private let velocity: Buffer<Float>
  private let data: TrainingSet<Float>
  private let chunkInputs: Buffer<Float>
  private var chunkLabels: [Int32]
  private var order = (0..<Int32(BenchmarkWorkload.samples)).map { $0 }
  private var shuffle = RandomStream(seed: 1, purpose: .shuffle)
  /// Time spent gathering batches.
  var gatherTime = Duration.zero
  /// 2·m·n·k of every product of a step; none for the gradient of the inputs.
  let flopsPerStep: Int
  /// Steps in an epoch.
  let steps = BenchmarkWorkload.samples / BenchmarkWorkload.batch

  init(_ workload: BenchmarkWorkload) throws(ArchitectureError) {
    let network = try Network<Float>(
      workload.architecture, input: workload.input, classes: BenchmarkWorkload.classes)
    var procedure = Procedure()
    procedure.batchSize = .size(BenchmarkWorkload.batch)
    let plan = BatchPlan(samples: BenchmarkWorkload.samples, network: network, procedure: procedure)
    workspace = network.makeWorkspace(capacity: plan.capacity)
    parameters = Buffer(count: network.parameterCount)
    gradient = Buffer(count: network.parameterCount)
    velocity = Buffer(count: network.parameterCount)
    network.initialize(parameters.pointer, seed: 1, samples: BenchmarkWorkload.samples, replicate: 0)
    data = workload.trainingSet()
    chunkInputs = Buffer(count: plan.capacity * workload.input.count)
    chunkLabels = [Int32](repeating: 0, count: plan.capacity)
    flopsPerStep = network.productFlopsPerSample * BenchmarkWorkload.batch
  }

  /// One epoch over a fresh shuffle.
  func epoch() {
    reshuffle()
    for step in 0..<steps { take(step) }
  }

  func reshuffle() {
    order.withUnsafeMutableBufferPointer { shuffle.shuffle($0.baseAddress!, count: $0.count) }
  }

  /// One step on the batch of that number in the current shuffle.
  func take(_ step: Int) {
    let batch = step * BenchmarkWorkload.batch..<(step + 1) * BenchmarkWorkload.batch
    for first in stride(from: batch.lowerBound, to: batch.upperBound, by: workspace.capacity) {
      let chunk = first..<min(first + workspace.capacity, batch.upperBound)
      let began = ContinuousClock.now
      gather(chunk)
      gatherTime += ContinuousClock.now - began
      workspace.lossAndGradient(
        parameters: parameters.pointer, inputs: chunkInputs.pointer, labels: chunkLabels, count: chunk.count,
        scale: 1 / Float(batch.count), gradient: gradient.pointer, accumulate: first > batch.lowerBound)
    }
    Float.updateSGD(
      parameters.count, rate: 0.01, momentum: 0.9, decay: 0, nesterov: false, gradient: gradient.pointer,
      velocity: velocity.pointer, parameters: parameters.pointer)
  }

  private func gather(_ chunk: Range<Int>) {
    order.withUnsafeBufferPointer { order in
      let indices = order.baseAddress! + chunk.lowerBound
      Float.gatherRows(
        chunk.count, workspace.network.input.count, data.inputs.pointer, indices, chunkInputs.pointer)
      for i in 0..<chunk.count { chunkLabels[i] = data.labels[Int(indices[i])] }
    }
  }
}
