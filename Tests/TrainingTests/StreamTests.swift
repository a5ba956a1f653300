import Compute
import Networks
import Testing
import Training

/// Inputs that are made when they are asked for give the same bits as inputs in memory.
@Suite("Streamed training sets")
struct StreamTests {
  /// Rows of a buffer, and how many were asked for.
  struct Rows: RowStream {
    let inputs: Buffer<Float>
    let width: Int
    /// The positions that may be asked for.
    let from: Int32

    func write(_ positions: UnsafeBufferPointer<Int32>, into rows: Buffer<Float>) {
      for (row, position) in positions.enumerated() {
        precondition(position >= from, "what is in memory isn't made")
        (rows.pointer + row * width).update(from: inputs.pointer + Int(position) * width, count: width)
      }
    }
  }

  static let image = SampleShape.image(height: 6, width: 6, channels: 2)
  static let samples = 90

  /// The same samples in memory and, but for the first `resident`, streamed.
  static func sets(resident: Int) -> (whole: TrainingSet<Float>, streamed: TrainingSet<Float>) {
    let points = Problems.gaussian(samples: samples, dimensions: image.count, classes: 3)
    let inputs = Buffer<Float>(count: points.inputs.count)
    Float.narrow(inputs.count, points.inputs.pointer, inputs.pointer)
    let first = Buffer<Float>(count: resident * image.count)
    first.pointer.update(from: inputs.pointer, count: first.count)
    return (
      TrainingSet(inputs: inputs, labels: points.labels, shape: image, classes: 3),
      TrainingSet(
        inputs: first, stream: Rows(inputs: inputs, width: image.count, from: Int32(resident)),
        labels: points.labels, shape: image, classes: 3)
    )
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var architecture = Architecture.mlp(MultilayerPerceptron(hidden: [12]))
    var procedure = Procedure.with { $0.batchSize = .size(16) }
  }

  static let cases: [Case] = [
    Case(testDescription: "shuffled batches"),
    Case(
      testDescription: "shards",
      procedure: .with {
        $0.batchSize = .size(16); $0.shards = 3
      }),
    Case(testDescription: "full batches", procedure: .with { $0.batchSize = .full }),
    Case(testDescription: "L-BFGS", procedure: .with { $0.optimizer = .lbfgs() }),
    Case(
      testDescription: "augmentation",
      procedure: .with {
        $0.batchSize = .size(16)
        $0.augmentation = Augmentation(horizontalFlip: true, cropPadding: 1)
      }),
    Case(
      testDescription: "batch norm",
      architecture: .cnn(ConvolutionalNetwork(channels: [4], normalization: .batch)),
      procedure: .with { $0.batchSize = .size(16) }),
    Case(
      testDescription: "stationary at once, looked at by its Hessian",
      procedure: .with {
        $0.batchSize = .full
        $0.convergence = ConvergenceCriteria(
          gradientNorm: 1e3, lossWindow: 1, lossChange: 1e3, negativeCurvature: 0.5)
      }),
  ]

  @Test("a probe's report is that of the samples in memory", arguments: cases, [0, 31])
  func reports(_ sample: Case, resident: Int) throws {
    var procedure = sample.procedure
    procedure.maxSteps = 25
    procedure.learningRate = .fixed(0.05)
    let (whole, streamed) = Self.sets(resident: resident)
    #expect(
      try outcome(sample.architecture, streamed, procedure, threads: 2)
        == outcome(sample.architecture, whole, procedure))
    procedure.precision = .double
    #expect(
      try outcome(sample.architecture, streamed.converted(to: Double.self), procedure)
        == outcome(sample.architecture, whole.converted(to: Double.self), procedure))
  }

  @Test("rows in memory and rows made for it stand where they are asked for, in any order")
  func order() {
    let (whole, streamed) = Self.sets(resident: 31)
    let width = Self.image.count
    for seed in 1...20 {
      var stream = RandomStream(seed: UInt64(seed), purpose: .shuffle)
      var positions = (0..<Int32(Self.samples)).map { $0 }
      stream.shuffle(&positions)
      positions = Array(positions.prefix(Int(stream.below(90))))
      let rows = Buffer<Float>(count: Self.samples * width)
      positions.withUnsafeBufferPointer { streamed.stream!.write($0, into: rows) }
      let expected = positions.flatMap { position in
        (0..<width).map { whole.inputs[Int(position) * width + $0] }
      }
      #expect(Array(rows.array.prefix(expected.count)) == expected)
    }
  }

  @Test("memory is that of the rows that stay, and little beside")
  func memory() throws {
    let image = SampleShape.image(height: 64, width: 64, channels: 3)
    let network = try Network<Float>(.linear, input: image, classes: 10)
    func memory(_ samples: Int) throws -> TrainingMemory {
      try TrainingMemory(network: network, procedure: .with { $0.batchSize = .size(128) }, samples: samples)
    }
    let fits = ResidentRows.count(of: .max, width: image.count)
    #expect(fits == 43_690)
    #expect(try memory(fits).data == fits * (image.count * 4 + 12))
    #expect(try memory(100_000).data == fits * image.count * 4 + 100_000 * 28)
    #expect(try memory(20_000_000).data < 3 << 30)
  }

  /// In double precision, where rows are made by way of single precision, and with full batches, which gather nothing of their own.
  @Test("a streamed test set gives what one in memory does", arguments: [BatchSize.full, .size(16)])
  func testing(batch: BatchSize) throws {
    let (whole, streamed) = Self.sets(resident: 8)
    let procedure = Procedure.with {
      $0.precision = .double
      $0.batchSize = batch
      $0.maxSteps = 20
    }
    let few = Problems.gaussian(samples: 12, dimensions: Self.image.count, classes: 3)
    let trainer = try Trainer<Double>(
      architecture: .mlp(MultilayerPerceptron(hidden: [12])),
      trainingSet: TrainingSet(inputs: few.inputs, labels: few.labels, shape: Self.image, classes: 3),
      procedure: procedure, key: Problems.key(12))
    _ = try #require(trainer.run(shouldStop: { false }))
    let converted = streamed.converted(to: Double.self)
    let expected = try #require(trainer.test(on: whole.converted(to: Double.self), shouldStop: { false }))
    let found = try #require(trainer.test(on: converted, shouldStop: { false }))
    #expect(found == expected)
  }
}
