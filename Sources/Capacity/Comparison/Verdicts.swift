/// A comparison in a few plain sentences: what is shown, what isn't, and what is missing.
struct Verdicts {
  let text: String

  /// Effects that are told one by one; what is left of them is counted.
  private static let told = 8

  init(
    cells: [ComparedCell], effects: [Effect], exponents: [Exponent], correlations: [Correlation],
    settings: ComparisonSettings
  ) {
    var sentences: [String] = []
    let shown = effects.filter { $0.adjustedPValue.map { $0 <= settings.significance } ?? false }
      .sorted { $0.adjustedPValue! < $1.adjustedPValue! }
    let tested = effects.count { $0.adjustedPValue != nil }
    if tested > 0 {
      sentences.append(
        "\(shown.count) of \(tested) compared \(tested == 1 ? "pair differs" : "pairs differ") beyond chance (Holm, "
          + "\(Words.number(settings.significance)) over the study).")
    }
    sentences += shown.prefix(Self.told).map(\.text)
    if shown.count > Self.told { sentences.append("\(shown.count - Self.told) more are in `effects`.") }
    sentences += exponents.prefix(Self.told).map(\.text)
    if exponents.count > Self.told {
      sentences.append("\(exponents.count - Self.told) more are in `exponents`.")
    }
    sentences += correlations.filter { $0.between.1 == "test_accuracy" }.map(\.text)
    sentences += Self.state(cells)
    text = sentences.isEmpty ? "Nothing can be compared." : sentences.joined(separator: " ")
  }

  private static func state(_ cells: [ComparedCell]) -> [String] {
    var sentences: [String] = []
    let readings = cells.compactMap(\.reading)
    let settled = readings.count(where: \.isSettled)
    if settled < readings.count {
      sentences.append(
        settled == 0
          ? "None of the readings has settled: they hold for their budgets."
          : "\(settled) of \(readings.count) readings have settled: the others hold for their budgets.")
    }
    let gaps = cells.compactMap(EffectText.gap)
    if !gaps.isEmpty { sentences.append("Without a threshold: \(gaps.joined(separator: "; ")).") }
    return sentences
  }
}
