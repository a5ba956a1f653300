import ArgumentParser

/// The cells of simulated studies.
struct SimulatedStudyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The cells' n₅₀ over --threshold, as 1,1,1.3: intervals of ratios, false findings and what is found.",
      valueName: "ratios"))
  var study: String?

  @Option(
    help: ArgumentHelp(
      "The cells' values of a numeric axis, as 8,16,32: the exponent too.", valueName: "values"))
  var axis: String?

  /// The cells that were asked for; nil without `--study`, or where they are at fault.
  func cells(_ faults: inout UsageFaults) throws -> (ratios: [Double], axis: [Double]?)? {
    let ratios = try study.flatMap { text in try faults.value { try Self.numbers(text, "--study") } }
    let values = try axis.flatMap { text in try faults.value { try Self.numbers(text, "--axis") } }
    if axis != nil, study == nil { faults.note("--axis needs --study, the cells' ratios") }
    guard let ratios else { return nil }
    if !(2...50).contains(ratios.count) {
      faults.note("--study has \(ratios.count) cells; allowed: 2 to 50")
    }
    guard let values else { return (ratios, nil) }
    if values.count != ratios.count {
      faults.note(
        "--axis has \(values.count) values; allowed: one for each of --study's \(ratios.count)")
    }
    if zip(values, values.dropFirst()).contains(where: { $0 >= $1 }) {
      faults.note("--axis is \(axis ?? ""); allowed: values that ascend")
    }
    return (ratios, values)
  }

  private static func numbers(_ text: String, _ option: String) throws -> [Double] {
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = words.map { word in Double(word).flatMap { $0.isFinite && $0 > 0 ? $0 : nil } }
    let wrong = zip(words, numbers).filter { $1 == nil }.map { $0.0 }
    guard wrong.isEmpty else {
      throw WrongUsage(
        description:
          "\(option) has \(wrong.joined(separator: ", ")); allowed: numbers above 0, separated by commas")
    }
    return numbers.compactMap(\.self)
  }
}
