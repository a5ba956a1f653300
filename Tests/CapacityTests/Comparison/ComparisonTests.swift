import Capacity
import Foundation
import Testing
import Training

private let limit = 60_000
private let search = Search(settings: SearchSettings(), limits: SearchLimits(samples: limit))

/// Runs of a curve at sizes around its threshold, whose draws are spread evenly: what any seed gives on average.
private func runs(
  threshold: Double, scale: Double = 0.15, lapse: Double = 0, growth: Double = 0, count: Int = 80
) -> [ProbeObservation] {
  let curve = SimulatedCurve(
    shape: .logistic, threshold: threshold, scale: scale, lapse: lapse, growth: growth)
  let maxSteps = search.procedure.maxSteps
  return (0..<count).map { i in
    let place = (Double(i) + 0.5) / Double(count)
    let samples = Int(threshold * exp((place - 0.5) * 6 * scale))
    let u = (Double((i * 37) % count) + 0.5) / Double(count)
    let fit = curve.fitSteps(samples: samples, u: u, guardSteps: maxSteps).flatMap {
      $0 <= Double(maxSteps) ? Int($0.rounded(.up)) : nil
    }
    return ProbeObservation(
      address: ProbeAddress(samples: samples, replicate: i), outcome: fit == nil ? .budget : .fit,
      steps: fit ?? maxSteps)
  }
}

/// Every run up to the data set's size fits.
private let allFit = [1000, 10_000, 30_000, 60_000, 60_000, 60_000, 60_000, 60_000].enumerated().map {
  i, samples in
  ProbeObservation(address: ProbeAddress(samples: samples, replicate: i), outcome: .fit, steps: 100)
}

private func cell(
  _ values: [(String, JSONValue)], _ observations: [ProbeObservation], parameters: Int? = nil,
  accuracy: Double? = nil, incomplete: String? = nil
) -> ComparedCell {
  ComparedCell(
    label: values.map { $0.1.stringValue ?? $0.1.text() }.joined(separator: " "),
    values: values.map { .init(pointer: $0.0, value: $0.1) }, job: nil, observations: observations,
    search: search, parameterCount: parameters,
    generalization: accuracy.map { .init(testAccuracy: $0, gap: 1 - $0) }, incomplete: incomplete)
}

private let activation = "/model/activation"
private let width = "/model/hidden/0"

@Suite struct ComparisonTests {
  @Test func aRatioIsFoundWithItsIntervalAndSaidInWords() throws {
    let cells = [
      cell([(activation, .string("relu"))], runs(threshold: 1800)),
      cell([(activation, .string("tanh"))], runs(threshold: 1000)),
    ]
    let comparison = Comparison(cells, settings: ComparisonSettings(factors: [[activation]]))
    let effect = try #require(comparison.effects.first)
    let found = effect.difference
    #expect(comparison.effects.count == 1 && effect.between == ("relu", "tanh"))
    #expect(abs(try #require(found.ratio) / 1.8 - 1) < 0.05)
    #expect(try #require(found.lower) < 1.8 && 1.8 < (try #require(found.upper)))
    #expect(try #require(found.lower) > 1.5 && (try #require(found.upper)) < 2.2)
    #expect(try #require(found.probability) > 0.999)
    #expect(try #require(found.pValue) < 1e-4)
    #expect(effect.adjustedPValue == found.pValue)
    #expect(effect.text.hasPrefix("relu fits 1.8"))
    #expect(comparison.verdict.contains("1 of 1 compared pair differs"))
    // The other way round all is mirrored.
    let mirrored = Comparison(cells.reversed(), settings: ComparisonSettings(factors: [[activation]]))
      .effects[0]
    #expect(abs(try #require(mirrored.difference.ratio) * (found.ratio ?? 0) - 1) < 1e-3)
    #expect(abs(try #require(mirrored.difference.pValue) / (found.pValue ?? 0) - 1) < 0.01)
  }

