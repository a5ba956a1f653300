import Foundation

extension Correlation {
  /// The correlations of what the cells fit with how they generalise.
  static func all(of cells: [ComparedCell], _ settings: ComparisonSettings) -> [Correlation] {
    let tested = cells.compactMap { cell in
      cell.generalization.flatMap { found in
        cell.reading?.threshold.samples.map { (cell: cell, samples: $0, found: found) }
      }
    }
    let differences = LabelDifference.all(of: cells, settings)
    let quantities: [(name: String, points: [(ComparedCell, Double)])] = [
      ("log_emc", tested.map { ($0.cell, log($0.samples)) }),
      ("emc_difference", differences.map { ($0.own, $0.ownSamples - $0.randomSamples) }),
      ("emc_ratio", differences.map { ($0.own, $0.ownSamples / $0.randomSamples) }),
    ]
    return quantities.flatMap { name, points -> [Correlation] in
      let accuracy = points.map { (label: $0.0.label, x: $0.1, y: $0.0.generalization!.testAccuracy) }
      let gap = points.map { (label: $0.0.label, x: $0.1, y: $0.0.generalization!.gap) }
      return [
        Correlation((name, "test_accuracy"), accuracy, settings),
        Correlation((name, "generalization_gap"), gap, settings),
      ].compactMap(\.self)
    }
  }

  /// Nil with fewer than three points, or where one value is the same in all.
  private init?(
    _ between: (String, String), _ points: [(label: String, x: Double, y: Double)],
    _ settings: ComparisonSettings
  ) {
    let (x, y) = (points.map(\.x), points.map(\.y))
    guard points.count >= 3, Set(x).count > 1, Set(y).count > 1 else { return nil }
    self.between = between
    self.points = points
    level = settings.level
    pearson = Coefficients.pearson(x, y, level: level)
    spearman = Coefficients.spearman(x, y, level: level)
    kendall = Coefficients.kendall(x, y, level: level)
    text =
      "Over \(points.count) cells \(between.0) and \(between.1) have a rank correlation of "
      + "\(Words.number(spearman.value)) (Spearman, \(Words.number(100 * level)) %: "
      + "\(Words.interval(spearman.lower, spearman.upper))), Kendall \(Words.number(kendall.value)), Pearson "
      + "\(Words.number(pearson.value))."
  }
}

/// Two cells that differ in their labels alone: the data set's own, and random ones.
struct LabelDifference {
  let own: ComparedCell
  let ownSamples: Double
  let randomSamples: Double

  /// Where both have a threshold and the cell with its own labels was tested.
  static func all(of cells: [ComparedCell], _ settings: ComparisonSettings) -> [LabelDifference] {
    settings.factors.flatMap { factor -> [LabelDifference] in
      CellGroup.groups(of: cells, without: factor).compactMap { group in
        func cell(_ kind: String) -> ComparedCell? {
          group.cells.first { cell in
            factor.contains {
              ($0 == "/labels/kind" && cell.value($0)?.stringValue == kind)
                || ($0 == "/labels" && cell.value($0)?["kind"]?.stringValue == kind)
            }
          }
        }
        guard let own = cell("original"), let random = cell("random"), own.generalization != nil,
          let ownSamples = own.reading?.threshold.samples,
          let randomSamples = random.reading?.threshold.samples
        else { return nil }
        return LabelDifference(own: own, ownSamples: ownSamples, randomSamples: randomSamples)
      }
    }
  }
}
