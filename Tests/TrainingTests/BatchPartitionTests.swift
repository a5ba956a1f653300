import Compute
import Networks
import Testing
import Training

@Suite("Batches of an epoch")
struct BatchPartitionTests {
  private static let sizes = (1...40).flatMap { n in [1, 2, 3, 7, 8, 16, 39, 40, 100].map { (n, $0) } }

  private func lengths(_ samples: Int, _ size: Int, _ last: LastBatch) -> [Int] {
    let partition = BatchPartition(samples: samples, size: size, last: last)
    var end = 0
    return (0..<partition.count).map { index in
      let batch = partition.batch(index)
      #expect(batch.lowerBound == end, "batches follow each other")
      end = batch.upperBound
      return batch.count
    }
  }

  @Test("balanced: ⌈n / B⌉ batches of all samples whose sizes differ by at most one", arguments: sizes)
  func balanced(samples: Int, size: Int) {
    let lengths = lengths(samples, size, .balanced)
    #expect(lengths.count == Int((Double(samples) / Double(size)).rounded(.up)))
    #expect(lengths.reduce(0, +) == samples)
    #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) <= 1)
    #expect((lengths.max() ?? 0) <= size)
  }

  @Test("keep: batches of B and one with the rest", arguments: sizes)
  func keep(samples: Int, size: Int) {
    let whole = Array(repeating: size, count: samples / size)
    #expect(lengths(samples, size, .keep) == whole + (samples % size == 0 ? [] : [samples % size]))
  }

  @Test("drop: batches of B alone, or one of all where there are fewer", arguments: sizes)
  func drop(samples: Int, size: Int) {
    let expected = samples < size ? [samples] : Array(repeating: size, count: samples / size)
    #expect(lengths(samples, size, .drop) == expected)
  }

  @Test("900 samples in batches of at most 128 are four of 112 and four of 113")
  func example() {
    #expect(lengths(900, 128, .balanced).sorted() == [112, 112, 112, 112, 113, 113, 113, 113])
  }

  /// Two epochs of plain SGD, step by step from the shuffled order and the batch sizes written out here.
  @Test(
    "training steps on these batches",
    arguments: [
      (LastBatch.balanced, [3, 4, 3, 4]), (.keep, [4, 4, 4, 2]), (.drop, [4, 4, 4]),
    ])
  func steps(last: LastBatch, lengths: [Int]) throws {
    let data = Problems.gaussian(samples: 14, dimensions: 5, classes: 3)
    let key = Problems.key(14)
    let procedure = Procedure.with {
      $0.precision = .double
      $0.optimizer = .sgd(momentum: 0, nesterov: false)
      $0.learningRate = .fixed(0.3)
      $0.batchSize = .size(4)
      $0.lastBatch = last
      $0.maxSteps = 2 * lengths.count
    }
    let trainer = try Trainer(architecture: .linear, trainingSet: data, procedure: procedure, key: key)
    let expected = trainer.variables.copy()
    let report = trainer.run(shouldStop: { false })
    #expect(report?.epochs == 2)

    let workspace = trainer.network.makeWorkspace(capacity: 4)
    let gradient = Buffer<Double>(count: expected.count)
    for epoch in 0..<2 {
      var stream = RandomStream(
        seed: key.seed, purpose: .shuffle, samples: key.samples, replicate: key.replicate, index: epoch)
      var order = (0..<Int32(14)).map { $0 }
      order.withUnsafeMutableBufferPointer { stream.shuffle($0.baseAddress!, count: 14) }
      var start = 0
      for length in lengths {
        let batch = order[start..<start + length].map(Int.init)
        start += length
        let inputs = Buffer(batch.flatMap { sample in (0..<5).map { data.inputs[sample * 5 + $0] } })
        workspace.lossAndGradient(
          parameters: expected.pointer, inputs: inputs.pointer, labels: batch.map { data.labels[$0] },
          count: length, scale: 1 / Double(length), gradient: gradient.pointer)
        for i in 0..<expected.count { expected[i] -= 0.3 * gradient[i] }
      }
    }
    for i in 0..<expected.count { #expect(abs(trainer.variables[i] - expected[i]) <= 1e-13) }
  }
}
