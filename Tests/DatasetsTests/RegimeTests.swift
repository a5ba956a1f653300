import Datasets
import Foundation
import Testing

@Suite("Label and input regimes")
struct RegimeTests {
  let folder: TemporaryFolder
  let dataset: any Dataset

  init() throws {
    folder = try TemporaryFolder()
    dataset = try DatasetLibrary(
      directory: folder.url.appending(path: "data"), mirror: Fixtures.mirror("mnist", in: folder)
    ).open(.mnist)
  }

  func draw(
    _ samples: Int, replicate: Int = 0, nested: Bool = false,
    _ change: (inout SubsetRequest) -> Void = { _ in }
  ) throws -> Subset {
    var request = SubsetRequest(
      samples: samples, key: SubsetKey(seed: 11, samples: samples, replicate: replicate, nested: nested))
    change(&request)
    return try dataset.subset(request)
  }

  @Test("draws are without replacement, and every sample is as likely")
  func uniform() throws {
    var counts = [Int](repeating: 0, count: 500)
    for replicate in 0..<200 {
      let indices = try draw(50, replicate: replicate).indices
      #expect(Set(indices).count == 50)
      for index in indices { counts[index] += 1 }
    }
    // Binomial(200, 1/10) each: chi-squared with 499 degrees of freedom, corrected for the draw of 10 %.
    let statistic = counts.reduce(0.0) { $0 + Double(($1 - 20) * ($1 - 20)) / 18 }
    #expect(abs(statistic - 499) < 5 * (2.0 * 499).squareRoot())
  }

  @Test("a draw of all samples puts each at every place alike")
  func order() throws {
    // Tenths of the places by tenths of the indices; 200 draws put 200 into each on average.
    var counts = [Int](repeating: 0, count: 100)
    for replicate in 0..<200 {
      let indices = try draw(100, replicate: replicate) { $0.split = .test }.indices
      for (place, index) in indices.enumerated() { counts[place / 10 * 10 + index / 10] += 1 }
    }
    let statistic = counts.reduce(0.0) { $0 + Double(($1 - 200) * ($1 - 200)) / 200 }
    #expect(abs(statistic - 81) < 5 * (2.0 * 81).squareRoot())
  }

  @Test("nested subsets are prefixes, labels included, for every regime")
  func nested() throws {
    for labels in [LabelRegime.original, .random, .corrupted(fraction: 0.3), .shuffled] {
      for inputs in InputRegime.allCases {
        for sampling in Sampling.allCases {
          let (small, large) = try (
            draw(40, nested: true) { ($0.labels, $0.inputs, $0.sampling) = (labels, inputs, sampling) },
            draw(41, replicate: 3, nested: true) {
              ($0.labels, $0.inputs, $0.sampling) = (labels, inputs, sampling)
            }
          )
          #expect(small.indices == Array(large.indices.dropLast()))
          #expect(small.labels == Array(large.labels.dropLast()), "\(labels)")
          #expect(small.inputs.array == Array(large.inputs.array.prefix(40 * 784)), "\(inputs)")
        }
      }
    }
  }

  @Test("shuffled labels keep the class counts of the draw and lose the order")
  func shuffled() throws {
    let original = try draw(300)
    let shuffled = try draw(300) { $0.labels = .shuffled }
    #expect(original.indices == shuffled.indices)
    #expect(original.labels.sorted() == shuffled.labels.sorted())
    // About one in ten stays by chance.
    #expect(zip(original.labels, shuffled.labels).count { $0 == $1 } < 70)
  }

  @Test("corruption changes nine tenths of the chosen fraction of ten classes", arguments: [0.0, 0.5, 1.0])
  func corrupted(fraction: Double) throws {
    let original = try draw(500)
    let corrupted = try draw(500) { $0.labels = .corrupted(fraction: fraction) }
    let changed = zip(original.labels, corrupted.labels).count { $0 != $1 }
    #expect(abs(Double(changed) - 450 * fraction) < (fraction == 0 ? 0.5 : 60))
  }

