import Foundation

extension Correlation {
  /// The correlations of what the cells fit with how they generalise: of the settled cells alone where they are enough, else
  /// of all, and again at half the budget.
  static func all(of cells: [ComparedCell], _ settings: ComparisonSettings) -> [Correlation] {
    let whole = CorrelatedPoints.all(of: cells, settings) { $0.threshold }
    let settled = CorrelatedPoints.all(of: cells.filter { $0.reading?.isSettled == true }, settings) {
      $0.threshold
    }
    let half = CorrelatedPoints.all(of: cells, settings) { $0.half }
    return whole.indices.compactMap { index in
      let isEnough =
        settled[index].points.count >= 4 || settled[index].points.count == whole[index].points.count
      // Of a value that is the same in all of them there is no correlation.
      let isSettled = isEnough && settled[index].coefficients(settings.level) != nil
      return Correlation(
        isSettled ? settled[index] : whole[index], half: isSettled ? nil : half[index], isSettled: isSettled,
        settings)
    }
  }

  /// Nil with fewer than three points, or where one value is the same in all.
  private init?(
    _ found: CorrelatedPoints, half: CorrelatedPoints?, isSettled: Bool, _ settings: ComparisonSettings
  ) {
    guard let whole = found.coefficients(settings.level) else { return nil }
    between = found.between
    points = found.points
    level = settings.level
    (pearson, spearman, kendall) = whole
    self.isSettled = isSettled
    self.half = half?.coefficients(settings.level)
    let atHalf = (self.half?.spearman).map {
      "; at half the budget \(Words.number($0.value)) (\(Words.interval($0.lower, $0.upper)))"
    }
    text =
      "Over \(found.points.count)\(isSettled ? " settled" : "") cells \(between.0) and \(between.1) have a rank correlation of "
      + "\(Words.number(spearman.value)) (Spearman, \(Words.number(100 * level)) %: "
      + "\(Words.interval(spearman.lower, spearman.upper)))\(atHalf ?? ""), Kendall \(Words.number(kendall.value)), Pearson "
      + "\(Words.number(pearson.value))."
  }
}

/// What cells fit beside how they generalise.
struct CorrelatedPoints {
  let between: (String, String)
  let points: [(label: String, x: Double, y: Double)]

  /// Their coefficients; nil with fewer than three points, or where one value is the same in all.
  func coefficients(_ level: Double) -> Correlation.AllCoefficients? {
    let (x, y) = (points.map(\.x), points.map(\.y))
    guard points.count >= 3, Set(x).count > 1, Set(y).count > 1 else { return nil }
    return (
      Coefficients.pearson(x, y, level: level), Coefficients.spearman(x, y, level: level),
      Coefficients.kendall(x, y, level: level)
    )
  }

  /// Every quantity of what is fitted with every measure of generalisation, always in the same order.
  static func all(
    of cells: [ComparedCell], _ settings: ComparisonSettings, threshold: (CellReading) -> MeasuredThreshold?
  ) -> [CorrelatedPoints] {
    func samples(_ cell: ComparedCell) -> Double? { cell.reading.flatMap(threshold)?.samples }
    // Beside cells with their own labels those with others aren't held against their test accuracy, which is that of chance.
    let kinds = cells.map(LabelDifference.kind)
    let own = kinds.contains("original") ? zip(cells, kinds).filter { $1 == "original" }.map(\.0) : cells
    let tested = own.compactMap { cell in
      cell.generalization == nil ? nil : samples(cell).map { (cell, log($0)) }
    }
    let differences = LabelDifference.all(of: cells, samples)
    let quantities: [[(ComparedCell, Double)]] = [
      tested, differences.map { ($0.own, $0.ownSamples - $0.randomSamples) },
      differences.map { ($0.own, $0.ownSamples / $0.randomSamples) },
    ]
    let measures: [(ComparedCell.Generalization) -> Double] = [{ $0.testAccuracy }, { $0.gap }]
    return zip(Correlation.quantities, quantities).flatMap { quantity, points in
      zip(Correlation.measures, measures).map { measure, value in
        CorrelatedPoints(
          between: (quantity, measure),
          points: points.map { (label: $0.0.label, x: $0.1, y: value($0.0.generalization!)) })
      }
    }
  }
}

/// Two cells that differ in their labels alone: the data set's own, and random ones.
struct LabelDifference {
  let own: ComparedCell
  let ownSamples: Double
  let randomSamples: Double

  private static let fields = ["/labels", "/labels/kind"]

  /// The labels that an axis gives a cell; nil where none does.
  static func kind(of cell: ComparedCell) -> String? {
    cell.value("/labels/kind")?.stringValue ?? cell.value("/labels")?["kind"]?.stringValue
  }

  /// Where both have a threshold and the cell with its own labels was tested.
  static func all(of cells: [ComparedCell], _ samples: (ComparedCell) -> Double?) -> [LabelDifference] {
    CellGroup.groups(of: cells, without: fields).compactMap { group in
      func cell(_ kind: String) -> ComparedCell? { group.cells.first { Self.kind(of: $0) == kind } }
      guard let own = cell("original"), let random = cell("random"), own.generalization != nil,
        let ownSamples = samples(own), let randomSamples = samples(random)
      else { return nil }
      return LabelDifference(own: own, ownSamples: ownSamples, randomSamples: randomSamples)
    }
  }
}
