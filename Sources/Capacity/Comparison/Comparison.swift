/// What a study's cells tell beside each other.
package struct Comparison: Sendable {
  /// The cells, in the study's order.
  package let cells: [ComparedCell]
  /// The pairs that the study compares.
  package let effects: [Effect]
  /// The exponents along numeric axes, and over the number of parameters.
  package let exponents: [Exponent]
  /// Capacity against generalisation.
  package let correlations: [Correlation]
  /// All of it in a few plain sentences.
  package let verdict: String

  /// Compares cells; a pure function of them and the settings.
  package init(_ cells: [ComparedCell], settings: ComparisonSettings) {
    self.cells = cells
    effects = Effect.all(of: ComparedPair.pairs(of: cells, settings), settings)
    exponents = Exponent.all(of: cells, settings)
    correlations = Correlation.all(of: cells, settings)
    verdict =
      Verdicts(
        cells: cells, effects: effects, exponents: exponents, correlations: correlations, settings: settings
      ).text
  }

  /// The comparison as a study shows it.
  package var json: JSONValue {
    .object([
      "cells": .array(cells.map(\.json)),
      "effects": .array(effects.map(\.json)),
      "exponents": .array(exponents.map(\.json)),
      "correlations": .array(correlations.map(\.json)),
      "verdict": .string(verdict),
    ])
  }
}
