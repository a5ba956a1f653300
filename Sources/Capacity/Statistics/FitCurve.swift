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
  package static let standard = FitCurvePrior(
    scales: scales, scaleWeights: scales.map { $0.squareRoot() },
    lapses: [0, 0.03, 0.1, 0.2, 0.3, 0.4, 0.6, 0.85],
    lapseWeights: [0.5, 0.2, 0.13, 0.1, 0.06, 0.04, 0.01, 0.01])

  private static let scales = (0..<11).map { 0.02 * pow(1.5 / 0.02, Double($0) / 10) }

  /// The same with curves as steep as intervals of a relative width can tell from a step: s goes on below 0.02, down to a tenth of
  /// the width. Without them runs that all fit at one size and all fail at one 1 % larger are possible with wide curves and many
  /// lapses alone, and intervals of 2 % held the threshold of a step in half of all searches.
  func resolving(_ width: Double) -> FitCurvePrior {
    guard scales.count > 1, let least = scales.first, width > 0, width / 10 < least else { return self }
    let ratio = scales[1] / least
    let count = Int((log(least / max(width / 10, 1e-6)) / log(ratio)).rounded(.up))
    let steeper = (1...count).reversed().map { least / pow(ratio, Double($0)) }
    return FitCurvePrior(
      scales: steeper + scales, scaleWeights: steeper.map { $0.squareRoot() } + scaleWeights, lapses: lapses,
      lapseWeights: lapseWeights)
  }

  /// Few values of the same width, to find where the mass lies.
  var coarse: FitCurvePrior {
    FitCurvePrior(
      scales: Self.thin(scales, 3), scaleWeights: Self.thin(scaleWeights, 3), lapses: Self.thin(lapses, 2),
      lapseWeights: Self.thin(lapseWeights, 2))
  }

  /// So many log-spaced scales between two, where more is integrated out beside them.
  func between(_ least: Double, _ most: Double, count: Int) -> FitCurvePrior {
    let scales = (0..<count).map { least * pow(most / least, Double($0) / Double(count - 1)) }
    return FitCurvePrior(
      scales: scales, scaleWeights: scales.map { $0.squareRoot() }, lapses: [0, 0.1, 0.3],
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