  @Test func equalThresholdsShowNoDifference() throws {
    let cells = ["a", "b"].map { cell([(activation, .string($0))], runs(threshold: 1000)) }
    let effect = Comparison(cells, settings: ComparisonSettings(factors: [[activation]])).effects[0]
    #expect(try #require(effect.difference.pValue) > 0.9)
    #expect(abs(try #require(effect.difference.probability) - 0.5) < 1e-6)
    #expect(effect.text.hasPrefix("No difference between a and b is shown"))
  }

  /// The form that a study's JSON has.
  @Test func jsonHasTheMembersOfTheContract() throws {
    let cells = [8, 16, 32, 64].map { x in
      cell(
        [(width, .integer(x))], runs(threshold: 40 * Double(x)), parameters: 100 * x,
        accuracy: 0.5 + Double(x) / 200)
    }
    let json = Comparison(cells, settings: ComparisonSettings(factors: [[width]])).json
    #expect(Set(try members(json)) == ["cells", "effects", "exponents", "correlations", "verdict"])
    let first = try #require(json["cells"]?.arrayValue?.first)
    #expect(first["values"]?[width] == .integer(8))
    #expect(first["settled"] == .bool(false) || first["settled"] == .bool(true))
    for name in [
      "emc", "interval", "job", "missing", "parameter_count", "emc_per_parameter", "test_accuracy",
    ] {
      #expect(first[name] != nil, "\(name)")
    }
    let effect = try #require(json["effects"]?.arrayValue?.first)
    #expect(effect["between"] == .array([.string("8"), .string("16")]))
    for name in [
      "ratio", "interval", "p_value", "p_value_adjusted", "probability", "text", "settled", "half_budget",
    ] {
      #expect(effect[name] != nil, "\(name)")
    }
    #expect(json["effects"]?.arrayValue?.count == 6)
    // Along the axis and over the parameters, which are proportional to it.
    let exponents = try #require(json["exponents"]?.arrayValue)
    #expect(exponents.compactMap { $0["over"]?.stringValue } == [width, "parameter_count"])
    for exponent in exponents { #expect(abs(try #require(exponent["exponent"]?.doubleValue) - 1) < 0.05) }
    let correlation = try #require(json["correlations"]?.arrayValue?.first)
    #expect(correlation["between"] == .array([.string("log_emc"), .string("test_accuracy")]))
    #expect(correlation["spearman"]?["value"]?.doubleValue == 1)
    #expect(json["verdict"]?.stringValue?.isEmpty == false)
    // What is written is read back: nothing in it that JSON has no number for.
    #expect(try JSONValue(parsing: json.utf8()) == JSONValue(parsing: json.utf8(pretty: true)))
  }

  private func members(_ json: JSONValue) throws -> [String] {
    guard case .object(let members) = json else { throw NotAnObject() }
    return Array(members.keys)
  }
  private struct NotAnObject: Error {}

  @Test func cellsThatDifferInTwoFactorsAreNotCompared() {
    let cells = ["relu", "tanh"].flatMap { name in
      [1, 2].map { depth in
        cell([(activation, .string(name)), ("/model/depth", .integer(depth))], runs(threshold: 1000))
      }
    }
    let factors = [[activation], ["/model/depth"]]
    let pairs = Comparison(cells, settings: ComparisonSettings(factors: factors)).effects.map(\.between)
    let expected = [("relu 1", "tanh 1"), ("relu 2", "tanh 2"), ("relu 1", "relu 2"), ("tanh 1", "tanh 2")]
    #expect(pairs.elementsEqual(expected, by: ==))
    let against = Comparison(
      cells, settings: ComparisonSettings(rule: .against(.string("tanh")), factors: factors)
    ).effects.map(\.between)
    #expect(against.elementsEqual([("relu 1", "tanh 1"), ("relu 2", "tanh 2")], by: ==))
    // Varied together they are one factor.
    #expect(
      Comparison(cells, settings: ComparisonSettings(factors: [[activation, "/model/depth"]])).effects.count
        == 6)
  }

