/// How n₅₀ grows with a numeric axis x: n₅₀ ∝ x^α over the cells that agree in everything else.
package struct Exponent: Sendable {
  /// What x is: an axis's pointer, or `parameter_count`.
  package let over: String
  /// The values of the other factors that these cells have in common.
  package let among: [ComparedCell.AxisValue]
  /// The cells' labels, by x.
  package let cells: [String]
  /// α
  package let value: Double
  /// Its interval.
  package let lower: Double
  package let upper: Double
  /// The change of α for a factor of e in x; nil with fewer than three values.
  package let curvature: Double?
  /// The p-value of no curvature.
  package let curvaturePValue: Double?
  /// Cells that were left out, having no threshold within their sizes, or not having settled where others have.
  package let leftOut: [String]
  /// Whether the readings of its cells have settled.
  package let isSettled: Bool
  /// The same at half the budget; nil where they have settled, or too little is known of it.
  package let half: (value: Double, lower: Double, upper: Double)?
  /// In words.
  package let text: String
  let level: Double

  var json: JSONValue {
    .object([
      "over": .string(over),
      "among": .object(Dictionary(among.map { ($0.pointer, $0.value) }) { first, _ in first }),
      "cells": .array(cells.map(JSONValue.string)),
      "exponent": .number(value),
      "interval": .object(["level": .number(level), "lower": .number(lower), "upper": .number(upper)]),
      "curvature": curvature.map { value in
        .object(["value": .number(value), "p_value": .optional(curvaturePValue)])
      } ?? .null,
      "left_out": .array(leftOut.map(JSONValue.string)),
      "settled": .bool(isSettled),
      "half_budget": half.map { half in
        .object([
          "exponent": .number(half.value),
          "interval": .object([
            "level": .number(level), "lower": .number(half.lower), "upper": .number(half.upper),
          ]),
        ])
      } ?? .null,
      "text": .string(text),
    ])
  }
}
