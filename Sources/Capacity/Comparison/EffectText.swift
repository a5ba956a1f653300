import Foundation

/// An effect in words.
struct EffectText {
  let text: String
  /// The difference, and whether it depends on the budget.
  let finding: String

  init(
    _ pair: ComparedPair, _ difference: Effect.Difference, _ adjusted: Double?, half: Effect.Difference?,
    isSettled: Bool, _ settings: ComparisonSettings
  ) {
    let names = (pair.first.label, pair.second.label)
    let gaps = [pair.first, pair.second].compactMap { Self.gap($0) }
    if gaps.isEmpty, difference.pValue != nil {
      let sentence = Self.sentence(names, difference, adjusted, settings)
      let atHalf = isSettled ? nil : Self.atHalf(difference, half, settings)
      let unsettled = [pair.first, pair.second].compactMap(Self.unsettled)
      let budget = atHalf.map { [$0.text] } ?? []
      text = ([sentence] + unsettled + budget).joined(separator: " ")
      finding = ([sentence] + (atHalf?.contradicts == true ? budget : [])).joined(separator: " ")
    } else {
      text = "\(names.0) and \(names.1) can't be compared: \(gaps.joined(separator: ", and "))."
      finding = text
    }
  }

  /// Why a cell has no threshold to compare.
  static func gap(_ cell: ComparedCell) -> String? {
    switch cell.outcome {
    case .missing(let reason): "\(cell.label) is missing (\(reason))"
    case .measured(let reading):
      reading.threshold.isClaimed ? nil : "fewer than half of all runs of \(cell.label) may fit at any size"
    }
  }

  private static func sentence(
    _ names: (String, String), _ difference: Effect.Difference, _ adjusted: Double?,
    _ settings: ComparisonSettings
  ) -> String {
    let percent = "\(Words.number(100 * settings.level)) %"
    let p = adjusted.map { "adjusted p \(Words.pValue($0))" } ?? "no p-value"
    let isShown = adjusted.map { $0 <= settings.significance } ?? false
    guard let ratio = difference.ratio else {
      let bound: String =
        switch (difference.lower, difference.upper) {
        case (let lower?, _):
          "\(names.0) fits at least \(Words.number(lower)) times as many samples as \(names.1)"
        case (_, let upper?):
          "\(names.0) fits at most \(Words.number(upper)) times as many samples as \(names.1)"
        case (nil, nil): "how much more \(names.0) or \(names.1) fits is not bounded"
        }
      return
        "The sizes that were asked for hold no threshold of one of them, so no ratio is claimed: \(bound) "
        + "(\(percent), \(p))."
    }
    let interval = "\(percent): \(Words.interval(difference.lower, difference.upper)), \(p)"
    guard isShown else {
      return
        "No difference between \(names.0) and \(names.1) is shown: the ratio is \(Words.number(ratio)) (\(interval))."
    }
    return ratio >= 1
      ? "\(names.0) fits \(Words.number(ratio)) times as many samples as \(names.1) (\(interval))."
      : "\(names.0) fits \(Words.number(100 * (1 - ratio))) % fewer samples than \(names.1) (ratio \(Words.number(ratio)), "
        + "\(interval))."
  }

  private static func unsettled(_ cell: ComparedCell) -> String? {
    guard let reading = cell.reading, !reading.isSettled else { return nil }
    guard let growth = reading.growth.value else { return "\(cell.label) has not settled." }
    return
      "\(cell.label) has not settled: twice the steps would raise it by about \(Words.number(100 * growth)) %."
  }

  private static func atHalf(
    _ whole: Effect.Difference, _ half: Effect.Difference?, _ settings: ComparisonSettings
  ) -> (text: String, contradicts: Bool) {
    guard let half else { return ("Nothing tells of half the budget.", false) }
    guard let ratio = half.ratio else { return ("At half the budget no ratio can be told.", false) }
    let interval = "\(Words.number(100 * settings.level)) %: \(Words.interval(half.lower, half.upper))"
    // Each beyond the other's interval: one of them may be wide.
    func isBeyond(_ value: Double, _ other: Effect.Difference) -> Bool {
      other.upper.map { value > $0 } ?? false || other.lower.map { value < $0 } ?? false
    }
    let contradicts = whole.ratio.map { isBeyond($0, half) && isBeyond(ratio, whole) } ?? false
    return (
      "At half the budget the ratio is \(Words.number(ratio)) (\(interval))"
        + (contradicts ? ": the difference depends on the budget." : "."), contradicts
    )
  }
}

/// Numbers in sentences.
enum Words {
  /// Three significant digits.
  static func number(_ value: Double) -> String {
    guard value >= 1000 else { return String(format: "%.3g", value) }
    return value < 1e15 ? Summary.count(Int(value.rounded())) : String(format: "%.3g", value)
  }

  static func interval(_ lower: Double?, _ upper: Double?) -> String {
    switch (lower, upper) {
    case (let lower?, let upper?): "\(number(lower)) to \(number(upper))"
    case (let lower?, nil): "more than \(number(lower))"
    case (nil, let upper?): "less than \(number(upper))"
    case (nil, nil): "unbounded"
    }
  }

  /// = 0.03, < 0.0001
  static func pValue(_ p: Double) -> String { p < 1e-4 ? "< 0.0001" : "= \(String(format: "%.2g", p))" }
}
