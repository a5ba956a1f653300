import Compute
import Foundation

/// Whether the fit frequencies fall with the size, as a curve of capacity must: the likelihood ratio of free frequencies
/// against the best that never rise (isotonic regression by pooling adjacent violators), and how often so large a one
/// comes by chance from a curve that falls.
package enum Monotonicity {
  /// The p-value, by simulation from the posterior's mean curve; 1 where the frequencies never rise. (From the isotonic fit itself,
  /// which is as steep as chance made it, frequencies rise too rarely: of smooth curves one in twenty had a p-value below 0.01.)
  package static func pValue(
    _ counts: [FitCount], posterior: FitCurvePosterior, seed: UInt64, simulations: Int = 400
  ) -> Double {
    let runs = counts.map { $0.fits + $0.failures }
    let observed = statistic(counts.map(\.fits), runs)
    guard observed > 1e-9 else { return 1 }
    let expected = ExpectedFits(posterior)
    let curve = counts.map { expected.information(at: log(Double($0.samples))).fit }
    var stream = RandomStream(seed: seed, purpose: .bootstrap, samples: counts.count)
    var exceeded = 0
    for _ in 0..<simulations {
      let fits = zip(curve, runs).map { p, count in
        (0..<count).reduce(0) { sum, _ in sum + (stream.uniform() < p ? 1 : 0) }
      }
      if statistic(fits, runs) >= observed - 1e-9 { exceeded += 1 }
    }
    return Double(exceeded + 1) / Double(simulations + 1)
  }

  /// The non-increasing frequencies of the largest likelihood.
  static func isotonic(_ fits: [Int], _ runs: [Int]) -> [Double] {
    var pools: [(fits: Int, runs: Int, sizes: Int)] = []
    for (fit, count) in zip(fits, runs) {
      pools.append((fit, count, 1))
      // a/b < c/d of neighbours: the later one is larger.
      while pools.count > 1 {
        let (last, before) = (pools[pools.count - 1], pools[pools.count - 2])
        guard before.fits * last.runs < last.fits * before.runs else { break }
        pools.removeLast(2)
        pools.append((before.fits + last.fits, before.runs + last.runs, before.sizes + last.sizes))
      }
    }
    return pools.flatMap { pool in
      [Double](repeating: pool.runs == 0 ? 0 : Double(pool.fits) / Double(pool.runs), count: pool.sizes)
    }
  }

  private static func statistic(_ fits: [Int], _ runs: [Int]) -> Double {
    let curve = isotonic(fits, runs)
    return zip(zip(fits, runs), curve).reduce(0) { sum, entry in
      let ((fit, count), p) = entry
      return sum + 2
        * (logLikelihood(fit, count, Double(fit) / Double(max(1, count))) - logLikelihood(fit, count, p))
    }
  }

  private static func logLikelihood(_ fits: Int, _ runs: Int, _ p: Double) -> Double {
    (fits == 0 ? 0 : Double(fits) * log(p)) + (fits == runs ? 0 : Double(runs - fits) * log(1 - p))
  }
}
