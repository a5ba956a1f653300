import Compute
import Networks
import Testing

/// Images at another size, as PyTorch 2.15 interpolates them (bilinear, align_corners=False).
@Suite struct ResizeTests {
  struct Case: Sendable {
    let resolution: Double
    let height: Int
    let width: Int
    let expected: [Double]
  }

  /// sin(0.37 k), k = 1 … 12, of height 4 and width 3.
  static let image = [
    0.361615431965, 0.674287911628, 0.89569868568, 0.995880844538, 0.961275202975, 0.796565472236,
    0.524044341687,
    0.180596267894, -0.187294663543, -0.529836140908, -0.800666782176, -0.963130930573,
  ]

  static let cases = [
    Case(
      resolution: 1.5, height: 6, width: 5,
      expected: [
        0.361615431965, 0.48668442383, 0.674287911628, 0.807134376059, 0.89569868568, 0.678748138251,
        0.734361505871,
        0.817781557302, 0.834791870296, 0.846132078958, 0.917241427396, 0.882809675289, 0.831162047128,
        0.712018088615, 0.63258878294, 0.602683758829, 0.485894024794, 0.310709423741, 0.110292984949,
        -0.023317974246, -0.002895899611, -0.125751642623, -0.310035257141, -0.469141781091, -0.575212797058,
        -0.529836140908, -0.638168397415, -0.800666782176, -0.898145271214, -0.963130930573,
      ]),
    Case(
      resolution: 0.7, height: 3, width: 2,
      expected: [
        0.531024532258, 0.839912144293, 0.712705878693, 0.371210487119, -0.424922780481, -0.784649399676,
      ]),
    Case(resolution: 0.25, height: 1, width: 1, expected: [0.570935735435]),
  ]

  @Test(arguments: cases) func placesAreInterpolated(item: Case) throws {
    // One linear layer on the resized image, with a weight of 1 for each place in turn.
    let places = item.height * item.width
    let network = try Network<Double>(
      .cnn(ConvolutionalNetwork(channels: [], resolution: item.resolution)),
      input: .image(height: 4, width: 3, channels: 1), classes: max(places, 2))
    #expect(network.layers[0].output == [item.height, item.width, 1])
    let parameters = Buffer<Double>(count: network.parameterCount)
    let weight = network.tensors[0]
    network.importTensor(
      named: weight.name,
      values: (0..<weight.count).map { $0 / places == $0 % places ? 1 : 0 }, into: parameters.pointer)
    let workspace = network.makeWorkspace(capacity: 2)
    let inputs = Buffer(Self.image + Self.image.map { -$0 })
    workspace.evaluate(parameters: parameters.pointer, inputs: inputs.pointer, labels: [0, 0], count: 2)
    for (place, expected) in item.expected.enumerated() {
      #expect(abs(workspace.logits[place] - expected) <= 1e-11)
      #expect(abs(workspace.logits[max(places, 2) + place] + expected) <= 1e-11)
    }
  }

  @Test(arguments: [0.05, 17, .nan]) func otherFactorsAreRefused(resolution: Double) {
    #expect(throws: ArchitectureError.invalid(field: "resolution", reason: "from 0.0625 to 16")) {
      try Network<Float>(
        .cnn(ConvolutionalNetwork(channels: [2], resolution: resolution)),
        input: .image(height: 8, width: 8, channels: 1), classes: 2)
    }
  }
}
