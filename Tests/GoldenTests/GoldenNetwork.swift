import Compute
import Networks

/// A golden case in one precision, with what this network computes for it.
final class GoldenNetwork<S: Scalar> {
  let golden: GoldenCase
  let network: Network<S>
  let workspace: Workspace<S>
  let parameters: Buffer<S>
  let inputs: Buffer<S>

  init(_ golden: GoldenCase) throws {
    self.golden = golden
    network = try Network(golden.model.architecture(), input: golden.input, classes: golden.classes)
    workspace = network.makeWorkspace(capacity: golden.labels.count, secondOrder: true)
    parameters = Buffer(count: network.parameterCount)
    inputs = Buffer(golden.inputsChannelsLast.map { S($0) })
    load(golden.parameters, into: parameters)
  }

  var count: Int { golden.labels.count }
  var options: LossOptions { LossOptions(labelSmoothing: golden.labelSmoothing) }
  /// Gradients are those of the mean loss.
  var scale: S { 1 / S(count) }

  func load(_ tensors: [String: GoldenCase.Tensor], into vector: Buffer<S>) {
    for tensor in network.tensors {
      guard let values = tensors[tensor.name]?.values else { continue }
      network.importTensor(named: tensor.name, values: values.map { S($0) }, into: vector.pointer)
    }
  }

  func lossAndGradient() -> (summary: BatchSummary, gradient: Buffer<S>) {
    // Not a number, so that an element that nothing writes is noticed.
    let gradient = Buffer<S>(repeatElement(.nan, count: network.parameterCount))
    let summary = workspace.lossAndGradient(
      parameters: parameters.pointer, inputs: inputs.pointer, labels: golden.labels, count: count,
      loss: options, scale: scale, gradient: gradient.pointer)
    return (summary, gradient)
  }

  func hessianVectorProduct(_ direction: Buffer<S>) -> (product: Buffer<S>, gradient: Buffer<S>) {
    let product = Buffer<S>(count: network.parameterCount)
    let gradient = Buffer<S>(count: network.parameterCount)
    workspace.addHessianVectorProduct(
      parameters: parameters.pointer, direction: direction.pointer, inputs: inputs.pointer,
      labels: golden.labels, count: count, loss: options, scale: scale, gradient: gradient.pointer,
      product: product.pointer)
    return (product, gradient)
  }

  /// The largest error of a tensor's elements, relative to the reference's largest: that of the tensor, or of all
  /// tensors where this one is zero by symmetry.
  func worstErrors(_ vector: Buffer<S>, _ reference: [String: GoldenCase.Tensor]) -> [(String, Double)] {
    let whole = reference.values.map(\.scale).max() ?? 0
    return network.tensors.map { tensor in
      guard let expected = reference[tensor.name] else { return (tensor.name, .infinity) }
      let values = network.exportTensor(named: tensor.name, from: vector.pointer)
      guard values.count == expected.values.count else { return (tensor.name, .infinity) }
      let scale = expected.scale > 1e-10 * whole ? expected.scale : whole
      var worst = 0.0
      for (value, exact) in zip(values, expected.values) {
        let error = abs(Double(value) - exact) / scale
        worst = error <= worst ? worst : error
      }
      return (tensor.name, worst)
    }
  }
}
