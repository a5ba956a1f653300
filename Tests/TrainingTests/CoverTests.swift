import Foundation
import Testing
import Training

/// Cover's theorem (1965): n points in general position in D dimensions, labelled at random, are linearly
/// separable through the origin with probability C(n, D) / 2ⁿ, C(n, D) = 2 Σ_{k<D} binom(n − 1, k). With a bias
/// D = d + 1.
enum Cover {
  /// C(n, D) / 2ⁿ = P(Binomial(n − 1, ½) < D), by logarithms of factorials.
  static func probability(samples n: Int, dimensions: Int) -> Double {
    guard n > dimensions else { return 1 }
    // log binom(n − 1, k) − (n − 1) log 2, from one k to the next.
    var logarithm = -Double(n - 1) * log(2.0)
    var sum = exp(logarithm)
    for k in 1..<max(1, dimensions) {
      logarithm += log(Double(n - k)) - log(Double(k))
      sum += exp(logarithm)
    }
    return sum
  }
}

@Suite("Cover's theorem")
struct CoverTests {
  @Test("the formula against Cover's recursion, in integers")
  func formula() {
    // C(1, D) = 2, C(n, 1) = 2, C(n + 1, D) = C(n, D) + C(n, D − 1).
    var row = [Int](repeating: 2, count: 12)
    row[0] = 0
    for n in 1...40 {
      for dimension in 1..<12 {
        let exact = Double(row[dimension]) / pow(2, Double(n))
        #expect(abs(Cover.probability(samples: n, dimensions: dimension) - exact) <= 1e-12)
      }
      row = row.indices.map { $0 == 0 ? 0 : row[$0] + row[$0 - 1] }
    }
    for dimension in [1, 5, 51, 101] {
      #expect(abs(Cover.probability(samples: 2 * dimension, dimensions: dimension) - 0.5) <= 1e-10)
    }
  }

  @Test(
    "L-BFGS run to the end reaches it: 200 replicates at 1.8 D, 2 D and 2.2 D", arguments: [1.8, 2.0, 2.2])
  func frequencies(ratio: Double) throws {
    let dimensions = 20
    let samples = Int((ratio * Double(dimensions + 1)).rounded())
    let replicates = 200
    var fits = 0
    for replicate in 0..<replicates {
      let data = Problems.gaussian(
        samples: samples, dimensions: dimensions, seed: 11, replicate: replicate)
      let report = try outcome(
        .linear, data,
        .with {
          $0.optimizer = .lbfgs()
          $0.precision = .double
          $0.convergence.gradientNorm = 1e-6
          $0.convergence.lossWindow = 10
        }, replicate: replicate)
      #expect(report.outcome == .fit || report.outcome == .minimum, "\(report)")
      if report.outcome == .fit { fits += 1 }
    }
    let exact = Cover.probability(samples: samples, dimensions: dimensions + 1)
    let frequency = Double(fits) / Double(replicates)
    let deviation = (exact * (1 - exact) / Double(replicates)).squareRoot()
    print("Cover, d = \(dimensions), n = \(samples): \(frequency), exactly \(exact)")
    // Three standard deviations of a binomial frequency.
    #expect(abs(frequency - exact) <= 3 * deviation)
  }
}