  @Test("classes merge in neighbouring groups; one stands against the rest")
  func grouping() throws {
    let original = try draw(200)
    let merged = try draw(200) { $0.classes = .merged(into: 5) }
    #expect(merged.classes == 5)
    #expect(merged.labels == original.labels.map { $0 / 2 })
    let single = try draw(200) { $0.classes = .oneAgainstRest(7) }
    #expect(single.classes == 2)
    #expect(single.labels == original.labels.map { $0 == 7 ? 1 : 0 })
    for classes in [
      ClassGrouping.merged(into: 1), .merged(into: 11), .oneAgainstRest(10), .oneAgainstRest(-1),
    ] {
      let error = try datasetError { _ = try draw(10) { $0.classes = classes } }
      guard case .invalidOption = error else { throw error }
    }
  }

  @Test("balanced subsets have class counts that differ by one at most")
  func balanced() throws {
    let subset = try draw(123) { $0.sampling = .balanced }
    let counts = (Int32(0)..<10).map { label in subset.labels.count { $0 == label } }
    #expect(counts.max()! - counts.min()! <= 1)
    #expect(Set(subset.indices).count == 123)
    let error = try datasetError { _ = try draw(500) { $0.sampling = .balanced } }
    guard case .tooFewSamples(500, _) = error else { throw error }
  }

  @Test("shuffled pixels: one permutation for all samples; random pixels: one for each; values stay")
  func pixels() throws {
    let original = try draw(20).inputs.array
    let shuffled = try draw(20) { $0.inputs = .shuffledPixels }.inputs.array
    let random = try draw(20) { $0.inputs = .randomPixels }.inputs.array
    func row(_ values: [Float], _ row: Int) -> [Float] { Array(values[row * 784..<(row + 1) * 784]) }
    for sample in 0..<20 {
      #expect(row(original, sample).sorted() == row(shuffled, sample).sorted())
      #expect(row(original, sample).sorted() == row(random, sample).sorted())
    }
    // A permutation of all maps equal columns to equal columns: the multiset of columns stays.
    func columns(_ values: [Float]) -> [[Float]] {
      (0..<784).map { column in (0..<20).map { values[$0 * 784 + column] } }
        .sorted { $0.lexicographicallyPrecedes($1) }
    }
    #expect(columns(original) == columns(shuffled))
    #expect(columns(original) != columns(random))
    #expect(original != shuffled)
    // The permutation belongs to the seed: the test split is permuted alike.
    let test = try draw(20) { ($0.split, $0.inputs) = (.test, .shuffledPixels) }
    let plain = try draw(20) { $0.split = .test }
    let dark = (0..<784).filter { column in
      (0..<20).allSatisfy { plain.inputs[$0 * 784 + column] == plain.inputs[0] }
    }
    #expect(columns(test.inputs.array) == columns(plain.inputs.array))
    #expect(dark.count > 100)
  }

  @Test("gaussian inputs have the data's moments")
  func gaussian() throws {
    let subset = try draw(400) { ($0.inputs, $0.standardization) = (.gaussian, .none) }
    let values = subset.inputs.array.map(Double.init)
    let moments = try #require(draw(1).moments)
    let (mean, deviation) = populationMoments(values)
    // 313,600 values: five standard errors.
    #expect(abs(mean - moments.mean[0]) < 5 * moments.deviation[0] / 560)
    #expect(abs(deviation - moments.deviation[0]) < 5 * moments.deviation[0] / 792)
  }

  @Test("gaussian inputs of the test split are none of the training split's, index for index")
  func gaussianSplits() throws {
    let train = try draw(500, nested: true) { $0.inputs = .gaussian }
    let test = try draw(100, nested: true) { ($0.inputs, $0.split) = (.gaussian, .test) }
    let rows = Dictionary(uniqueKeysWithValues: zip(train.indices, 0..<500))
    let (trainValues, testValues) = (train.inputs.array, test.inputs.array)
    for (position, index) in test.indices.enumerated() {
      let row = try #require(rows[index])
      #expect(testValues[position * 784] != trainValues[row * 784])
    }
  }

