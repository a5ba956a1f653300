import Compute
import Networks
import Testing

/// What can't be built is refused with the field that is at fault, and never crashes.
@Suite struct ArchitectureRefusalTests {
  static let image = SampleShape.image(height: 8, width: 6, channels: 1)
  static let plain = SampleShape.features(10)

  struct Case: Sendable, CustomTestStringConvertible {
    let architecture: Architecture
    let input: SampleShape
    let field: String
    var testDescription: String { "\(field): \(architecture)" }
  }

  static func vit(
    patch: Int = 2, width: Int = 4, depth: Int = 1, heads: Int = 2, mlp: Int = 4, dropout: Double = 0
  ) -> Architecture {
    .vit(
      VisionTransformer(
        patch: patch, width: width, depth: depth, heads: heads, mlpWidth: mlp, dropout: dropout))
  }

  static func efficient(_ stage: EfficientNetwork.Stage) -> Architecture {
    .efficientnet(EfficientNetwork(stem: 2, stages: [stage], head: 2))
  }

  static let cases: [Case] = [
    Case(architecture: vit(), input: plain, field: "kind"),
    Case(architecture: vit(patch: 4), input: image, field: "patch"),
    Case(architecture: vit(patch: 0), input: image, field: "patch"),
    Case(architecture: vit(patch: 1 << 40), input: image, field: "patch"),
    Case(architecture: vit(heads: 3), input: image, field: "heads"),
    Case(architecture: vit(heads: -1), input: image, field: "heads"),
    Case(architecture: vit(depth: 0), input: image, field: "depth"),
    Case(architecture: vit(depth: 1 << 40), input: image, field: "depth"),
    Case(architecture: vit(mlp: 0), input: image, field: "mlp_width"),
    Case(architecture: vit(dropout: 1), input: image, field: "dropout"),
    Case(architecture: .resnet(ResidualNetwork(stem: 2, stages: [2])), input: plain, field: "kind"),
    Case(architecture: .resnet(ResidualNetwork(stem: 0, stages: [2])), input: image, field: "stem"),
    Case(architecture: .resnet(ResidualNetwork(stem: 1, stages: [])), input: image, field: "stages"),
    Case(architecture: .resnet(ResidualNetwork(stem: 1, stages: [2, -2])), input: image, field: "stages/1"),
    Case(
      architecture: .resnet(ResidualNetwork(stem: 1, stages: [2, 2], blocks: [1])), input: image,
      field: "blocks"),
    Case(
      architecture: .resnet(ResidualNetwork(stem: 1, stages: [2, 2], blocks: [1, 0])), input: image,
      field: "blocks/1"),
    Case(architecture: efficient(.init(expansion: 1, channels: 2, repeats: 1)), input: plain, field: "kind"),
    Case(
      architecture: efficient(.init(expansion: 0, channels: 2, repeats: 1)), input: image,
      field: "stages/0/expansion"),
    Case(
      architecture: efficient(.init(expansion: 1, channels: 2, repeats: 1, stride: 3)), input: image,
      field: "stages/0/stride"),
    Case(
      architecture: efficient(.init(expansion: 1, channels: 2, repeats: 1, kernel: 4)), input: image,
      field: "stages/0/kernel"),
    Case(
      architecture: .mlp(MultilayerPerceptron(hidden: [3, 0])), input: plain, field: "hidden/1"),
  ]

  @Test(arguments: cases) func refused(item: Case) {
    do throws(ArchitectureError) {
      _ = try Network<Float>(item.architecture, input: item.input, classes: 3)
      Issue.record("built")
    } catch .invalid(let field, let reason) {
      #expect(field == item.field)
      #expect(!reason.isEmpty)
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test func tooLarge() {
    let wide = 1 << 40
    for architecture in [
      Architecture.vit(VisionTransformer(patch: 2, width: wide, depth: 1, heads: 1, mlpWidth: 1)),
      .resnet(ResidualNetwork(stem: wide, stages: [1])),
      .resnet(ResidualNetwork(stem: 1, stages: [wide])),
      .efficientnet(
        EfficientNetwork(stem: 1, stages: [.init(expansion: 1 << 62, channels: 1, repeats: 1)], head: 1)),
      .efficientnet(
        EfficientNetwork(stem: 8, stages: [.init(expansion: 1 << 62, channels: 1, repeats: 1)], head: 1)),
    ] {
      #expect(throws: ArchitectureError.tooLarge) {
        try Network<Float>(architecture, input: Self.image, classes: 3)
      }
    }
  }
}
