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

  /// The cells that were asked for; nil without `--study`.
  func cells() throws -> (ratios: [Double], axis: [Double]?)? {
    guard let study else {
      if axis != nil { throw WrongUsage(description: "--axis needs --study, the cells' ratios") }
      return nil
    }
    let ratios = try Self.numbers(study, "--study")
    guard (2...50).contains(ratios.count) else {
      throw WrongUsage(description: "--study has \(ratios.count) cells; allowed: 2 to 50")
    }
    let values = try axis.map { try Self.numbers($0, "--axis") }
    if let values, values.count != ratios.count {
      throw WrongUsage(
        description: "--axis has \(values.count) values; allowed: one for each of --study's \(ratios.count)")
    }
    if let values, zip(values, values.dropFirst()).contains(where: { $0 >= $1 }) {
      throw WrongUsage(description: "--axis is \(axis ?? ""); allowed: values that ascend")
    }
    return (ratios, values)
  }

  private static func numbers(_ text: String, _ option: String) throws -> [Double] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let number = Double(word), number.isFinite, number > 0 else {
        throw WrongUsage(description: "\(option) has \(word); allowed: numbers above 0, separated by commas")
      }
      return number
    }
  }
}
