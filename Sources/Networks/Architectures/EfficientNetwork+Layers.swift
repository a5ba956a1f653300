extension EfficientNetwork {
  func sequential() throws(ArchitectureError) -> SequentialNetwork {
    try validate()
    var layers = try [LayerSpecification](resizingBy: resolution)
    layers.append(convolution(stem, kernel: 3, stride: stemStride, "conv"))
    layers += [LayerSpecification(.batchNormalization, name: "bn"), activated]
    var (number, channels) = (0, stem)
    for stage in stages {
      for block in 0..<stage.repeats {
        let stride = block == 0 ? stage.stride : 1
        let name = "blocks.\(number)"
        let inner = try bottleneck(name, channels, stage, stride)
        // Where the shape stays, the input is added.
        if stride == 1 && channels == stage.channels {
          layers.append(LayerSpecification(.residual(layers: inner, shortcut: .identity), name: name))
        } else {
          layers += inner
        }
        channels = stage.channels
        number += 1
      }
    }
    layers += pointwise(head, "head") + [activated, LayerSpecification(.globalAveragePool, name: "pool")]
    layers.append(LayerSpecification(.dropout(rate: dropout), name: "dropout", field: "dropout"))
    return SequentialNetwork(layers, outputName: "fc")
  }

  private var activated: LayerSpecification {
    LayerSpecification(.activation(activation), name: activation.rawValue)
  }

  private func convolution(
    _ channels: Int, kernel: Int, stride: Int = 1, groups: Int = 1, _ name: String
  ) -> LayerSpecification {
    LayerSpecification(
      .convolution(
        ConvolutionOptions(channels: channels, kernel: kernel, stride: stride, groups: groups, bias: false)),
      name: name)
  }

  /// A 1 × 1 convolution without bias, and a norm.
  private func pointwise(_ outputs: Int, _ name: String) -> [LayerSpecification] {
    [convolution(outputs, kernel: 1, name), LayerSpecification(.batchNormalization, name: "\(name)_bn")]
  }

  /// Expand, depthwise convolution, squeeze-and-excitation, project; a norm after each convolution.
  private func bottleneck(
    _ name: String, _ input: Int, _ stage: Stage, _ stride: Int
  ) throws(ArchitectureError) -> [LayerSpecification] {
    let (inside, isTooWide) = input.multipliedReportingOverflow(by: stage.expansion)
    // The squeeze is to a quarter of the channels that came into the block.
    let (ratio, isTooNarrow) = stage.expansion.multipliedReportingOverflow(by: 4)
    guard !isTooWide, !isTooNarrow else { throw .tooLarge }
    let expanded = stage.expansion > 1 ? pointwise(inside, "\(name).expand") + [activated] : []
    return expanded + [
      convolution(inside, kernel: stage.kernel, stride: stride, groups: inside, "\(name).depthwise"),
      LayerSpecification(.batchNormalization, name: "\(name).depthwise_bn"), activated,
      LayerSpecification(
        .squeezeExcitation(ratio: ratio, activation: activation), name: "\(name).se"),
    ] + pointwise(stage.channels, "\(name).project")
  }
}
