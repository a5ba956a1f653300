import CAllocations
import Compute
import Networks
import Testing
import Training

@Suite("Allocations", .allocationsAreCounted)
struct AllocationTests {
  private static let procedures: [Procedure] =
    [OptimizerKind.sgd(), .adam(), .shampoo(refresh: 20), .lbfgs(), .muon()].map { kind in
      .with { $0.optimizer = kind }
    } + [
      .with { $0.batchSize = .full },
      .with { $0.regularization = Regularization(coupledWeightDecay: 1e-4, sharpnessRadius: 0.05) },
      .with { $0.reparameterization = .subspace(dimension: 40) },
      .with { $0.reparameterization = .quantized(bits: 4) },
      .with { $0.schedule = Schedule(.plateau(PlateauDecay(patience: 10)), warmupSteps: 5) },
      .with {
        $0.optimizer = .adam()
        $0.regularization = Regularization(
          decoupledWeightDecay: 1e-4, labelSmoothing: 0.1, gradientClip: 0.01)
      },
      .with { $0.optimizer = .gradientDescent },
      .with { $0.optimizer = .sgd(momentum: 0.9, nesterov: true) },
      .with { $0.schedule = Schedule(.cosine(CosineDecay(period: 100))) },
      .with { $0.shards = 3 },
      .with { $0.precision = .double },
    ]

  @Test("the counter counts")
  func counter() {
    let before = emc_allocations_of_this_thread()
    let buffer = Buffer<Float>(count: 10)
    #expect(emc_allocations_of_this_thread() >= before + 1)
    #expect(buffer[0] == 0)
  }

  @Test("steps allocate nothing, epochs and checks included", arguments: procedures)
  func steps(procedure: Procedure) throws {
    var procedure = procedure
    procedure.learningRate = .fixed(1e-3)
    procedure.maxSteps = 400
    // More random labels than the network can hold, so that it trains to the end.
    let data = Problems.gaussian(samples: 700, dimensions: 10, classes: 5)
    var polls = 0
    var start = 0
    var end = 0
    let report = try train(
      architecture: .mlp(MultilayerPerceptron(hidden: [16, 16])), trainingSet: data, procedure: procedure,
      key: Problems.key(700),
      shouldStop: {
        polls += 1
        if polls == 50 { start = emc_allocations_of_this_thread() }
        if polls == 350 { end = emc_allocations_of_this_thread() }
        return false
      })
    #expect(report?.steps == 400)
    #expect(end - start == 0, "allocations in 300 steps")
  }

  @Test("nor do those of any architecture", arguments: ArchitectureAllocationTests.architectures)
  func steps(architecture: Architecture) throws {
    let image = ArchitectureAllocationTests.image
    let points = Problems.gaussian(samples: 90, dimensions: image.count, classes: 3)
    let data = TrainingSet(inputs: points.inputs, labels: points.labels, shape: image, classes: 3)
    for augmentation in [Augmentation.none, Augmentation(horizontalFlip: true, cropPadding: 2)] {
      var polls = 0
      var start = 0
      var end = 0
      let report = try train(
        architecture: architecture, trainingSet: data,
        procedure: .with {
          $0.learningRate = .fixed(1e-4)
          $0.batchSize = .size(30)
          $0.maxSteps = 60
          $0.augmentation = augmentation
        }, key: Problems.key(90),
        shouldStop: {
          polls += 1
          if polls == 10 { start = emc_allocations_of_this_thread() }
          if polls == 55 { end = emc_allocations_of_this_thread() }
          return false
        })
      #expect(report?.steps == 60)
      #expect(end - start == 0, "allocations in 45 steps with \(augmentation)")
    }
  }
}
