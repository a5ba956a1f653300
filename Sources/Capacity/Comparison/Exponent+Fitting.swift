import Compute
import Foundation

/// A cell on a numeric axis.
struct ExponentPoint {
  let cell: ComparedCell
  /// ln x
  let x: Double
  let distribution: ThresholdDistribution
}

extension Exponent {
  /// The exponents along every numeric axis, and over the number of parameters where an axis of the network changes that.
  static func all(of cells: [ComparedCell], _ settings: ComparisonSettings) -> [Exponent] {
    // Of a seed, or of how a threshold is looked for, there is no power.
    settings.factors.filter { factor in
      !factor.contains { name in
        ["/seed", "/search", "/limits"].contains { name == $0 || name.hasPrefix($0 + "/") }
      }
    }.flatMap { factor -> [Exponent] in
      var exponents: [Exponent] = []
      for group in CellGroup.groups(of: cells, without: factor) {
        for pointer in factor {
          let x = group.cells.map { $0.value(pointer)?.doubleValue }
          guard x.allSatisfy({ $0.map { $0 > 0 } ?? false }) else { continue }
          exponents += [
            Exponent(pointer, along: factor, group, x.map { $0! }, settings, index: exponents.count)
          ].compactMap(\.self)
        }
      }
      // Other data or classes change the number of parameters too, and what is to be fitted with it.
      let isOfNetwork = factor.allSatisfy { $0.hasPrefix("/model") || $0.hasPrefix("/training") }
      for group in isOfNetwork ? CellGroup.families(of: cells, along: factor) : [] {
        let known = group.cells.filter { $0.parameterCount != nil }
        let x = known.map { Double($0.parameterCount!) }
        exponents += [
          Exponent(
            "parameter_count", along: factor, CellGroup(common: group.common, cells: known), x, settings,
            index: exponents.count)
        ].compactMap(\.self)
      }
      return exponents
    }
  }

  /// The draws of an interval.
  private static let draws = 2000

  /// Nil where fewer than three values of x have a threshold.
  private init?(
    _ over: String, along factor: [String], _ group: CellGroup, _ x: [Double], _ settings: ComparisonSettings,
    index: Int
  ) {
    let all = Self.points(group.cells, x) { $0.threshold }
    let settled = all.filter { $0.cell.reading?.isSettled == true }
    // Settled readings alone where they make a line.
    let points = Set(settled.map(\.x)).count >= 3 ? settled : all
    guard Set(points.map(\.x)).count >= 3 else { return nil }
    let known = Set(all.map(\.cell.label))
    let without = group.cells.map(\.label).filter { !known.contains($0) }
    let unsettled =
      points.count < all.count
      ? all.map(\.cell.label).filter { label in
        !points.contains { $0.cell.label == label }
      } : []
    let fit = ExponentFit(points, seed: settings.seed, index: index, draws: Self.draws)
    self.over = over
    among = group.common
    cells = points.map(\.cell.label)
    value = fit.slope
    (lower, upper) = fit.interval(settings.level)
    curvature = fit.curvature.map { 2 * $0.value }
    curvaturePValue = fit.curvature?.pValue
    leftOut = without + unsettled
    level = settings.level
    isSettled = points.allSatisfy { $0.cell.reading?.isSettled == true }
    let halves = isSettled ? [] : Self.points(group.cells, x) { $0.half }
    if Set(halves.map(\.x)).count >= 3 {
      let fit = ExponentFit(halves, seed: settings.seed, index: index, draws: Self.draws)
      let (lower, upper) = fit.interval(settings.level)
      half = (fit.slope, lower, upper)
    } else {
      half = nil
    }
    text =
      ExponentText(
        over, along: factor, group.common, value, (lower, upper), curvature: curvature,
        pValue: curvaturePValue,
        without: without, unsettled: unsettled, half: half, settings
      ).text
  }

  /// The cells that have a threshold within their sizes, by x.
  private static func points(
    _ cells: [ComparedCell], _ x: [Double], threshold: (CellReading) -> MeasuredThreshold?
  ) -> [ExponentPoint] {
    zip(cells, x).compactMap { cell, x in
      guard let found = cell.reading.flatMap(threshold), found.samples != nil else { return nil }
      return ExponentPoint(cell: cell, x: log(x), distribution: found.distribution)
    }.sorted { $0.x < $1.x }
  }
}

