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
    settings.factors.flatMap { factor -> [Exponent] in
      var exponents: [Exponent?] = []
      // Of a seed, or of how a threshold is looked for, there is no power; what goes with it may have one.
      let varied = factor.filter { name in
        !["/seed", "/search", "/limits"].contains { name == $0 || name.hasPrefix($0 + "/") }
      }
      let along = factor.filter { $0 != "/seed" }
      for group in varied.isEmpty ? [] : CellGroup.groups(of: cells, without: factor) {
        for pointer in varied {
          let x = group.cells.map { $0.value(pointer)?.doubleValue }
          guard !x.contains(nil) else { continue }
          exponents.append(Exponent(pointer, along: along, group, x, settings))
        }
      }
      // Other data or classes change the number of parameters too, and what is to be fitted with it.
      let isOfNetwork = varied.allSatisfy { $0.hasPrefix("/model") || $0.hasPrefix("/training") }
      for group in isOfNetwork && !varied.isEmpty ? CellGroup.families(of: cells, along: factor) : [] {
        let x = group.cells.map { $0.parameterCount.map(Double.init) }
        exponents.append(Exponent("parameter_count", along: along, group, x, settings))
      }
      return exponents.compactMap(\.self)
    }
  }

  /// The draws of an interval.
  private static let draws = 2000

  /// Nil where fewer than three values of x have a threshold.
  ///
  /// - Parameter x: of each cell; nil where it isn't known.
  private init?(
    _ over: String, along factor: [String], _ group: CellGroup, _ x: [Double?], _ settings: ComparisonSettings
  ) {
    let all = Self.points(group.cells, x) { $0.threshold }
    let settled = all.filter { $0.cell.reading?.isSettled == true }
    // Settled readings alone where they make a line.
    let points = Set(settled.map(\.x)).count >= 3 ? settled : all
    guard Set(points.map(\.x)).count >= 3 else { return nil }
    let (told, fitted) = (Set(all.map(\.cell.label)), Set(points.map(\.cell.label)))
    var others: [String: [String]] = [:]
    for (cell, x) in zip(group.cells, x) where !fitted.contains(cell.label) {
      let reason =
        if cell.reading == nil {
          "having no reading"
        } else if !(x ?? 0 > 0) {
          "\(over) not being above 0"
        } else {
          told.contains(cell.label) ? "not having settled" : "having no threshold within their sizes"
        }
      others[reason, default: []].append(cell.label)
    }
    let leftOut = others.sorted { $0.key < $1.key }.map { (labels: $0.value, reason: $0.key) }
    let fit = ExponentFit(points, seed: settings.seed, draws: Self.draws)
    self.over = over
    among = group.common
    cells = points.map(\.cell.label)
    value = fit.slope
    (lower, upper) = fit.interval(settings.level)
    curvature = fit.curvature.map { 2 * $0.value }
    curvaturePValue = fit.curvature?.pValue
    self.leftOut = leftOut.flatMap(\.labels)
    level = settings.level
    isSettled = points.allSatisfy { $0.cell.reading?.isSettled == true }
    let halves = isSettled ? [] : Self.points(group.cells, x) { $0.half }
    if Set(halves.map(\.x)).count >= 3 {
      let fit = ExponentFit(halves, seed: settings.seed, draws: Self.draws)
      let (lower, upper) = fit.interval(settings.level)
      half = (fit.slope, lower, upper)
    } else {
      half = nil
    }
    text =
      ExponentText(
        over, along: factor, group.common, value, (lower, upper), curvature: curvature,
        pValue: curvaturePValue,
        leftOut: leftOut, half: half, settings
      ).text
  }

  /// The cells that have a threshold within their sizes, by x.
  private static func points(
    _ cells: [ComparedCell], _ x: [Double?], threshold: (CellReading) -> MeasuredThreshold?
  ) -> [ExponentPoint] {
    zip(cells, x).compactMap { cell, x in
      guard let x, x > 0, let found = cell.reading.flatMap(threshold), found.samples != nil else {
        return nil
      }
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
  /// replacement never leaves a few cells without a slope, and a threshold from its posterior. The draws depend on the seed and
  /// the number of points alone: the same cells have the same interval wherever they are compared.
  init(_ points: [ExponentPoint], seed: UInt64, draws: Int) {
    let x = points.map(\.x)
    let moments = points.map { $0.distribution.masses.moments }
    let weights = moments.map { 1 / $0.variance }
    let y = points.map { $0.distribution.quantile(0.5) }
    slope = WeightedLine(x: x, y: y, weights: weights).slope
    curvature = WeightedCurvature(x: x, y: y, weights: weights)
    var stream = RandomStream(seed: seed, purpose: .bootstrap, replicate: 1)
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
    curvature: Double?, pValue: Double?, leftOut: [(labels: [String], reason: String)],
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
    for (labels, reason) in leftOut where !labels.isEmpty {
      sentences.append("Left out, \(reason): \(labels.joined(separator: ", ")).")
    }
    text = sentences.joined(separator: " ")
  }
}
