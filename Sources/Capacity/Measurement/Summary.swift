import Foundation

/// A result in a few plain sentences: what was measured, how sure it is, and what limits it.
struct Summary {
  let text: String

  init(_ estimate: Estimate, _ budget: BudgetDependence) {
    var sentences: [String] = []
    let pValue = estimate.monotonePValue
    if pValue < 0.01 {
      sentences.append(
        "The fit probability does not fall with the size (p = \(Self.short(pValue))): something other than capacity "
          + "decides, such as a partial batch or a learning rate at the edge of divergence, so the EMC is not to be relied on."
      )
    }
    sentences.append(Self.reading(estimate))
    if let limit = Self.limit(estimate, budget) { sentences.append(limit) }
    if let growth = Self.growth(estimate, budget) { sentences.append(growth) }
    // More steps are no advice where it is known that they change nothing.
    if let diagnosis = estimate.diagnosis.sentence,
      !(estimate.diagnosis.asksForSteps && (budget.isSettled || Self.endsAtMinima(estimate)))
    {
      sentences.append(diagnosis)
    }
    let minima = Self.minima(estimate)
    if minima > 0 {
      sentences.append(
        "From where training stopped a second-order method finds \(minima) of the \(estimate.verdicts.count) verified "
          + "failures at minima of the loss: no more can be reached from there.")
    }
    if estimate.count(.reachable) > 0 {
      sentences.append(
        "From where training stopped a second-order method fits \(estimate.count(.reachable)) of the verified failures: "
          + "there the optimizer is the limit, not the network.")
    }
    text = sentences.joined(separator: " ")
  }

  private static func reading(_ estimate: Estimate) -> String {
    let threshold = estimate.threshold
    let percent = "\(short(100 * estimate.search.settings.level)) %"
    guard let emc = threshold.emc else {
      return "Fewer than half of all runs may fit at any size, so no EMC is claimed."
    }
    let limit = estimate.search.sizes.upperBound
    if let largest = estimate.runs.last, estimate.runs.allSatisfy({ $0.fitSteps != nil }) {
      return reachesEnd(estimate)
        ? "Every run fitted, up to \(count(limit)) samples: the EMC is at least that."
        : "Every run fitted, up to the \(count(largest.samples)) samples of the largest: how many more would is not known."
    }
    let least = estimate.search.sizes.lowerBound
    switch threshold.interval {
    case (let lower?, let upper?):
      return "Half of all runs fit \(count(emc)) samples (\(percent): \(count(lower)) to \(count(upper)))."
    case (let lower?, nil):
      if emc == limit, !threshold.isSurelyAtEnd {
        return
          "Half of all runs fit \(count(lower)) samples or more (\(percent)); no size was found that they surely don't, "
          + "up to the \(count(limit)) that can be asked for."
      }
      return emc == limit
        ? "At least half of all runs fit \(count(limit)) samples, the most that can be asked for (\(percent): "
          + "\(count(lower)) or more)."
        : "Half of all runs fit \(count(emc)) samples (\(percent): \(count(lower)) or more, with no upper end below "
          + "the \(count(limit)) that can be asked for)."
    case (nil, let upper?):
      return emc == 0
        ? "Fewer than half of all runs fit even \(least == 1 ? "one sample" : "\(count(least)) samples") "
          + "(\(percent): \(count(upper)) or fewer)."
        : "Half of all runs fit \(count(emc)) samples (\(percent): \(count(upper)) or fewer, with no lower end)."
    case (nil, nil):
      return "The runs tell no more than that the EMC may lie anywhere up to \(count(limit)) samples."
    }
  }

  /// Whether the largest size was tried, or surely fits.
  private static func reachesEnd(_ estimate: Estimate) -> Bool {
    estimate.threshold.isSurelyAtEnd || estimate.runs.last?.samples == estimate.search.sizes.upperBound
  }

  private static func limit(_ estimate: Estimate, _ budget: BudgetDependence) -> String? {
    let failures = Estimate.deciding(estimate.runs, estimate.threshold)
    if [.datasetSize, .memory, .searchSizes].contains(estimate.boundedBy), !reachesEnd(estimate) {
      return nil
    }
    switch estimate.boundedBy {
    case .minimum: return "The failures that decide ended at verified minima of the loss."
    case .saddle: return "A failure that decides ended at a saddle."
    case .diverged:
      return
        "\(failures.count { $0.outcome == .diverged }) of the \(failures.count) failures that decide diverged."
    case .budget:
      return
        "\(failures.count { $0.outcome == .budget }) of the \(failures.count) failures that decide had spent their steps"
        + (budget.isSettled || endsAtMinima(estimate)
          ? "."
          : ": this is what the procedure reaches within its budget, a lower bound of what it could fit.")
    case .datasetSize: return "The data set has no more samples to ask for."
    case .memory: return "Memory holds no more samples."
    case .searchSizes: return "The search was given no larger sizes."
    }
  }

  private static func growth(_ estimate: Estimate, _ budget: BudgetDependence) -> String? {
    guard estimate.boundedBy == .budget, let growth = budget.growth.value else { return nil }
    let interval = "\(short(100 * budget.growth.lower)) to \(short(100 * budget.growth.upper)) %"
    return budget.isSettled
      ? "Twice the steps would raise it by less than \(short(100 * estimate.search.settings.budget.tolerance)) % "
        + "(\(interval)): it has settled."
      : "Twice the steps would raise it by about \(short(100 * growth)) % (\(interval)): it has not settled."
  }

  private static func minima(_ estimate: Estimate) -> Int {
    estimate.count(.minimum) + estimate.count(.nonsmoothMinimum)
  }

  /// Whether every failure that was verified was found at a minimum.
  private static func endsAtMinima(_ estimate: Estimate) -> Bool {
    minima(estimate) > 0 && minima(estimate) == estimate.verdicts.count
  }

  private static func short(_ value: Double) -> String { String(format: "%.3g", value) }

  /// 1,216
  static func count(_ value: Int) -> String {
    let digits = String(value)
    return String(
      digits.enumerated().reversed().reduce(into: [Character]()) { result, entry in
        result.append(entry.element)
        let left = entry.offset
        if left > 0, (digits.count - left) % 3 == 0 { result.append(",") }
      }.reversed())
  }
}
