/// A comparison in a few plain sentences: what is shown, what isn't, and what is missing.
struct Verdicts {
  let text: String

  /// Effects that are told one by one; what is left of them is counted.
  private static let told = 8

  init(
    cells: [ComparedCell], effects: [Effect], exponents: [Exponent], correlations: [Correlation],
    settings: ComparisonSettings
  ) {
    var sentences = Self.artefacts(cells)
    let shown = effects.filter { $0.adjustedPValue.map { $0 <= settings.significance } ?? false }
      .sorted { $0.adjustedPValue! < $1.adjustedPValue! }
    let tested = effects.count { $0.adjustedPValue != nil }
    if tested > 0 {
      sentences.append(
        "\(shown.count) of \(tested) compared \(tested == 1 ? "pair differs" : "pairs differ") beyond chance (Holm, "
          + "\(Words.number(settings.significance)) over the study).")
    }
    sentences += shown.prefix(Self.told).map(\.finding)
    if shown.count > Self.told { sentences.append("\(shown.count - Self.told) more are in `effects`.") }
    sentences += exponents.prefix(Self.told).map(\.text)
    if exponents.count > Self.told {
      sentences.append("\(exponents.count - Self.told) more are in `exponents`.")
    }
    sentences += correlations.filter { $0.between.1 == "test_accuracy" }.map(\.text)
    sentences += Self.state(cells)
    text = sentences.isEmpty ? "Nothing can be compared." : sentences.joined(separator: " ")
  }

  /// Which cells' readings are no capacities.
  private static func artefacts(_ cells: [ComparedCell]) -> [String] {
    let failing = cells.compactMap { cell in
      cell.reading.flatMap { $0.monotonePValue < Estimate.monotoneLevel ? $0.monotonePValue : nil }
        .map { "\(cell.label) (p \(Words.pValue($0)))" }
    }
    guard !failing.isEmpty else { return [] }
    return [
      "The fit probability does not fall with the size in \(failing.joined(separator: ", ")): something other than capacity "
        + "decides there, such as a partial batch, so these readings are not to be relied on."
    ]
  }

  private static func state(_ cells: [ComparedCell]) -> [String] {
    var sentences: [String] = []
    let incomplete = cells.compactMap { cell in cell.incomplete.map { "\(cell.label) (\($0))" } }
    if !incomplete.isEmpty {
      sentences.append(
        (incomplete.count == cells.count
          ? "No cell has been measured to its end"
          : incomplete.count > told
            ? "\(incomplete.count) of \(cells.count) cells have not been measured to their end"
            : "Not measured to their end: \(incomplete.joined(separator: ", "))")
          + ": their readings are what is known so far.")
    }
    let readings = cells.compactMap(\.reading)
    let settled = readings.count(where: \.isSettled)
    if settled < readings.count {
      sentences.append(
        settled == 0
          ? "None of the readings has settled: they hold for their budgets."
          : "\(settled) of \(readings.count) readings have settled: the others hold for their budgets.")
      sentences += growth(cells)
    }
    let gaps = cells.compactMap(EffectText.gap)
    if !gaps.isEmpty { sentences.append("Without a threshold: \(gaps.joined(separator: "; ")).") }
    let beyond = cells.filter {
      $0.reading.map { $0.threshold.isClaimed && $0.threshold.samples == nil } ?? false
    }
    let unknown = beyond.filter { $0.reading?.threshold.emc == nil }.map(\.label)
    if !unknown.isEmpty {
      sentences.append("Nothing is known of the threshold of \(unknown.joined(separator: "; ")).")
    }
    for (word, isBelow) in [("Above", false), ("Below", true)] {
      let there = beyond.filter {
        $0.reading?.threshold.emc != nil && $0.reading?.threshold.isBelowRange == isBelow
      }
      for (verb, isSure) in [("lies", true), ("may lie", false)] {
        let names = there.filter { $0.reading?.threshold.isSurelyBeyond == isSure }.map(\.label)
        guard !names.isEmpty else { continue }
        sentences.append(
          "\(word) the sizes that were tried \(verb) the threshold of \(names.joined(separator: "; ")).")
      }
    }
    return sentences
  }

  /// How far those that haven't settled are from it.
  private static func growth(_ cells: [ComparedCell]) -> [String] {
    let growing = cells.compactMap { cell in
      cell.reading.flatMap { $0.isSettled ? nil : $0.growth.value }.map { (cell.label, $0) }
    }
    guard let most = growing.max(by: { $0.1 < $1.1 }), let least = growing.min(by: { $0.1 < $1.1 }) else {
      return []
    }
    func percent(_ growth: Double) -> String { "\(Words.number(100 * growth)) %" }
    guard growing.count > told else {
      let each = growing.map { "\($0.0) by about \(percent($0.1))" }
      return ["Twice the steps would raise \(each.joined(separator: "; "))."]
    }
    return [
      "Twice the steps would raise them by about \(percent(least.1)) (\(least.0)) to \(percent(most.1)) (\(most.0))."
    ]
  }
}
