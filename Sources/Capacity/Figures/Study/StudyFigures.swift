/// The pictures that a study gives.
package struct StudyFigures: Sendable {
  /// Each with the name of its files.
  package let all: [(name: String, figure: any Figure)]

  /// The pictures of a study's JSON: the comparison; the EMC over parameters where cells differ in them; a plot of each
  /// correlation; and the fit curves of the cells whose results are given.
  ///
  /// - Parameter results: results as `emc measure` prints them, with the cells' labels.
  /// - Throws: `SpecificationError` with every fault, where it is no study.
  package init(study: JSONValue, results: [(label: String, result: JSONValue)] = [])
    throws(SpecificationError)
  {
    let reading = try StudyReading(study)
    var all: [(name: String, figure: any Figure)] = [("comparison", ComparisonFigure(reading))]
    if let capacity = CapacityFigure(reading) { all.append(("emc_over_parameters", capacity)) }
    for (index, correlation) in reading.correlations.enumerated() where !correlation.points.isEmpty {
      let name = "\(correlation.y)_over_\(correlation.x)"
      let isTaken = reading.correlations.prefix(index).contains { "\($0.y)_over_\($0.x)" == name }
      all.append((isTaken ? "\(name)_\(index + 1)" : name, CorrelationFigure(correlation, of: reading.name)))
    }
    if !results.isEmpty { all.append(("fit_curves", try FitCurvesFigure(results, of: reading.name))) }
    self.all = all
  }

  /// The names that figures may have.
  package static let names =
    ["comparison", "emc_over_parameters", "fit_curves"]
    + Correlation.measures.flatMap { y in Correlation.quantities.map { "\(y)_over_\($0)" } }

  /// The one that shows most: the EMC over parameters where there are exponents of it, else the comparison.
  package var main: any Figure {
    let capacity = all.first { ($0.figure as? CapacityFigure)?.hasExponents == true }
    return (capacity ?? all[0]).figure
  }
}
