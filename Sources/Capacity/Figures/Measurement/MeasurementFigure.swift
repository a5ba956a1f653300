import Training

/// A measurement at a glance: the fit probability over the size with every probe as a mark by its outcome, the curve with
/// its band, the EMC with its interval; below it the EMC over the budget, where there is any.
package struct MeasurementFigure: Figure {
  let reading: MeasurementReading

  /// The picture of a result as `emc measure` prints it, or of a job as `GET /v1/jobs/{id}` answers it.
  ///
  /// - Throws: `SpecificationError` with every fault, where it is neither.
  package init(_ json: JSONValue) throws(SpecificationError) {
    reading = try MeasurementReading(json)
  }

  init(_ reading: MeasurementReading) { self.reading = reading }

  package var svg: String {
    let description = FigureDescription(reading)
    var page = FigurePage(title: description.title, lines: description.lines, description: description.text)
    let probability = ProbabilityPanel(reading, left: 76, right: page.width - 24)
    page.y += 40
    page.append(contentsOf: probability.elements(top: page.y))
    page.y += probability.height
    page.append(probability.legend, left: 76)
    if let budget = BudgetPanel(reading, left: 76, right: page.width - 24) {
      page.y += 46
      page.append(contentsOf: budget.elements(top: page.y))
      page.y += budget.height
    }
    return page.svg()
  }
}