  @Test func noRatioIsClaimedOfACellThatFitsEverything() throws {
    let cells = [
      cell([(activation, .string("relu"))], allFit),
      cell([(activation, .string("tanh"))], runs(threshold: 1000)),
    ]
    let effect = Comparison(cells, settings: ComparisonSettings(factors: [[activation]])).effects[0]
    #expect(effect.difference.ratio == nil && effect.difference.upper == nil)
    // It fits more than 60,000 samples, the other 1,000 give or take a tenth.
    let lower = try #require(effect.difference.lower)
    #expect((40...80).contains(lower), "\(lower)")
    #expect(try #require(effect.difference.probability) > 0.999)
    #expect(try #require(effect.difference.pValue) < 1e-4)
    #expect(effect.text.contains("no ratio is claimed: relu fits at least"))
    let mirrored = Comparison(cells.reversed(), settings: ComparisonSettings(factors: [[activation]]))
      .effects[0]
    #expect(mirrored.difference.lower == nil && mirrored.difference.upper != nil)
    #expect(mirrored.text.contains("tanh fits at most"))
  }

  /// That one run fits is no proof that half of them fit more.
  @Test func whatMayLieBeyondIsNotSaidToLieThere() throws {
    func verdict(_ fits: Int) -> String {
      let own = (0..<fits).map {
        ProbeObservation(address: ProbeAddress(samples: 60_000, replicate: $0), outcome: .fit, steps: 100)
      }
      let cells = [
        cell([(activation, .string("relu"))], own),
        cell([(activation, .string("tanh"))], runs(threshold: 1000)),
      ]
      return Comparison(cells, settings: ComparisonSettings(factors: [[activation]])).verdict
    }
    #expect(verdict(1).contains("Above the sizes that were tried may lie the threshold of relu."))
    #expect(verdict(16).contains("Above the sizes that were tried lies the threshold of relu."))
  }

  /// Where the prior ends, a factor of 4 beyond the sizes that were tried, is no evidence.
  @Test func whatLiesBeyondTheSizesThatWereTriedShowsNoDifference() throws {
    func observed(_ samples: [Int], _ outcome: Outcome) -> [ProbeObservation] {
      samples.enumerated().map {
        ProbeObservation(
          address: ProbeAddress(samples: $1, replicate: $0), outcome: outcome,
          steps: outcome == .fit ? 100 : 20_000)
      }
    }
    let known = runs(threshold: 1000)
    let cases: [([ProbeObservation], isLess: Bool?)] = [
      // One run that fits says no more than that half of all runs may fit as many.
      (observed([16], .fit), nil),
      (observed([16, 16, 24, 24, 40, 40], .fit), nil),
      (observed([40_000, 40_000, 50_000, 50_000], .budget), nil),
      (observed([20, 20, 30, 30, 30, 40, 40, 40], .budget), true),
      (observed([40_000, 40_000, 50_000, 50_000, 60_000, 60_000], .fit), false),
    ]
    for (runs, isLess) in cases {
      let cells = [cell([(activation, .string("relu"))], runs), cell([(activation, .string("tanh"))], known)]
      for cells in [cells, cells.reversed()] {
        let effect = Comparison(cells, settings: ComparisonSettings(factors: [[activation]])).effects[0]
        let p = try #require(effect.difference.pValue)
        guard let isLess else {
          #expect(p > 0.5 && effect.difference.probability == nil, "\(p) \(effect.text)")
          continue
        }
        let isFirstLess = isLess == (effect.between.0 == "relu")
        let probability = try #require(effect.difference.probability)
        #expect(p < 0.05 && (isFirstLess ? probability < 0.02 : probability > 0.98), "\(p) \(probability)")
      }
    }
    // Two of which nothing is known but that one fits a little and the other not very much.
    let cells = [
      cell([(activation, .string("relu"))], observed([16, 20, 24], .fit)),
      cell([(activation, .string("tanh"))], observed([400, 500, 600], .budget)),
    ]
    let open = Comparison(cells, settings: ComparisonSettings(factors: [[activation]])).effects[0].difference
    #expect(try #require(open.pValue) > 0.5 && open.probability == nil && open.ratio == nil)
  }

