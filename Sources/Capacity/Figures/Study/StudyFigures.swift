/// The pictures that a study gives.
package struct StudyFigures: Sendable {
  /// Each with the name of its files.
  package let all: [(name: String, figure: any Figure)]

  /// The pictures of a study's JSON: the comparison; the EMC over parameters where cells differ in them; a plot of each
  /// correlation; and of the cells whose results are given the EMC over the steps and the fit curves.
  ///
  /// - Parameter results: results as `emc measure` prints them, with the cells' labels.
  /// - Throws: `SpecificationError` with every fault, where it is no study.
  package init(study: JSONValue, results: [(label: String, result: JSONValue)] = [])
    throws(SpecificationError)
  {
    let reading = try StudyReading(study)
    var all: [(name: String, figure: any Figure)] = [("comparison", ComparisonFigure(reading))]
    if let capacity = CapacityFigure(reading) { all.append(("emc_over_parameters", capacity)) }
    let byLabel = Dictionary(results.map { ($0.label, $0.result) }) { first, _ in first }
    for (index, correlation) in reading.correlations.enumerated() where !correlation.points.isEmpty {
      let name = "\(correlation.y)_over_\(correlation.x)"
      let isTaken = reading.correlations.prefix(index).contains { "\($0.y)_over_\($0.x)" == name }
      all.append(
        (
          isTaken ? "\(name)_\(index + 1)" : name,
          CorrelationFigure(correlation, of: reading, results: byLabel)
        ))
    }
    if !results.isEmpty {
      let curves = try FitCurvesFigure(results, of: reading.name)
      if let budgets = BudgetCurvesFigure(curves) { all.append(("emc_over_steps", budgets)) }
      all.append(("fit_curves", curves))
    }
    self.all = all
  }

  /// The names that figures may have.
  package static let names =
    ["comparison", "emc_over_parameters", "emc_over_steps", "fit_curves"]
    + Correlation.measures.flatMap { y in Correlation.quantities.map { "\(y)_over_\($0)" } }

  /// The one that shows most: the EMC over parameters where there are exponents of it, else the comparison.
  package var main: any Figure {
    let capacity = all.first { ($0.figure as? CapacityFigure)?.hasExponents == true }
    return (capacity ?? all[0]).figure
  }
}