  @Test("standardisation: the whole split's moments, the subset's, none")
  func standardisation() throws {
    let raw = try draw(50) { $0.standardization = .none }.inputs.array.map(Double.init)
    let (mean, deviation) = populationMoments(raw)
    let own = try draw(50) { $0.standardization = .subset }
    #expect(zip(own.inputs.array, raw).allSatisfy { abs(Double($0) - ($1 - mean) / deviation) < 1e-5 })
    let whole = try draw(50)
    let moments = try #require(whole.moments)
    #expect(
      zip(whole.inputs.array, raw).allSatisfy {
        abs(Double($0) - ($1 - moments.mean[0]) / moments.deviation[0]) < 1e-5
      })
    #expect(raw.allSatisfy { 0...1 ~= $0 })
  }

  @Test("the test split is drawn with the training split's moments")
  func testSplit() throws {
    let subset = try draw(100) { $0.split = .test }
    #expect(subset.moments == (try draw(1)).moments)
    let error = try datasetError { _ = try draw(101) { $0.split = .test } }
    #expect(error == .tooFewSamples(asked: 101, available: 100))
  }

  @Test("impossible requests are refused", arguments: [0, -1, 501])
  func impossible(samples: Int) throws {
    _ = try datasetError { _ = try draw(samples) }
  }
}

@Suite("Generated data with meaning")
struct GeneratedTests {
  let library = DatasetLibrary(directory: URL(filePath: "/nonexistent"))

  func draw(_ reference: DatasetReference, _ samples: Int, _ split: Split = .train) throws -> Subset {
    var request = SubsetRequest(samples: samples, key: SubsetKey(seed: 2, samples: samples, replicate: 0))
    request.split = split
    return try library.open(reference).subset(request)
  }

  @Test("prototypes: the nearest class mean of the training split classifies the test split")
  func prototypes() throws {
    var options = PrototypeOptions()
    options.difficulty = 2
    let train = try draw(.prototypes(options), 500)
    let test = try draw(.prototypes(options), 200, .test)
    #expect(train.shape == .image(height: 28, width: 28, channels: 1))
    var means = [[Float]](repeating: [Float](repeating: 0, count: 784), count: 10)
    for (row, label) in train.labels.enumerated() {
      for pixel in 0..<784 { means[Int(label)][pixel] += train.inputs[row * 784 + pixel] / 50 }
    }
    func distance(_ row: Int, _ mean: [Float]) -> Float {
      var sum: Float = 0
      for pixel in 0..<784 {
        let difference = test.inputs[row * 784 + pixel] - mean[pixel]
        sum += difference * difference
      }
      return sum
    }
    let correct = test.labels.enumerated().count { row, label in
      (0..<10).min { distance(row, means[$0]) < distance(row, means[$1]) } == Int(label)
    }
    #expect(correct >= 190)
  }

  @Test("teacher: opposite inputs get opposite labels of two classes, both classes are common")
  func teacher() throws {
    let subset = try draw(.teacher(TeacherOptions()), 2_000)
    let ones = subset.labels.count { $0 == 1 }
    #expect(abs(ones - 1_000) < 250)
    // Labels are a function of the inputs: a linear fit by the class means beats chance on new samples.
    let test = try draw(.teacher(TeacherOptions()), 1_000, .test)
    var direction = [Float](repeating: 0, count: 100)
    for (row, label) in subset.labels.enumerated() {
      for column in 0..<100 { direction[column] += (label == 1 ? 1 : -1) * subset.inputs[row * 100 + column] }
    }
    let correct = test.labels.enumerated().count { row, label in
      var product: Float = 0
      for column in 0..<100 { product += direction[column] * test.inputs[row * 100 + column] }
      return (product > 0) == (label == 1)
    }
    #expect(correct > 650)
  }
}
