import Foundation
import Networks
import Testing
import Training

/// What a last batch of few samples does to the fit frequency, and that balanced batches don't do it.
@Suite("Partial batches")
struct PartialBatchTests {
  private static let replicates = 16

  /// How many of the replicates fit `samples` random labels in batches of at most 32.
  private func fits(_ samples: Int, _ last: LastBatch) throws -> Int {
    try (0..<Self.replicates).count { replicate in
      let data = Problems.gaussian(samples: samples, dimensions: 40, classes: 10, replicate: replicate)
      let report = try outcome(
        .mlp(MultilayerPerceptron(hidden: [16])), data.converted(to: Float.self),
        .with {
          $0.learningRate = .fixed(0.1)
          $0.batchSize = .size(32)
          $0.lastBatch = last
          $0.maxSteps = 4000
        }, replicate: replicate)
      return report.outcome == .fit
    }
  }

  /// Fisher's exact test, one-sided: the probability, given the sum of both, that no more than `fewer` of `n` fit where
  /// `others` of `m` do.
  static func fisher(_ fewer: Int, of n: Int, against others: Int, of m: Int) -> Double {
    let fits = fewer + others
    func ways(_ k: Int) -> Double {
      func logChoose(_ n: Int, _ k: Int) -> Double {
        lgamma(Double(n + 1)) - lgamma(Double(k + 1)) - lgamma(Double(n - k + 1))
      }
      guard k <= n, fits - k <= m, k >= 0, fits - k >= 0 else { return 0 }
      return exp(logChoose(n, k) + logChoose(m, fits - k) - logChoose(n + m, fits))
    }
    return (0...fewer).reduce(0) { $0 + ways($1) }
  }

  @Test("Fisher's test, against tables worked out by hand")
  func test() {
    // All eight of one group against none of the other: 1 of C(16, 8) = 12,870 ways.
    #expect(abs(Self.fisher(0, of: 8, against: 8, of: 8) - 1 / 12_870) < 1e-12)
    // Fisher's tea: (1 + 16) / 70.
    #expect(abs(Self.fisher(1, of: 4, against: 3, of: 4) - 17 / 70) < 1e-12)
    #expect(abs(Self.fisher(16, of: 16, against: 16, of: 16) - 1) < 1e-12)
  }

  @Test("balanced batches fit 7 B + 1 samples as often as their neighbours; a last batch of one doesn't")
  func artefact() throws {
    let n = Self.replicates
    let neighbours = try fits(7 * 32, .balanced) + fits(8 * 32, .balanced)
    let balanced = try fits(7 * 32 + 1, .balanced)
    let kept = try fits(7 * 32 + 1, .keep)
    let comment = "\(balanced) and \(kept) of \(n) beside \(neighbours) of \(2 * n)"
    #expect(Self.fisher(balanced, of: n, against: neighbours, of: 2 * n) > 0.05, "\(comment)")
    // The same test sees the artefact, so that it could see it above.
    #expect(Self.fisher(kept, of: n, against: neighbours, of: 2 * n) < 1e-6, "\(comment)")
  }
}
