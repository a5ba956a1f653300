import Compute
import Networks
import Testing
import Training

@Suite("Augmentation")
struct AugmentationTests {
  private static let shape = SampleShape.image(height: 5, width: 6, channels: 2)
  private let samples = 64

  /// Images whose every number is its place, in each sample other ones.
  private var images: [Double] { (0..<samples * Self.shape.count).map { Double($0 + 1) } }

  /// What sample `sample` looks like in `epoch`.
  private func rows(_ augmentation: Augmentation, epoch: Int, replicate: Int = 0) -> [[Double]] {
    let inputs = Buffer(images)
    let result = Buffer<Double>(count: inputs.count)
    SampleAugmentation(augmentation, shape: Self.shape, key: Problems.key(samples, replicate: replicate))?
      .gather(
        samples, inputs.pointer, Array(0..<Int32(samples)), epoch: epoch, into: result.pointer)
    let values = result.array
    return (0..<samples).map { Array(values[$0 * Self.shape.count..<($0 + 1) * Self.shape.count]) }
  }

  /// The image mirrored, then shifted: pixel (r, c) is that of (r + down, c + right), 0 outside.
  private func shifted(_ image: [Double], down: Int, right: Int, mirrored: Bool) -> [Double] {
    var result: [Double] = []
    for row in 0..<5 {
      for column in 0..<6 {
        for channel in 0..<2 {
          let (y, x) = (row + down, column + right)
          let inside = (0..<5).contains(y) && (0..<6).contains(x)
          result.append(inside ? image[(y * 6 + (mirrored ? 5 - x : x)) * 2 + channel] : 0)
        }
      }
    }
    return result
  }

  private func original(_ sample: Int) -> [Double] {
    Array(images[sample * Self.shape.count..<(sample + 1) * Self.shape.count])
  }

  @Test("half of the images are mirrored, and no other change is made")
  func flips() {
    var mirrored = 0
    for (sample, row) in rows(Augmentation(horizontalFlip: true), epoch: 3).enumerated() {
      let flipped = shifted(original(sample), down: 0, right: 0, mirrored: true)
      #expect(row == original(sample) || row == flipped)
      if row == flipped { mirrored += 1 }
    }
    // Six deviations of a fair coin.
    #expect(abs(mirrored - samples / 2) <= 24)
  }

  @Test("every image is one of the crops of its padded self, mirrored or not", arguments: [false, true])
  func crops(flip: Bool) {
    var seen: Set<[Int]> = []
    for epoch in 0..<20 {
      for (sample, row) in rows(Augmentation(horizontalFlip: flip, cropPadding: 2), epoch: epoch).enumerated()
      {
        var found: [Int]?
        for down in -2...2 {
          for right in -2...2 {
            for mirrored in flip ? [false, true] : [false]
            where row == shifted(original(sample), down: down, right: right, mirrored: mirrored) {
              found = [down, right, mirrored ? 1 : 0]
            }
          }
        }
        #expect(found != nil)
        if let found { seen.insert(found) }
      }
    }
    #expect(seen.count == (flip ? 50 : 25), "every place comes up")
  }

  @Test("each epoch and replicate has its own, and always the same")
  func keys() {
    let augmentation = Augmentation(horizontalFlip: true, cropPadding: 2)
    let first = rows(augmentation, epoch: 0)
    #expect(rows(augmentation, epoch: 0) == first)
    #expect(rows(augmentation, epoch: 1) != first)
    #expect(rows(augmentation, epoch: 0, replicate: 1) != first)
  }

  private func data() -> TrainingSet<Double> {
    let points = Problems.gaussian(samples: 40, dimensions: 36)
    return TrainingSet(
      inputs: points.inputs, labels: points.labels, shape: .image(height: 6, width: 6, channels: 1),
      classes: 2)
  }

  private func procedure(_ augmentation: Augmentation, _ batch: BatchSize, steps: Int) -> Procedure {
    .with {
      $0.augmentation = augmentation
      $0.batchSize = batch
      $0.maxSteps = steps
      $0.learningRate = .fixed(0.1)
      $0.precision = .double
      $0.convergence.lossWindow = 20
    }
  }

  @Test("steps are taken on changed images, and results are told of the plain ones", arguments: [8, 40])
  func training(batch: Int) throws {
    let size = batch == 40 ? BatchSize.full : .size(batch)
    let network = Architecture.mlp(MultilayerPerceptron(hidden: [24]))
    let flip = Augmentation(horizontalFlip: true)
    // Nothing moves: the loss is that of the start, and of the images as they are.
    func start(_ augmentation: Augmentation) throws -> TrainingReport {
      var procedure = procedure(augmentation, size, steps: 1)
      procedure.learningRate = .fixed(1e-300)
      return try outcome(network, data(), procedure)
    }
    let plain = try start(.none)
    #expect(try start(flip).loss == plain.loss)
    let augmented = try outcome(network, data(), procedure(flip, size, steps: 50))
    #expect(augmented.loss != (try outcome(network, data(), procedure(.none, size, steps: 50))).loss)
    #expect(augmented == (try outcome(network, data(), procedure(flip, size, steps: 50))))
    // Random labels of points and of their mirror images can both be fitted.
    let fitted = try outcome(network, data(), procedure(flip, size, steps: 20_000))
    #expect(fitted.outcome == .fit && fitted.trainingAccuracy == 1)
  }

  @Test("a sample's changes don't depend on the shards")
  func shards() throws {
    func report(_ shards: Int) throws -> TrainingReport {
      var procedure = procedure(Augmentation(horizontalFlip: true, cropPadding: 1), .size(10), steps: 30)
      procedure.shards = shards
      return try outcome(.mlp(MultilayerPerceptron(hidden: [8])), data(), procedure)
    }
    #expect(abs(try report(1).loss - report(3).loss) <= 1e-12)
  }

  @Test("no minimum is claimed: the objective changes with every epoch")
  func unverifiable() throws {
    // Two equal points with both labels can't be fitted.
    let twins = TrainingSet(
      inputs: Buffer<Double>([1, 2, 3, 4, 1, 2, 3, 4]), labels: [0, 1],
      shape: .image(height: 2, width: 2, channels: 1), classes: 2)
    let plain = try outcome(.linear, twins, procedure(.none, .full, steps: 4000))
    #expect(plain.outcome == .minimum)
    let report = try outcome(
      .linear, twins, procedure(Augmentation(horizontalFlip: true), .full, steps: 4000))
    #expect(report.outcome == .budget)
    #expect(report.reason == "unverifiable: augmentation")
  }
}
