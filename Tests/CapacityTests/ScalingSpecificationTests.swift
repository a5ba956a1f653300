import Capacity
import Networks
import Testing

/// A model's `scaling` gives the model that comes out, which reads back as itself.
@Suite struct ScalingSpecificationTests {
  private func read(_ model: String) throws -> MeasurementSpecification {
    try MeasurementSpecification(
      json: JSONValue(parsing: #"{"dataset": {"name": "cifar10"}, "model": \#(model)}"#.utf8))
  }

  @Test(arguments: [
    (
      #"{"kind": "mlp", "hidden": [16, 8], "scaling": {"rule": "width", "factor": 2}}"#,
      Architecture.mlp(MultilayerPerceptron(hidden: [32, 16]))
    ),
    (
      #"{"kind": "resnet", "blocks": 2, "scaling": {"rule": "depth", "factor": 1.5}}"#,
      .resnet(ResidualNetwork(stem: 16, stages: [16, 32, 64], blocks: [3, 3, 3]))
    ),
    (
      #"{"kind": "vit", "mlp_width": 128, "scaling": {"rule": "all", "factor": 0.5}}"#,
      .vit(VisionTransformer(patch: 4, width: 32, depth: 1, heads: 4, mlpWidth: 64))
    ),
    // 3072-h-10 has 3083 h + 10 parameters: 100,000 is nearest to h = 32.
    (
      #"{"kind": "mlp", "hidden": [64], "scaling": {"target_parameters": 100000}}"#,
      .mlp(MultilayerPerceptron(hidden: [32]))
    ),
  ])
  func scaledModel(model: String, expected: Architecture) throws {
    let specification = try read(model)
    #expect(specification.experiment.model.architecture == expected)
    #expect(specification.json["model"]?["scaling"] == nil)
    #expect(try MeasurementSpecification(json: specification.json) == specification)
  }

  @Test(arguments: [
    (#"{"kind": "linear", "scaling": {"rule": "width", "factor": 2}}"#, "/model/scaling/rule"),
    (#"{"kind": "mlp", "scaling": {"rule": "resnet_rs", "factor": 2}}"#, "/model/scaling/rule"),
    (#"{"kind": "mlp", "scaling": {"rule": "sideways", "factor": 2}}"#, "/model/scaling/rule"),
    (#"{"kind": "mlp", "scaling": {"rule": "width"}}"#, "/model/scaling/factor"),
    (#"{"kind": "mlp", "scaling": {"rule": "width", "factor": -1}}"#, "/model/scaling/factor"),
    (#"{"kind": "mlp", "scaling": {"rule": "width", "factor": 100000}}"#, "/model/scaling/factor"),
    (#"{"kind": "mlp", "scaling": {"target_parameters": 0}}"#, "/model/scaling/target_parameters"),
    (#"{"kind": "mlp", "scaling": {"target_parameters": 7}}"#, "/model/scaling/target_parameters"),
    (
      #"{"kind": "mlp", "scaling": {"target_parameters": 70000, "factor": 2}}"#,
      "/model/scaling/target_parameters"
    ),
    (#"{"kind": "mlp", "scaling": {"rule": "width", "factor": 1, "by": 2}}"#, "/model/scaling/by"),
    (#"{"kind": "mlp", "scaling": 2}"#, "/model/scaling"),
  ])
  func refused(model: String, pointer: String) {
    do {
      _ = try read(model)
      Issue.record("accepted")
    } catch let error as SpecificationError {
      #expect(error.faults.contains { $0.pointer == pointer }, "\(error.faults)")
    } catch {
      Issue.record("\(error)")
    }
  }
}