/// ln n₅₀ over ln x by weights of the posteriors' precision, with the slope's distribution by bootstrap.
struct ExponentFit {
  let slope: Double
  let curvature: WeightedCurvature?
  /// Slopes, ascending.
  private let slopes: [Double]

  /// In each draw every cell has an exponential weight (Rubin, "The Bayesian Bootstrap", 1981), which unlike a sample with
  /// replacement never leaves a few cells without a slope, and a threshold from its posterior.
  init(_ points: [ExponentPoint], seed: UInt64, index: Int, draws: Int) {
    let x = points.map(\.x)
    let moments = points.map { $0.distribution.masses.moments }
    let weights = moments.map { 1 / $0.variance }
    let y = points.map { $0.distribution.quantile(0.5) }
    slope = WeightedLine(x: x, y: y, weights: weights).slope
    curvature = WeightedCurvature(x: x, y: y, weights: weights)
    var stream = RandomStream(seed: seed, purpose: .bootstrap, samples: index, replicate: 1)
    slopes =
      (0..<draws).map { _ in
        var (drawn, weighted) = ([Double](), [Double]())
        for (i, point) in points.enumerated() {
          weighted.append(-log(1 - stream.uniform()) * weights[i])
          drawn.append(point.distribution.quantile(stream.uniform()))
        }
        return WeightedLine(x: x, y: drawn, weights: weighted).slope
      }.filter(\.isFinite).sorted()
  }

  func interval(_ level: Double) -> (lower: Double, upper: Double) {
    func quantile(_ part: Double) -> Double { slopes[Int((part * Double(slopes.count - 1)).rounded())] }
    return (quantile((1 - level) / 2), quantile((1 + level) / 2))
  }
}

extension ThresholdMasses {
  /// Mean and variance; a cell's own width counts.
  package var moments: (mean: Double, variance: Double) {
    var (total, sum, squares) = (0.0, 0.0, 0.0)
    for (i, mass) in masses.enumerated() {
      total += mass
      sum += mass * Double(i)
      squares += mass * Double(i) * Double(i)
    }
    let mean = sum / total
    return (first + mean * width, max(0, squares / total - mean * mean + 1.0 / 12) * width * width)
  }
}

/// An exponent in words.
struct ExponentText {
  let text: String

  init(
    _ over: String, along factor: [String], _ among: [ComparedCell.AxisValue], _ value: Double,
    _ interval: (Double, Double),
    curvature: Double?, pValue: Double?, without: [String], unsettled: [String],
    half: (value: Double, lower: Double, upper: Double)?, _ settings: ComparisonSettings
  ) {
    // Axes that are zipped move together: none of them alone makes it grow.
    let others = factor.filter { $0 != over && !(over == "parameter_count" && $0.hasPrefix("/model")) }
    let axis =
      (over == "parameter_count" ? "the number of parameters" : over)
      + (others.isEmpty ? "" : ", and with it \(others.joined(separator: " and ")),")
    let place =
      among.isEmpty ? "" : " at " + among.map { "\($0.pointer) = \($0.label)" }.joined(separator: ", ")
    let range =
      "(\(Words.number(100 * settings.level)) %: \(Words.number(interval.0)) to \(Words.number(interval.1)))"
    let law =
      interval.0 > 0
      ? "EMC grows as \(axis) to the power of \(Words.number(value))\(place) \(range)"
      : interval.1 < 0
        ? "EMC falls as \(axis) to the power of \(Words.number(value))\(place) \(range)"
        : "No growth of EMC with \(axis) is shown\(place): the power is \(Words.number(value)) \(range)"
    let atHalf = half.map {
      "; at half the budget the power is \(Words.number($0.value)) (\(Words.number($0.lower)) to \(Words.number($0.upper)))"
    }
    var sentences = [law + (atHalf ?? "") + "."]
    if let curvature, let pValue, pValue <= settings.significance {
      sentences.append(
        "It is no power law over all of this range: the exponent \(curvature < 0 ? "falls" : "rises") by "
          + "\(Words.number(abs(curvature) * log(10))) for a factor of ten (p \(Words.pValue(pValue))).")
    }
    for (labels, reason) in [
      (without, "having no threshold within their sizes"), (unsettled, "not having settled"),
    ] where !labels.isEmpty {
      sentences.append("Left out, \(reason): \(labels.joined(separator: ", ")).")
    }
    text = sentences.joined(separator: " ")
  }
}
