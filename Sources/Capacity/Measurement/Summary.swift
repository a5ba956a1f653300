import Foundation

/// A result in a few plain sentences: what was measured, how sure it is, and what limits it.
struct Summary {
  let text: String

  init(_ estimate: Estimate, _ budget: BudgetDependence) {
    var sentences: [String] = []
    let pValue = estimate.monotonePValue
    if pValue < Estimate.monotoneLevel {
      sentences.append(
        "The fit probability does not fall with the size (p = \(Self.short(pValue))): something other than capacity "
          + "decides, such as a partial batch or a learning rate at the edge of divergence, so the EMC is not to be relied on."
      )
    }
    sentences.append(Self.reading(estimate))
    if let limit = Self.limit(estimate, budget) { sentences.append(limit) }
    if let growth = Self.growth(estimate, budget) { sentences.append(growth) }
    // More steps are no advice where it is known that they change nothing, nor anything where the one minimum was reached.
    let isNoUse =
      estimate.diagnosis.asksForSteps && budget.isSettled
      || Self.endsAtMinima(estimate)
        && (estimate.diagnosis.asksForSteps || estimate.search.procedure.isConvex)
    // Nor is a wider network, where a better optimizer fits more.
    let isRefuted = estimate.diagnosis.blamesMinima && estimate.count(.reachable) > 0
    if let diagnosis = estimate.diagnosis.sentence, !isNoUse, !isRefuted {
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
    guard let largest = estimate.runs.last else { return "No run has ended: nothing is known of the EMC." }
    guard threshold.isClaimed else {
      return "Fewer than half of all runs may fit at any size, so no EMC is claimed."
    }
    // None where the interval has no end.
    let emc = threshold.emc ?? 0
    let (least, limit) = (threshold.sizes.lowerBound, threshold.sizes.upperBound)
    if estimate.runs.allSatisfy({ $0.fitSteps != nil }) {
      let fitted =
        estimate.runs.count == 1
        ? "The only run fitted its \(samples(largest.samples))"
        : "Every run fitted, up to \(samples(largest.samples))"
      guard largest.samples == estimate.search.sizes.upperBound else {
        return "\(fitted): how many more would fit is not known."
      }
      return "\(fitted), the most that \(estimate.search.asksForAll ? "can be asked for" : "was asked for"): "
        + (threshold.interval.lower.map { "half of all runs fit \(samples($0)) or more (\(percent))." }
          ?? "too few to say at \(percent) what half of all runs fit.")
    }
    // Where no larger size was tried the range ends there.
    let end =
      limit < estimate.search.sizes.upperBound
      ? "that were tried" : estimate.search.asksForAll ? "that can be asked for" : "that were asked for"
    switch threshold.interval {
    case (let lower?, let upper?):
      return "Half of all runs fit \(samples(emc)) (\(percent): \(count(lower)) to \(count(upper)))."
    case (let lower?, nil):
      if emc == limit, !threshold.isSurelyAtEnd {
        return
          "Half of all runs fit \(samples(lower)) or more (\(percent)); no size was found that they surely don't, "
          + "up to the \(count(limit)) \(end)."
      }
      return emc == limit
        ? "At least half of all runs fit \(samples(limit)), the most \(end) (\(percent): \(count(lower)) or more)."
        : "Half of all runs fit \(samples(emc)) (\(percent): \(count(lower)) or more, with no upper end below the "
          + "\(count(limit)) \(end))."
    case (nil, let upper?):
      return threshold.isBelowRange
        ? "Fewer than half of all runs \(threshold.isSurelyBelow ? "" : "are likely to ")fit even \(least == 1 ? "one sample" : samples(least)) "
          + "(\(percent): \(count(upper)) or fewer)."
        : "Half of all runs fit \(samples(emc)) (\(percent): \(count(upper)) or fewer, with no lower end)."
    case (nil, nil):
      if let unfit = estimate.bracket.smallestUnfit {
        return
          "Fewer than half of all runs are likely to fit even \(samples(unfit)), but no interval is told (\(percent))."
      }
      if let fit = estimate.bracket.largestFit {
        return "Half of all runs are likely to fit \(samples(fit)), but no interval is told (\(percent))."
      }
      return
        "The runs tell no more than that the EMC may lie anywhere, below \(count(least)) or above \(samples(limit))."
    }
  }

  private static func limit(_ estimate: Estimate, _ budget: BudgetDependence) -> String? {
    let failures = Estimate.deciding(estimate.runs, estimate.threshold)
    guard let bound = estimate.boundedBy else { return nil }
    switch bound {
    case .minimum:
      return estimate.count(.reachable) > 0
        ? "The failures that decide ended at minima of the loss, but not at the best there are."
        : "The failures that decide ended at verified minima of the loss."
    case .saddle: return "A failure that decides ended at a saddle."
    case .diverged:
      return
        "\(failures.count { $0.outcome == .diverged }) of the \(failures.count) failures that decide diverged."
    case .budget:
      // What the guard against drift refused, or an optimizer that has nowhere to go, stopped before its steps were spent.
      let stopped = failures.count { $0.outcome == .budget && $0.steps < $0.guardSteps }
      let spent = failures.count { $0.outcome == .budget } - stopped
      let parts = [
        spent > 0 || stopped == 0
          ? "\(spent) of the \(failures.count) failures that decide had spent their steps" : nil,
        stopped > 0
          ? "\(stopped) of the \(failures.count) failures that decide could not go on before their steps were spent, and "
            + "ended at no verified minimum" : nil,
      ].compactMap(\.self).joined(separator: "; ")
      return parts
        + (budget.isSettled || endsAtMinima(estimate) || spent == 0 || estimate.threshold.isBelowRange
          || estimate.emc == nil || hasConflictsAlone(estimate)
          ? "."
          : ": this is what the procedure reaches within its budget, a lower bound of what it could fit.")
    case .datasetSize: return "The data set has no more samples to ask for."
    case .memory: return "Memory holds no more samples."
    case .searchSizes: return "No larger size was tried."
    }
  }

  /// Whether no network could fit what failed.
  private static func hasConflictsAlone(_ estimate: Estimate) -> Bool {
    Estimate.deciding(estimate.runs, estimate.threshold).allSatisfy {
      $0.diagnosis.contains(.conflictingDuplicates)
    }
  }

  private static func growth(_ estimate: Estimate, _ budget: BudgetDependence) -> String? {
    guard estimate.boundedBy == .budget, !hasConflictsAlone(estimate) else { return nil }
    guard let growth = budget.growth.value else {
      return whyNotSettled(estimate).map { "Whether it has settled is not known: \($0)." }
    }
    let interval = "\(short(100 * budget.growth.lower)) to \(short(100 * budget.growth.upper)) %"
    return budget.isSettled
      ? "Twice the steps would raise it by less than \(short(100 * estimate.search.settings.budget.tolerance)) % "
        + "(\(interval)): it has settled."
      : "Twice the steps would raise it by about \(short(100 * growth)) % (\(interval)) if it went on as in the last doubling: it has "
        + "not settled"
        + (whyNotSettled(estimate).map { ", and \($0)." } ?? ".")
  }

  /// What keeps a search that is to settle from longer guards; nil where it was ended by something else.
  private static func whyNotSettled(_ estimate: Estimate) -> String? {
    guard case .settle(_, let maxSteps) = estimate.search.settings.budget,
      case .adaptive(let options) = estimate.search.settings.strategy
    else { return nil }
    if estimate.guardSteps > maxSteps / 2 { return "search.budget.max_steps allows no more" }
    return estimate.runs.count >= options.maxProbes
      ? "the \(options.maxProbes) probes of search.max_probes would not tell where it is with more" : nil
  }

  private static func minima(_ estimate: Estimate) -> Int {
    estimate.count(.minimum) + estimate.count(.nonsmoothMinimum)
  }

  /// Whether every failure that was verified was found at a minimum.
  private static func endsAtMinima(_ estimate: Estimate) -> Bool {
    minima(estimate) > 0 && minima(estimate) == estimate.verdicts.count
  }

  private static func short(_ value: Double) -> String { String(format: "%.3g", value) }

  /// 1,216 samples
  static func samples(_ value: Int) -> String { "\(count(value)) sample\(value == 1 ? "" : "s")" }

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
