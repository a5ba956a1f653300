import Capacity
import Compute
import Foundation
import Networks
import Testing
import Training

/// Lists of layers against what PyTorch computes for them in double precision.
@Suite("Golden values of sequential networks") struct SequentialGoldenTests {
  static let networks = ["lenet5", "vgg11", "resnet18", "convmixer", "vit", "mixed"]
  static let trajectories = ["lenet5_trajectory", "resnet18_trajectory"]

  private func load(_ name: String) throws -> GoldenSequentialNetwork {
    let folder = try #require(Bundle.module.resourceURL).appending(path: "Fixtures/sequential")
    let data = try Data(contentsOf: folder.appending(path: "\(name).json"))
    let golden = try JSONDecoder().decode(GoldenSequential.self, from: data)
    // The layers are read as a client's are.
    let layers = try #require(try JSONValue(parsing: data)["layers"])
    let shape = golden.inputShape.map(JSONValue.integer)
    let document: JSONValue = .object([
      "dataset": .object([
        "name": .string("prototypes"), "channels": shape[0], "height": shape[1], "width": shape[2],
        "classes": .integer(golden.classes),
      ]), "model": .object(["kind": .string("sequential"), "layers": layers]),
    ])
    let specification = try MeasurementSpecification(json: document)
    return try GoldenSequentialNetwork(golden, specification.experiment.model.architecture)
  }

  @Test("logits and loss", arguments: networks) func forward(name: String) throws {
    let item = try load(name)
    #expect(item.network.parameterCount == item.golden.parameterCount)
    #expect(item.network.tensors.map(\.name) == item.golden.tensors.map(\.name))
    #expect(item.network.tensors.map(\.shape) == item.golden.tensors.compactMap(\.shape))
    let loss = item.loss(gradient: Buffer(count: item.network.parameterCount))
    #expect(abs(loss - (item.golden.loss ?? .infinity)) < 1e-11)
    let logits = try #require(item.golden.logits)
    let scale = logits.map(abs).max() ?? 1
    for (i, logit) in logits.enumerated() { #expect(abs(item.workspace.logits[i] - logit) < 1e-11 * scale) }
  }

  @Test("gradients to 1e-9", arguments: networks) func gradient(name: String) throws {
    let item = try load(name)
    // Not a number, so that an element that nothing writes is noticed.
    let gradient = Buffer<Double>(repeatElement(.nan, count: item.network.parameterCount))
    _ = item.loss(gradient: gradient)
    let worst = item.worstError(gradient) { $0.gradient }
    #expect(worst.error < 1e-9, "\(worst.tensor)")
  }

  @Test("Hessian products to 1e-8", arguments: networks) func hessianProduct(name: String) throws {
    let item = try load(name)
    let (product, direction) = (Buffer<Double>(count: item.network.parameterCount), item.direction)
    item.workspace.addHessianVectorProduct(
      parameters: item.parameters.pointer, direction: direction.pointer, inputs: item.inputs.pointer,
      labels: item.golden.labels, count: item.count, scale: 1 / Double(item.count), product: product.pointer)
    let worst = item.worstError(product) { $0.product }
    #expect(worst.error < 1e-8, "\(worst.tensor)")
  }

  @Test("200 steps of training", arguments: trajectories) func trajectory(name: String) throws {
    let item = try load(name)
    let losses = try #require(item.golden.losses)
    let (rate, momentum) = (try #require(item.golden.rate), try #require(item.golden.momentum))
    #expect(losses.count == 200)
    let count = item.network.parameterCount
    let gradient = Buffer<Double>(count: count)
    let rule = DescentRule(
      OptimizerKind.sgd(momentum: momentum, nesterov: false).makeOptimizer(
        count: count, matrices: [], as: Double.self), regularization: Regularization(), count: count)
    for (step, expected) in losses.enumerated() {
      let loss = item.loss(gradient: gradient)
      #expect(abs(loss - expected) < 1e-7 * expected, "step \(step)")
      rule.descend(item.parameters, gradient, loss: loss, rate: rate)
    }
    let worst = item.worstError(item.parameters) { $0.parameters }
    #expect(worst.error < 1e-7, "\(worst.tensor)")
  }
}
