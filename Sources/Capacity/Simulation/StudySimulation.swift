import Compute
import Foundation
import Synchronization

/// Studies whose thresholds are known, compared as real ones are: every cell has a search of its own against the curve,
/// moved by the cell's ratio.
package struct StudySimulation: Sendable {
  /// The search of every cell.
  package let search: Search
  /// The curve of a cell with the ratio 1; each study's threshold lies within ±10 % of its, log-uniformly.
  package let curve: SimulatedCurve
  /// n₅₀ of each cell over the curve's.
  package let ratios: [Double]
  /// The cells' values of a numeric axis; nil where the axis has only names.
  package let axis: [Double]?
  /// Keys every study.
  package let seed: UInt64

  /// Studies of a search.
  package init(
    search: Search, curve: SimulatedCurve, ratios: [Double], axis: [Double]? = nil, seed: UInt64
  ) {
    precondition(axis.map { $0.count == ratios.count } ?? true, "a cell has one value")
    self.search = search
    self.curve = curve
    self.ratios = ratios
    self.axis = axis
    self.seed = seed
  }

  /// How one study went.
  package struct Study: Sendable {
    package var pairs: [Pair]
    /// Its exponent, where there is one.
    package var exponent: Fit?
    /// Runs of all cells.
    package var probes: Int

    /// One compared pair.
    package struct Pair: Sendable {
      /// The true ratio.
      package var ratio: Double
      /// Whether the interval holds it.
      package var isCovered: Bool
      /// ln(upper / lower)
      package var width: Double
      package var pValue: Double
      package var adjustedPValue: Double
    }

    /// One exponent.
    package struct Fit: Sendable {
      package var isCovered: Bool
      /// Found less true.
      package var error: Double
      package var width: Double
      package var curvaturePValue: Double
    }
  }

  /// Runs `studies` studies on `workers` threads; a pure function of the simulation.
  package func run(studies: Int, workers: Int) -> StudySimulationSummary {
    let results = Mutex([Study?](repeating: nil, count: studies))
    // Nothing in a study throws.
    try? concurrently(Array(0..<studies), workers: workers) { index in
      let study = study(index)
      results.withLock { $0[index] = study }
    }
    return StudySimulationSummary(studies: results.withLock { $0.compactMap(\.self) }, cells: ratios.count)
  }

  /// One study, keyed by its index.
  package func study(_ index: Int) -> Study {
    var stream = RandomStream(seed: seed, purpose: .simulation, samples: index)
    let jitter = exp((2 * stream.uniform() - 1) * log(1.1))
    var probes = 0
    let cells = ratios.enumerated().map { number, ratio in
      var curve = curve
      curve.threshold *= ratio * jitter
      let trial = SearchSimulation(search: search, curve: curve, seed: stream.next())
      let history = trial.history(search: trial.keyed(stream.next()), curve: curve, index: 0)
      let runs = search.runs(history)
      probes += runs.count
      let steps = search.guardSteps(search.doublings(runs))
      let value = axis.map { JSONValue.number($0[number]) } ?? .string("\(number)")
      return ComparedCell(
        label: "\(number)", values: [.init(pointer: "/axis", value: value)],
        outcome: .measured(
          CellReading(threshold: MeasuredThreshold(runs, at: steps, search: search).told, steps: steps)))
    }
    let settings = ComparisonSettings(
      factors: [["/axis"]], level: search.settings.level, seed: stream.next())
    let comparison = Comparison(cells, settings: settings)
    return Study(
      pairs: comparison.effects.map(pair), exponent: comparison.exponents.first.flatMap(fit), probes: probes)
  }

  private func pair(_ effect: Effect) -> Study.Pair {
    let truth = ratios[Int(effect.between.0)!] / ratios[Int(effect.between.1)!]
    let found = effect.difference
    return Study.Pair(
      ratio: truth,
      isCovered: found.pValue != nil && found.lower.map { $0 <= truth } ?? true
        && found.upper.map { truth <= $0 } ?? true,
      width: log((found.upper ?? .infinity) / (found.lower ?? 0)), pValue: found.pValue ?? 1,
      adjustedPValue: effect.adjustedPValue ?? 1)
  }

  /// Against the exponent that the ratios have over the axis, from its first cell to its last.
  private func fit(_ exponent: Exponent) -> Study.Fit? {
    guard let axis, let first = axis.first, let last = axis.last else { return nil }
    let truth = log(ratios[ratios.count - 1] / ratios[0]) / log(last / first)
    return Study.Fit(
      isCovered: exponent.lower <= truth && truth <= exponent.upper, error: exponent.value - truth,
      width: exponent.upper - exponent.lower, curvaturePValue: exponent.curvaturePValue ?? 1)
  }
}

/// What simulated studies come to.
package struct StudySimulationSummary: Sendable {
  /// In the order of their keys.
  package let studies: [StudySimulation.Study]
  let cells: Int

  private var pairs: [StudySimulation.Study.Pair] { studies.flatMap(\.pairs) }

  /// The part of the pairs whose interval holds the ratio.
  package var coverage: Double { Self.share(pairs, \.isCovered) }

  /// The part of the studies in which a pair without an effect has an adjusted p-value of at most `alpha`.
  package func falseFindings(_ alpha: Double) -> Double {
    Self.share(studies) { $0.pairs.contains { $0.ratio == 1 && $0.adjustedPValue <= alpha } }
  }

  /// The part of the pairs with an effect whose adjusted p-value is at most `alpha`.
  package func found(_ alpha: Double) -> Double {
    Self.share(pairs.filter { $0.ratio != 1 }) { $0.adjustedPValue <= alpha }
  }

  /// The part of the studies whose exponent's interval holds it.
  package var exponentCoverage: Double { Self.share(studies.compactMap(\.exponent), \.isCovered) }

  /// The part of the studies whose exponent's curvature has a p-value of at most `alpha`.
  package func curved(_ alpha: Double) -> Double {
    Self.share(studies.compactMap(\.exponent)) { $0.curvaturePValue <= alpha }
  }

  private static func share<T>(_ values: [T], _ condition: (T) -> Bool) -> Double {
    Double(values.count(where: condition)) / Double(max(1, values.count))
  }

  /// The summary as `emc simulate --study` shows it.
  package var json: JSONValue {
    let fits = studies.compactMap(\.exponent)
    func quantile(_ values: [Double]) -> JSONValue { .finite(SimulationSummary.quantile(values, 0.5)) }
    func byAlpha(_ value: (Double) -> Double) -> JSONValue {
      .object(
        Dictionary(uniqueKeysWithValues: [0.01, 0.05, 0.1].map { ("\($0)", JSONValue.number(value($0))) }))
    }
    return .object([
      "studies": .integer(studies.count),
      "cells": .integer(cells),
      "ratios": .object([
        "compared": .integer(pairs.count), "coverage": .number(coverage),
        "log_width": .object(["median": quantile(pairs.map(\.width))]),
      ]),
      "false_findings": pairs.contains { $0.ratio == 1 } ? byAlpha(falseFindings) : .null,
      "found": pairs.contains { $0.ratio != 1 } ? byAlpha(found) : .null,
      "exponent": fits.isEmpty
        ? .null
        : .object([
          "coverage": .number(exponentCoverage),
          "bias": .number(fits.reduce(0) { $0 + $1.error } / Double(fits.count)),
          "width": .object(["median": quantile(fits.map(\.width))]),
          "curved": byAlpha(curved),
        ]),
      "probes": .object(["median": quantile(studies.map { Double($0.probes) })]),
    ])
  }
}