  @Test func missingCellsAndThoseWithoutThresholdAreNamed() {
    let collapsed = (0..<60).map { i in
      ProbeObservation(
        address: ProbeAddress(samples: 1 + i * 5, replicate: i), outcome: i % 4 == 0 ? .fit : .budget,
        steps: 10)
    }
    let cells = [
      cell([(activation, .string("relu"))], runs(threshold: 1000)), cell([(activation, .string("tanh"))], []),
      cell([(activation, .string("sigmoid"))], collapsed),
      ComparedCell(
        label: "elu", values: [.init(pointer: activation, value: .string("elu"))],
        outcome: .missing("the job failed")),
    ]
    let comparison = Comparison(cells, settings: ComparisonSettings(factors: [[activation]]))
    #expect(comparison.effects.allSatisfy { $0.difference.pValue == nil && $0.adjustedPValue == nil })
    #expect(
      comparison.effects[0].text == "relu and tanh can't be compared: tanh is missing (no probe has ended).")
    #expect(comparison.effects[1].text.contains("fewer than half of all runs of sigmoid may fit"))
    #expect(comparison.verdict.contains("elu is missing (the job failed)"))
    #expect(comparison.json["cells"]?.arrayValue?[3]["missing"] == .string("the job failed"))
  }

  /// Runs that fit late: at half the budget the first cell is where the second is.
  @Test func whatDependsOnTheBudgetSaysSo() throws {
    let cells = [
      cell([(activation, .string("relu"))], runs(threshold: 1600, growth: 0.6)),
      cell([(activation, .string("tanh"))], runs(threshold: 1000)),
    ]
    let comparison = Comparison(cells, settings: ComparisonSettings(factors: [[activation]]))
    let effect = comparison.effects[0]
    #expect(!effect.isSettled)
    let half = try #require(effect.half)
    #expect(abs(try #require(effect.difference.ratio) / 1.6 - 1) < 0.06)
    #expect(abs(try #require(half.ratio) - 1) < 0.08)
    #expect(effect.text.contains("relu has not settled: twice the steps would raise it by about"))
    #expect(effect.text.contains("the difference depends on the budget"))
    // The verdict says how far a reading is from settling once, however many pairs it stands in.
    #expect(comparison.verdict.contains("the difference depends on the budget"))
    #expect(comparison.verdict.contains("Twice the steps would raise relu by about"))
    #expect(!comparison.verdict.contains("has not settled: twice"))
    #expect(comparison.json["effects"]?.arrayValue?[0]["half_budget"]?["ratio"]?.doubleValue == half.ratio)
    // A schedule over all of the guard, or a last stage behind it, tells nothing of half of it.
    var annealed = Procedure.standard
    annealed.schedule.decay = .cosine(CosineDecay())
    var finished = Procedure.standard
    finished.finish = .secondOrder(evaluations: 100)
    for (procedure, isTold) in [(Procedure.standard, true), (annealed, false), (finished, false)] {
      let search = Search(
        settings: SearchSettings(), limits: SearchLimits(samples: limit),
        procedure: SearchedProcedure(procedure))
      let reading = CellReading(runs(threshold: 1000), search: search)
      #expect((reading.half != nil) == isTold)
      #expect((reading.growth.value != nil) == isTold)
    }
  }

  /// 192 samples fit 8 of 8 times, 193 never, 208 always: a partial batch decides.
  @Test func cellsWhoseFitsDontFallWithTheSizeAreNamedFirst() throws {
    let fits = [192: 8, 193: 0, 208: 8, 224: 8, 225: 0, 240: 7, 260: 0]
    let artefact = fits.flatMap { size, fits -> [ProbeObservation] in
      (0..<8).map { replicate in
        let outcome: Outcome = replicate < fits ? .fit : .budget
        return ProbeObservation(
          address: ProbeAddress(samples: size, replicate: replicate), outcome: outcome, steps: 100)
      }
    }
    let comparison = Comparison(
      [
        cell([(activation, .string("keep"))], artefact),
        cell([(activation, .string("balanced"))], runs(threshold: 230)),
      ], settings: ComparisonSettings(factors: [[activation]]))
    #expect(
      comparison.verdict.hasPrefix("The fit probability does not fall with the size in keep (p = "),
      "\(comparison.verdict)")
    let cells = try #require(comparison.json["cells"]?.arrayValue)
    #expect(try #require(cells[0]["monotone_p_value"]?.doubleValue) < 0.01)
    #expect(try #require(cells[1]["monotone_p_value"]?.doubleValue) > 0.01)
  }

  /// Axes that are zipped move together: an exponent names what moved with its axis.
  @Test func anExponentOfZippedAxesNamesBoth() throws {
    let steps = "/training/max_steps"
    let cells = [2, 4, 8].map { x -> ComparedCell in
      let values: [(String, JSONValue)] = [(width, .integer(x)), (steps, .integer(100 * x))]
      return cell(values, runs(threshold: 100 * Double(x)), parameters: 9 * x)
    }
    let exponents = Comparison(cells, settings: ComparisonSettings(factors: [[width, steps]])).exponents
    #expect(exponents.map(\.over) == [width, steps, "parameter_count"])
    #expect(
      exponents[0].text.contains("\(width), and with it \(steps), to the power of 1"), "\(exponents[0].text)")
    #expect(exponents[2].text.contains("the number of parameters, and with it \(steps), to the power"))
  }

  /// With random labels test accuracy is that of chance, whatever is fitted.
  @Test func testAccuracyIsHeldAgainstOwnLabelsAlone() throws {
    let labels = "/labels/kind"
    let cells = [2, 4, 8, 16].flatMap { x -> [ComparedCell] in
      let accuracies = ["original": 0.5 + Double(x) / 40, "random": 0.1]
      return ["original", "random"].map { kind in
        let values: [(String, JSONValue)] = [(width, .integer(x)), (labels, .string(kind))]
        return cell(values, runs(threshold: 100 * Double(x)), accuracy: accuracies[kind])
      }
    }
    let found = try #require(
      Comparison(cells, settings: ComparisonSettings(factors: [[width], [labels]])).correlations.first)
    #expect(found.between == ("log_emc", "test_accuracy") && found.points.count == 4)
    #expect(found.spearman.value == 1)
  }

  /// However labels and networks are combined, a network's own labels are held against its random ones.
  @Test func zippedLabelsArePairedWithinTheirNetwork() throws {
    let labels = "/labels/kind"
    let cells = [2, 4, 8, 16].flatMap { x -> [ComparedCell] in
      ["original", "random"].map { kind -> ComparedCell in
        let values: [(String, JSONValue)] = [(width, .integer(x)), (labels, .string(kind))]
        let threshold: Double = kind == "random" ? 100 : 100 * Double(x)
        return cell(values, runs(threshold: threshold), accuracy: 0.5 + Double(x) / 40)
      }
    }
    func between(_ factors: [[String]]) -> [[String]] {
      Comparison(cells, settings: ComparisonSettings(factors: factors)).correlations.map {
        [$0.between.0, $0.between.1, String($0.points.count)]
      }
    }
    let zipped = between([[width, labels]])
    #expect(zipped.contains(["emc_ratio", "test_accuracy", "4"]), "\(zipped)")
    #expect(zipped == between([[width], [labels]]))
  }

  /// A study's own names stand for values that nobody would read.
  @Test func exponentsCallValuesByTheirLabels() throws {
    let own = ComparedCell.AxisValue(
      pointer: "/labels", value: .object(["kind": .string("original")]), label: "own")
    let cells = [2, 4, 8].map { x -> ComparedCell in
      let plain = cell([(width, .integer(x))], runs(threshold: 100 * Double(x)))
      return ComparedCell(label: plain.label, values: plain.values + [own], outcome: plain.outcome)
    }
    let exponent = try #require(
      Comparison(cells, settings: ComparisonSettings(factors: [[width], ["/labels"]])).exponents.first)
    #expect(exponent.text.contains(" at /labels = own"), "\(exponent.text)")
  }

  @Test func whatWasNotMeasuredToItsEndSaysSo() {
    func verdict(_ states: [String?]) -> String {
      let cells = states.enumerated().map { index, state in
        cell([(width, .integer(8 << index))], runs(threshold: 1000), incomplete: state)
      }
      let comparison = Comparison(cells, settings: ComparisonSettings(factors: [[width]]))
      #expect(
        comparison.json["cells"]?.arrayValue?.map { $0["incomplete"]?.stringValue } == states)
      return comparison.verdict
    }
    #expect(!verdict([nil, nil]).contains("measured to their end"))
    #expect(
      verdict([nil, "cancelled", nil]).contains("Not measured to their end: 16 (cancelled): their readings"))
    #expect(verdict(["paused", "running"]).contains("No cell has been measured to its end"))
  }

  /// Settled readings alone where there are three, else all, and again at half the budget.
  @Test func exponentsAreOfSettledReadingsOrSayWhatHalfTheBudgetGives() throws {
    func exponent(_ growths: [Double]) throws -> (Exponent, JSONValue) {
      let cells = growths.enumerated().map { index, growth in
        // Those that grow are off the line of the others.
        let threshold = (growth > 0 ? 3000 : 300) * pow(Double(8 << index), 0.5)
        return cell([(width, .integer(8 << index))], runs(threshold: threshold, growth: growth))
      }
      let comparison = Comparison(cells, settings: ComparisonSettings(factors: [[width]]))
      return (comparison.exponents[0], comparison.json["exponents"]?.arrayValue?.first ?? .null)
    }
    let (settled, json) = try exponent([0, 0, 0, 0.6])
    #expect(settled.isSettled && settled.half == nil && settled.leftOut == ["64"])
    #expect(abs(settled.value - 0.5) < 0.05 && settled.text.contains("Left out, not having settled: 64."))
    #expect(json["settled"] == .bool(true) && json["half_budget"] == .null)
    let (growing, told) = try exponent([0.6, 0.6, 0.6, 0.6])
    let half = try #require(growing.half)
    #expect(!growing.isSettled && growing.leftOut.isEmpty && abs(half.value - growing.value) < 0.1)
    #expect(told["half_budget"]?["exponent"]?.doubleValue == half.value)
    #expect(growing.text.contains("; at half the budget the power is"))
  }

  @Test func powersThatFallOrAreNotShownAreCalledThat() throws {
    func text(_ power: Double, scale: Double = 0.15) -> String {
      let cells = [8, 16, 32].map { x in
        cell([(width, .integer(x))], runs(threshold: 2000 * pow(Double(x), power), scale: scale))
      }
      return Comparison(cells, settings: ComparisonSettings(factors: [[width]])).exponents[0].text
    }
    #expect(text(-0.5).hasPrefix("EMC falls as /model/hidden/0 to the power of -0."))
    #expect(text(0.5).hasPrefix("EMC grows as /model/hidden/0 to the power of 0."))
    #expect(text(0).hasPrefix("No growth of EMC with /model/hidden/0 is shown"))
    // A seed is no quantity.
    let seeds = [1, 2, 3].map { cell([("/seed", .integer($0))], runs(threshold: 1000 * Double($0))) }
    #expect(Comparison(seeds, settings: ComparisonSettings(factors: [["/seed"]])).exponents.isEmpty)
  }

  /// Of 0 there is no power, and of a cell without a reading no threshold: both are named, and what is left is fitted.
  @Test func whatAnExponentLeavesOutHasItsReason() throws {
    let missing = ComparedCell(
      label: "64", values: [.init(pointer: width, value: .integer(64))],
      outcome: .missing("its job was deleted"))
    let cells =
      [0, 8, 16, 32].map { x in
        cell([(width, .integer(x))], runs(threshold: x == 0 ? 50 : 100 * Double(x)), parameters: 9 * x)
      } + [missing]
    let exponents = Comparison(cells, settings: ComparisonSettings(factors: [[width]])).exponents
    #expect(exponents.map(\.over) == [width, "parameter_count"])
    for exponent in exponents {
      #expect(exponent.cells == ["8", "16", "32"] && Set(exponent.leftOut) == ["0", "64"])
      #expect(exponent.text.contains("Left out, \(exponent.over) not being above 0: 0."), "\(exponent.text)")
      #expect(exponent.text.contains("Left out, having no reading: 64."))
    }
    // A seed that goes with an axis is none of its powers, and takes away none.
    let seeded = [(2, 1), (2, 2), (4, 1), (8, 1)].map { x, seed in
      cell([(width, .integer(x)), ("/seed", .integer(seed))], runs(threshold: 100 * Double(x)))
    }
    let zipped = Comparison(seeded, settings: ComparisonSettings(factors: [[width, "/seed"]])).exponents
    #expect(
      zipped.map(\.over) == [width] && zipped[0].text.hasPrefix("EMC grows as \(width) to the power of 1"))
  }

  /// The same cells have the same interval wherever they stand among the exponents.
  @Test func anExponentsIntervalIsThatOfItsCells() throws {
    let other = "/model/hidden/1"
    let cells = [2, 4, 8].map { x in
      cell([(width, .integer(x)), (other, .integer(x))], runs(threshold: 100 * Double(x), count: 12))
    }
    let exponents = Comparison(cells, settings: ComparisonSettings(factors: [[width, other]])).exponents
    #expect(exponents.count == 2 && exponents[0].lower == exponents[1].lower)
    #expect(exponents[0].upper == exponents[1].upper && exponents[0].lower < exponents[0].value)
  }

  @Test func correlationsAreOfSettledReadingsOrSayWhatHalfTheBudgetGives() throws {
    func correlation(_ growths: [Double]) -> Correlation {
      let cells = growths.enumerated().map { index, growth in
        cell(
          [(width, .integer(8 << index))], runs(threshold: 500 * Double(index + 1), growth: growth),
          accuracy: 0.5 + 0.05 * Double(index))
      }
      return Comparison(cells, settings: ComparisonSettings(factors: [[width]])).correlations[0]
    }
    let settled = correlation([0, 0, 0, 0, 0.6])
    #expect(settled.isSettled && settled.half == nil && settled.points.count == 4)
    #expect(settled.text.hasPrefix("Over 4 settled cells"))
    let growing = correlation([0.6, 0.6, 0.6, 0.6, 0.6])
    #expect(!growing.isSettled && growing.points.count == 5 && growing.half?.spearman.value == 1)
    #expect(growing.text.contains("; at half the budget 1"))
  }

  /// The exponent is fitted for each value of the other factors, without what has no threshold.
  @Test func exponentsAreFittedForEachGroup() throws {
    let powers: [(name: String, exponent: Double)] = [("relu", 0.8), ("tanh", 0.5)]
    var cells: [ComparedCell] = []
    for (name, exponent) in powers {
      for x in [8, 16, 32, 64, 128] {
        let isBeyond = name == "relu" && x == 128
        let found = isBeyond ? allFit : runs(threshold: 300 * pow(Double(x), exponent))
        cells.append(cell([(activation, .string(name)), (width, .integer(x))], found))
      }
    }
    let comparison = Comparison(cells, settings: ComparisonSettings(factors: [[activation], [width]]))
    let (relu, tanh) = (comparison.exponents[0], comparison.exponents[1])
    #expect(comparison.exponents.count == 2)
    #expect(relu.among == [ComparedCell.AxisValue(pointer: activation, value: .string("relu"))])
    #expect(abs(relu.value - 0.8) < 0.03 && abs(tanh.value - 0.5) < 0.03)
    #expect(relu.lower < 0.8 && 0.8 < relu.upper && relu.upper < 1)
    #expect(relu.leftOut == ["relu 128"] && tanh.leftOut.isEmpty)
    #expect(try #require(tanh.curvaturePValue) > 0.3)
    #expect(tanh.text.contains("EMC grows as /model/hidden/0 to the power of 0.5"))
  }

  /// Other data, or other classes, give the same network other numbers of parameters and another task with them.
  @Test(arguments: ["/dataset", "/classes/count", "/model/hidden/0"])
  func onlyTheNetworkHasAnExponentOverItsParameters(pointer: String) {
    let cells = [8, 16, 32].map { x in
      let value =
        pointer == "/dataset" ? JSONValue.object(["name": .string("set \(x)")]) : JSONValue.integer(x)
      return cell([(pointer, value)], runs(threshold: 40 * Double(x)), parameters: 100 * x)
    }
    let comparison = Comparison(cells, settings: ComparisonSettings(factors: [[pointer]]))
    let overParameters = comparison.exponents.filter { $0.over == "parameter_count" }
    #expect(overParameters.count == (pointer.hasPrefix("/model") ? 1 : 0))
  }

  @Test func saturationIsNoPowerLaw() throws {
    let cells = [8, 16, 32, 64, 128].map { x in
      cell([(width, .integer(x))], runs(threshold: 4000 / (1 + 32 / Double(x))))
    }
    let exponent = Comparison(cells, settings: ComparisonSettings(factors: [[width]])).exponents[0]
    #expect(try #require(exponent.curvature) < 0)
    #expect(try #require(exponent.curvaturePValue) < 0.001)
    #expect(exponent.text.contains("It is no power law"))
  }

  /// EMC own minus random, and own over random, beside the accuracy of the cell with its own labels.
  @Test func labelsTellGeneralisation() throws {
    let models: [(name: String, own: Double, accuracy: Double)] = [
      ("a", 3000, 0.9), ("b", 2000, 0.7), ("c", 1500, 0.6),
    ]
    var cells: [ComparedCell] = []
    for model in models {
      let name = JSONValue.string(model.name)
      cells.append(
        cell(
          [("/model/kind", name), ("/labels/kind", .string("original"))], runs(threshold: model.own),
          accuracy: model.accuracy))
      cells.append(
        cell([("/model/kind", name), ("/labels/kind", .string("random"))], runs(threshold: 1000)))
    }
    let comparison = Comparison(
      cells, settings: ComparisonSettings(factors: [["/model/kind"], ["/labels/kind"]]))
    let names = comparison.correlations.map { "\($0.between.0) \($0.between.1)" }
    #expect(
      names == [
        "log_emc test_accuracy", "log_emc generalization_gap", "emc_difference test_accuracy",
        "emc_difference generalization_gap", "emc_ratio test_accuracy", "emc_ratio generalization_gap",
      ])
    let difference = comparison.correlations[2]
    #expect(difference.points.map(\.label) == ["a original", "b original", "c original"])
    #expect(abs(difference.points[0].x / 2000 - 1) < 0.1)
    #expect(
      difference.spearman.value == 1 && difference.kendall.value == 1 && difference.spearman.lower == nil)
    #expect(comparison.correlations[5].pearson.value < -0.99)
  }
}
