import Capacity
import Datasets
import Foundation
import Testing
import Training

/// P(n points in general position in d dimensions, labelled ±1 at random, are separable by a hyperplane with bias)
/// = C(n, D) / 2ⁿ = P(Binomial(n − 1, 1/2) ≤ D − 1), D = d + 1 (Cover 1965).
func coverProbability(samples n: Int, effectiveDimension: Int) -> Double {
  binomialDistribution(n - 1, 0.5, upTo: effectiveDimension - 1)
}

/// P(Binomial(n, p) ≤ k).
func binomialDistribution(_ n: Int, _ p: Double, upTo k: Int) -> Double {
  if k >= n || p <= 0 { return 1 }
  if p >= 1 { return 0 }
  var sum = 0.0
  for i in 0...k {
    let logChoose = lgamma(Double(n + 1)) - lgamma(Double(i + 1)) - lgamma(Double(n - i + 1))
    sum += exp(logChoose + Double(i) * log(p) + Double(n - i) * log(1 - p))
  }
  return min(1, sum)
}

@Suite struct CoverTests {
  /// C(n, d) counts the separable labellings: by its recurrence C(n, d) = C(n − 1, d) + C(n − 1, d − 1), and for
  /// points on a line with a threshold by hand.
  @Test func theFormulaIsCovers() {
    func count(_ n: Int, _ d: Int) -> Double {
      if d == 0 { return 0 }
      return n == 1 ? 2 : count(n - 1, d) + count(n - 1, d - 1)
    }
    for n in 1...14 {
      for d in 1...8 {
        let expected = count(n, d) / pow(2, Double(n))
        #expect(abs(coverProbability(samples: n, effectiveDimension: d) - expected) < 1e-12)
      }
    }
    // One dimension with a bias: 2n of the 2ⁿ labellings of n points on a line.
    #expect(abs(coverProbability(samples: 5, effectiveDimension: 2) - 10.0 / 32) < 1e-12)
    // Exactly one half at n = 2D.
    #expect(abs(coverProbability(samples: 202, effectiveDimension: 101) - 0.5) < 1e-12)
  }

  /// The linear model on normal inputs with two random labels: at no size does it fit more often than a hyperplane
  /// can (beyond what one in a million samples of this size would show), and up to n = 1.5 D it fits at least nine
  /// times in ten.
  @Test(arguments: [50, 100])
  func fitFrequenciesKeepCoversBound(_ dimensions: Int) throws {
    let effective = dimensions + 1
    let replicates = 30
    let sizes = [1.2, 1.5, 2.0, 2.3].map { Int($0 * Double(effective)) }
    let specification = try MeasurementSpecification(
      json: JSONValue(
        parsing: """
          {"dataset": {"name": "gaussian", "dimensions": \(dimensions)}, "labels": {"kind": "random"},
           "model": {"kind": "linear"}}
          """.utf8))
    let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)
    let probes = try LocalMeasurement(specification: specification, library: library, workers: 2)
      .run(sizes: sizes, replicates: replicates)
    for samples in sizes {
      let fits = probes.count { $0.address.samples == samples && $0.outcome == .fit }
      let exact = coverProbability(samples: samples, effectiveDimension: effective)
      print(
        "Cover d = \(dimensions), n = \(samples): \(fits) of \(replicates) fit, exact probability \(exact)")
      // The chance of so many fits, were the exact probability the true one.
      let chance = fits == 0 ? 1 : 1 - binomialDistribution(replicates, exact, upTo: fits - 1)
      #expect(chance > 1e-6)
      if Double(samples) <= 1.5 * Double(effective) {
        #expect(Double(fits) >= 0.9 * Double(replicates))
      }
    }
  }

  /// A solver of the convex problem that runs to the end reaches what Cover's theorem allows: at n = 2D, where half of
  /// all labellings are separable, its fits are those of a fair coin.
  @Test func aConvexSolverReachesCoversProbability() throws {
    let dimensions = 20
    let samples = 2 * (dimensions + 1)
    let replicates = 60
    let specification = try MeasurementSpecification(
      json: JSONValue(
        parsing: """
          {"dataset": {"name": "gaussian", "dimensions": \(dimensions)}, "labels": {"kind": "random"},
           "model": {"kind": "linear"},
           "training": {"optimizer": {"kind": "lbfgs"}, "precision": "double", "max_steps": 2000}}
          """.utf8))
    let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)
    let fits = try LocalMeasurement(specification: specification, library: library, workers: 2)
      .run(sizes: [samples], replicates: replicates).count { $0.outcome == .fit }
    print("Cover d = \(dimensions), n = \(samples), L-BFGS: \(fits) of \(replicates) fit")
    // Beyond what one in ten thousand samples of a fair coin would show, on either side.
    let below = binomialDistribution(replicates, 0.5, upTo: fits)
    let above = 1 - binomialDistribution(replicates, 0.5, upTo: fits - 1)
    #expect(below > 1e-4 && above > 1e-4)
  }
}
