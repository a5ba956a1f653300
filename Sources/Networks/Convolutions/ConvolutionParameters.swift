import Compute

/// A convolution's weight (outputs, inputs of a group, kernel, kernel) and bias.
struct ConvolutionParameters: Sendable, Hashable {
  let weight: ParameterSlot
  let bias: ParameterSlot?
  var count: Int { weight.count + (bias?.count ?? 0) }

  /// Parameters `name`.weight and `name`.bias of `groups` convolutions of one shape.
  init<S: Scalar>(
    _ builder: LayerBuilder<S>, name: String, _ shape: ConvolutionShape, groups: Int, hasBias: Bool
  ) throws(ArchitectureError) {
    let (channels, kernel) = (shape.channels, shape.kernel)
    let (outputs, isTooMany) = shape.outputs.multipliedReportingOverflow(by: groups)
    guard !isTooMany else { throw .tooLarge }
    let fanIn = channels * kernel * kernel
    let fanOut = shape.outputs.multipliedReportingOverflow(by: kernel * kernel).partialValue
    weight = try builder.parameter(
      "\(name).weight", shape: [outputs, channels, kernel, kernel], fanIn: fanIn, fanOut: fanOut,
      role: .weight,
      layout: .convolution(outputs: outputs, inputs: channels, height: kernel, width: kernel))
    bias =
      hasBias
      ? try builder.parameter("\(name).bias", shape: [outputs], fanIn: fanIn, fanOut: fanOut, role: .bias)
      : nil
  }
}
