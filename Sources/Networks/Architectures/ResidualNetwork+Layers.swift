extension ResidualNetwork {
  func sequential() throws(ArchitectureError) -> SequentialNetwork {
    try validate()
    let activated = LayerSpecification(.activation(activation), name: activation.rawValue)
    func convolution(_ channels: Int, stride: Int, _ name: String) -> LayerSpecification {
      LayerSpecification(
        .convolution(ConvolutionOptions(channels: channels, kernel: 3, stride: stride, bias: false)),
        name: name)
    }
    var layers = try [LayerSpecification](resizingBy: resolution)
    layers += [
      convolution(stem, stride: 1, "conv"), LayerSpecification(.batchNormalization, name: "bn"), activated,
    ]
    var number = 0
    for (stage, channels) in stages.enumerated() {
      for block in 0..<blocks[stage] {
        let name = "blocks.\(number)"
        layers.append(
          LayerSpecification(
            .residual(
              layers: [
                convolution(channels, stride: block == 0 && stage > 0 ? 2 : 1, "\(name).conv1"),
                LayerSpecification(.batchNormalization, name: "\(name).bn1"), activated,
                convolution(channels, stride: 1, "\(name).conv2"),
                LayerSpecification(.batchNormalization, name: "\(name).bn2"),
              ], shortcut: .automatic), name: name))
        layers.append(activated)
        number += 1
      }
    }
    layers.append(LayerSpecification(.globalAveragePool, name: "pool"))
    return SequentialNetwork(layers, outputName: "fc")
  }
}
