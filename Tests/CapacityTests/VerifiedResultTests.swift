import Capacity
import Datasets
import Foundation
import Testing

/// What a result says of a verified minimum.
@Suite struct VerifiedResultTests {
  private func probe(samples: Int) throws -> JSONValue {
    let specification = try MeasurementSpecification(
      json: JSONValue(
        parsing: """
          {"dataset": {"name": "gaussian", "dimensions": 3}, "model": {"kind": "linear"},
           "labels": {"kind": "random"},
           "training": {"optimizer": {"kind": "lbfgs"}, "precision": "double",
             "convergence": {"gradient_norm": 1e-6, "loss_window": 10, "negative_curvature": 0.002}}}
          """.utf8))
    let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)
    return try #require(
      try LocalMeasurement(specification: specification, library: library, workers: 1)
        .run(sizes: [samples], replicates: 1).first
    ).json
  }

  @Test(arguments: [(300, 300), (4096, 4096), (4200, 4096)])
  func measuredValuesTolerancesAndSamplesAreReported(samples: Int, looked: Int) throws {
    let probe = try probe(samples: samples)
    #expect(probe["outcome"] == .string("minimum"))
    #expect(
      probe["checks"]
        == .array(["gradient_norm", "loss_change", "negative_curvature", "drift"].map(JSONValue.string)))
    let gradient = try #require(probe["relative_gradient_norm"]?.doubleValue)
    #expect(gradient <= 1e-6)
    let change = try #require(probe["loss_change"]?.doubleValue)
    #expect(change <= 1e-3)
    let curvature = try #require(probe["curvature"])
    // Above 4,096 samples the Hessian is that of a fixed subsample.
    #expect(curvature["samples"] == .integer(looked))
    #expect(curvature["tolerance"] == .number(0.002))
    #expect(curvature["converged"] == .bool(true))
    let largest = try #require(curvature["largest_eigenvalue"]?.doubleValue)
    let tolerance = try #require(curvature["residual_tolerance"]?.doubleValue)
    #expect(abs(tolerance / largest - 0.0002) <= 1e-12)
    for residual in ["smallest_residual", "largest_residual"] {
      let value = try #require(curvature[residual]?.doubleValue)
      #expect(value <= tolerance)
    }
    // Four weights a class: as many steps at most.
    let steps = try #require(curvature["lanczos_steps"]?.integerValue)
    #expect((1...8).contains(steps))
  }
}
