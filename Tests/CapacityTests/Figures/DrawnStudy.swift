import Capacity

/// A study's JSON of cells whose readings are known, as `emc study` prints it.
struct DrawnStudy {
  var cells: [JSONValue] = []
  var exponents: [JSONValue] = []
  var correlations: [JSONValue] = []
  var verdict = "Nothing can be compared."

  /// A cell whose interval is from four fifths to five quarters of its EMC.
  mutating func add(_ label: String, _ values: [String: JSONValue], emc: Int, parameters: Int) {
    cells.append(
      .object([
        "label": .string(label), "values": .object(values), "emc": .integer(emc),
        "threshold": .integer(emc), "settled": .bool(true), "parameter_count": .integer(parameters),
        "interval": .object([
          "level": .number(0.9), "lower": .integer(emc * 4 / 5), "upper": .integer(emc * 5 / 4),
        ]),
      ]))
  }

  /// The exponent over the parameters of all cells but those that are left out.
  mutating func addExponent(_ value: Double, curvature: Double, leftOut: [String] = []) {
    exponents.append(
      .object([
        "over": .string("parameter_count"), "among": .object([:]), "exponent": .number(value),
        "cells": .array(
          cells.compactMap { $0["label"] }.filter { !leftOut.map(JSONValue.string).contains($0) }),
        "left_out": .array(leftOut.map(JSONValue.string)),
        "interval": .object([
          "level": .number(0.9), "lower": .number(value - 0.1), "upper": .number(value + 0.1),
        ]),
        "curvature": .object(["value": .number(-0.5), "p_value": .number(curvature)]),
      ]))
  }

  var json: JSONValue {
    .object([
      "name": .string("a study"),
      "comparison": .object([
        "cells": .array(cells), "effects": .array([]), "exponents": .array(exponents),
        "correlations": .array(correlations), "verdict": .string(verdict),
      ]),
    ])
  }

  func figure(
    _ name: String, results: [(label: String, result: JSONValue)] = []
  ) throws -> (any Figure)? {
    try StudyFigures(study: json, results: results).all.first { $0.name == name }?.figure
  }
}
