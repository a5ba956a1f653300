import Foundation

/// The prior of the fit probability p(n) = (1 − λ) / (1 + exp((ln n − μ) / s)): μ is uniform, s log-spaced with weight ∝ √s,
/// λ has a few values. Runs that collapse whatever their size make large λ real; a curve with λ above one half has no
/// threshold.
package struct FitCurvePrior: Sendable, Hashable {
  /// s, ascending, with its weights.
  let scales: [Double]
  let scaleWeights: [Double]
  /// λ, ascending, with its weights.
  let lapses: [Double]
  let lapseWeights: [Double]

  /// s from 0.02 to 1.5; λ as runs on real data have it.
  package static let standard: FitCurvePrior = {
    let count = 11
    let scales = (0..<count).map { 0.02 * pow(1.5 / 0.02, Double($0) / Double(count - 1)) }
    return FitCurvePrior(
      scales: scales, scaleWeights: scales.map { $0.squareRoot() },
      lapses: [0, 0.03, 0.1, 0.2, 0.3, 0.4, 0.6, 0.85],
      lapseWeights: [0.5, 0.2, 0.13, 0.1, 0.06, 0.04, 0.01, 0.01])
  }()

  /// Few values of the same width, to find where the mass lies.
  var coarse: FitCurvePrior {
    FitCurvePrior(
      scales: Self.thin(scales, 3), scaleWeights: Self.thin(scaleWeights, 3), lapses: Self.thin(lapses, 2),
      lapseWeights: Self.thin(lapseWeights, 2))
  }

  /// Fewer values, where a fourth dimension is integrated out beside them.
  var coarseForGrowth: FitCurvePrior {
    FitCurvePrior(
      scales: Self.thin(scales, 2), scaleWeights: Self.thin(scaleWeights, 2), lapses: [0, 0.1, 0.3],
      lapseWeights: [0.7, 0.2, 0.1])
  }

  /// Every `step`th from the last.
  private static func thin(_ values: [Double], _ step: Int) -> [Double] {
    values.enumerated().filter { (values.count - 1 - $0.offset) % step == 0 }.map(\.element)
  }

  /// A curve of which all but the threshold is known.
  package static func known(scale: Double, lapse: Double) -> FitCurvePrior {
    FitCurvePrior(scales: [scale], scaleWeights: [1], lapses: [lapse], lapseWeights: [1])
  }
}

/// How many runs of one size fitted and how many did not.
package struct FitCount: Sendable, Hashable {
  /// The size.
  package let samples: Int
  /// Runs that fitted, and that did not.
  package var fits: Int
  package var failures: Int

  /// Counts by size, ascending.
  package static func counts(_ runs: some Sequence<(samples: Int, isFit: Bool)>) -> [FitCount] {
    var counts: [Int: FitCount] = [:]
    for run in runs {
      var count = counts[run.samples] ?? FitCount(samples: run.samples, fits: 0, failures: 0)
      if run.isFit { count.fits += 1 } else { count.failures += 1 }
      counts[run.samples] = count
    }
    return counts.values.sorted { $0.samples < $1.samples }
  }
}
