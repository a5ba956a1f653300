import Datasets
import Foundation
import Testing

@Suite("Gaussian data")
struct GaussianDatasetTests {
  let library = DatasetLibrary(directory: URL(filePath: "/nonexistent"))

  func subset(_ samples: Int, _ key: SubsetKey, _ labels: LabelRegime = .original) throws -> Subset {
    try library.open(.gaussian(dimensions: 20, classes: 4)).subset(samples: samples, key: key, labels: labels)
  }

  @Test("inputs are standard normal: mean 0, variance 1, fourth moment 3, columns uncorrelated")
  func moments() throws {
    let subset = try subset(5_000, SubsetKey(seed: 3, samples: 5_000, replicate: 0))
    let values = subset.inputs.array.map(Double.init)
    let count = Double(values.count)
    let squares = values.map { $0 * $0 }
    let fourthPowers = squares.map { $0 * $0 }
    #expect(values.count == 100_000)
    // Five standard errors each: √(1/N), √(2/N), √(96/N).
    let mean = values.reduce(0, +) / count
    let secondMoment = squares.reduce(0, +) / count
    let fourthMoment = fourthPowers.reduce(0, +) / count
    #expect(abs(mean) < 5 * (1 / count).squareRoot())
    #expect(abs(secondMoment - 1) < 5 * (2 / count).squareRoot())
    #expect(abs(fourthMoment - 3) < 5 * (96 / count).squareRoot())
    let products = (0..<5_000).map { values[$0 * 20] * values[$0 * 20 + 1] }
    let covariance: Double = products.reduce(0, +) / 5_000
    #expect(abs(covariance) < 5 / 5_000.0.squareRoot())
  }

  @Test("labels are uniform over the classes")
  func labelsAreUniform() throws {
    for regime in [LabelRegime.original, .random] {
      let labels = try subset(8_000, SubsetKey(seed: 5, samples: 8_000, replicate: 1), regime).labels
      for label in Int32(0)..<4 {
        // Binomial(8000, 1/4): deviation 38.7.
        #expect(abs(labels.count { $0 == label } - 2_000) < 194)
      }
    }
  }

  @Test("a draw is a function of its key; sizes and replicates are independent")
  func keyed() throws {
    let key = SubsetKey(seed: 7, samples: 50, replicate: 2)
    let first = try subset(50, key)
    #expect(try subset(50, key).inputs.array == first.inputs.array)
    for other in [
      SubsetKey(seed: 8, samples: 50, replicate: 2), SubsetKey(seed: 7, samples: 51, replicate: 2),
      SubsetKey(seed: 7, samples: 50, replicate: 3),
    ] {
      #expect(try subset(50, other).inputs.array != first.inputs.array)
    }
    // How many are drawn is no part of a sample's content.
    let fewer = try subset(20, key)
    #expect(fewer.inputs.array == Array(first.inputs.array.prefix(20 * 20)))
    #expect(fewer.labels == Array(first.labels.prefix(20)))
  }

  @Test("the data set's own labels are keyed by seed and index, random ones by the probe")
  func labelKeys() throws {
    let a = SubsetKey(seed: 7, samples: 100, replicate: 0)
    let b = SubsetKey(seed: 7, samples: 120, replicate: 1)
    #expect(try subset(100, a).labels == subset(100, b).labels)
    #expect(try subset(100, a, .random).labels != subset(100, b, .random).labels)
  }

  @Test("nested subsets are prefixes of one another")
  func nested() throws {
    for regime in [LabelRegime.original, .random, .corrupted(fraction: 0.5)] {
      let small = try subset(30, SubsetKey(seed: 1, samples: 30, replicate: 0, nested: true), regime)
      let large = try subset(31, SubsetKey(seed: 1, samples: 31, replicate: 5, nested: true), regime)
      #expect(small.inputs.array == Array(large.inputs.array.prefix(30 * 20)))
      #expect(small.labels == Array(large.labels.prefix(30)))
    }
  }

  @Test("balanced draws have equal class counts and nest")
  func balanced() throws {
    let dataset = try library.open(.gaussian(dimensions: 3, classes: 4))
    func draw(_ samples: Int) throws -> Subset {
      var request = SubsetRequest(
        samples: samples, key: SubsetKey(seed: 1, samples: samples, replicate: 0, nested: true))
      request.sampling = .balanced
      return try dataset.subset(request)
    }
    let subset = try draw(402)
    let counts = (Int32(0)..<4).map { label in subset.labels.count { $0 == label } }
    #expect(counts.allSatisfy { 100...101 ~= $0 })
    #expect(counts.reduce(0, +) == 402)
    #expect(try draw(401).labels == Array(subset.labels.dropLast()))
  }

  @Test("the digest names the rule, not the draw")
  func digest() throws {
    let digest = try library.open(.gaussian(dimensions: 20, classes: 4)).digest
    #expect(try digest == sha256(Array("gaussian/1 dimensions=20 classes=4".utf8)))
    #expect(try library.open(.gaussian(dimensions: 20, classes: 5)).digest != digest)
  }

  @Test(
    "dimensions and classes out of range are refused",
    arguments: [(0, 2), (-1, 2), (5, 1), (5, 0), (2_000_000, 2)])
  func refusals(dimensions: Int, classes: Int) throws {
    let error = try datasetError { _ = try library.open(.gaussian(dimensions: dimensions, classes: classes)) }
    guard case .invalidOption = error else { throw error }
  }
}
