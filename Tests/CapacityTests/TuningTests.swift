import Capacity
import Datasets
import Foundation
import Testing

private func admission(_ search: String, training: String = "{}", model: String = #"{"kind": "linear"}"#)
  throws -> Admission
{
  try Admission(
    json: JSONValue(
      parsing: """
        {"dataset": {"name": "gaussian", "dimensions": 10}, "model": \(model), "training": \(training),
         "search": \(search)}
        """.utf8), memoryLimit: 1 << 30)
}

private func values(_ admission: Admission, _ pointer: String) -> [JSONValue?] {
  let base = admission.specification.json.value(at: JSONPointer(pointer)!)
  return (admission.specification.json["search"]?["tune"]?.arrayValue ?? []).map { $0[pointer] ?? base }
}

/// What is raced, as documents say it.
@Suite struct TuningDocumentTests {
  @Test func everyCombinationIsACandidate() throws {
    let admitted = try admission(
      #"""
      {"tune": {"/training/optimizer/learning_rate": {"from": 0.001, "to": 0.1, "count": 3},
                "/training/batch_size": {"from": 16, "to": 64, "count": 3}}}
      """#)
    #expect(admitted.specification.search.candidates.count == 9)
    let rates = Set(values(admitted, "/training/optimizer/learning_rate").compactMap { $0?.doubleValue })
    #expect(rates == [0.001, 0.01, 0.1])
    #expect(Set(values(admitted, "/training/batch_size").compactMap { $0?.integerValue }) == [16, 32, 64])
    // What was admitted is decoded to the same, and admitted again.
    let json = admitted.specification.json
    #expect(try MeasurementSpecification(recorded: json) == admitted.specification)
    #expect(try Admission(json: json, memoryLimit: 1 << 30).specification == admitted.specification)
  }

  /// A reader sees what every candidate was, those that are the specification's own too, and which is which.
  @Test func everyCandidateNamesWhatWasTried() throws {
    let admitted = try admission(
      #"{"tune": {"/training/optimizer/learning_rate": [0.001, 0.02], "/training/batch_size": [64, 128]}}"#)
    let expected = [(0.001, 64), (0.001, 128), (0.02, 64), (0.02, 128)].map {
      TuningCandidate(values: [
        JSONPointer("/training/optimizer/learning_rate")!: .number($0.0),
        JSONPointer("/training/batch_size")!: .integer($0.1),
      ])
    }
    #expect(Set(admitted.specification.search.candidates) == Set(expected))
    // Whole objects with what they leave out, and what follows from them beside them.
    let kinds = try admission(
      #"{"tune": [{"/training/optimizer": {"kind": "adam"}}, {"/training/optimizer/kind": "gradient_descent"}]}"#
    )
    let filled = kinds.specification.search.candidates.map { $0.values.mapValues { $0["kind"]?.stringValue } }
    #expect(
      filled == [
        [JSONPointer("/training/optimizer")!: "adam"],
        [
          JSONPointer("/training/optimizer")!: "gradient_descent", JSONPointer("/training/batch_size")!: nil,
          JSONPointer("/training/schedule/warmup_steps")!: nil,
        ],
      ])
    #expect(kinds.specification.search.candidates[0].values.values.first?["learning_rate"] == .number(0.02))
    #expect(try MeasurementSpecification(recorded: kinds.specification.json) == kinds.specification)
  }

  /// Another optimizer has its own defaults: Adam no momentum, AdamW its decay.
  @Test func anotherKindTakesItsOwnDefaults() throws {
    let admitted = try admission(
      #"{"tune": {"/training/optimizer/kind": ["sgd", "adam", "adamw", "gradient_descent"]}}"#,
      training: #"{"optimizer": {"kind": "sgd", "learning_rate": 0.3, "momentum": 0.5}}"#)
    let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)
    let plans = try #require(
      try LocalMeasurement(specification: admitted.specification, library: library, workers: 1).plan.tuning)
    let documents = plans.experiments.map {
      MeasurementSpecification(experiment: $0).json["training"]!
    }
    #expect(
      documents.map { $0["optimizer"]?["kind"]?.stringValue } == ["sgd", "adam", "adamw", "gradient_descent"])
    #expect(documents[0]["optimizer"]?["learning_rate"] == .number(0.3))
    #expect(documents[0]["optimizer"]?["momentum"] == .number(0.5))
    #expect(documents[1]["optimizer"]?["learning_rate"] != .number(0.3))
    #expect(documents[2]["regularization"]?["decoupled_weight_decay"] == .number(0.01))
    #expect(documents[3]["batch_size"] == .string("full"))
    for (index, kind) in ["sgd", "adam", "adamw", "gradient_descent"].enumerated() where index > 0 {
      let alone = try admission("{}", training: #"{"optimizer": {"kind": "\#(kind)"}}"#)
      #expect(documents[index] == alone.specification.json["training"])
    }
  }

  @Test func autoIsARaceOverRates() throws {
    let admitted = try admission("{}", training: #"{"optimizer": {"learning_rate": "auto"}}"#)
    let rates = values(admitted, "/training/optimizer/learning_rate").compactMap { $0?.doubleValue }
    #expect(rates.count == 11 && rates.first == 1e-4 && rates.last == 10)
    for (a, b) in zip(rates, rates.dropFirst()) { #expect(abs(b / a - 10.0.squareRoot()) < 1e-9) }
    // Whole rates as well are read as what was written, so that a study's cell keeps its job, and a result is resumed.
    let specification = admitted.specification
    #expect(
      try MeasurementSpecification(recorded: JSONValue(parsing: specification.json.utf8())) == specification)
    // Once for each optimizer that is tuned beside it; a line search has no rate.
    let both = try admission(
      #"{"tune": {"/training/optimizer": [{"kind": "sgd", "learning_rate": "auto"}, {"kind": "lbfgs"}]}}"#)
    #expect(both.specification.search.candidates.count == 12)
  }

  @Test func whatCannotBeRacedIsRefusedAllAtOnce() throws {
    func faults(_ search: String, _ training: String = "{}") -> [String: SpecificationFault] {
      let error = #expect(throws: SpecificationError.self) { try admission(search, training: training) }
      return Dictionary((error?.faults ?? []).map { ($0.pointer, $0) }) { first, _ in first }
    }
    let many = faults(
      #"""
      {"tune": {"/training/optimizer/rate": [1, 2], "/training/batch_size": [0, 8],
                "/training/regularization/dropout": [0.5]}}
      """#)
    #expect(
      Set(many.keys) == [
        "/search/tune/~1training~1optimizer~1rate", "/search/tune/~1training~1batch_size/0",
        "/search/tune/~1training~1regularization~1dropout",
      ])
    #expect(many["/search/tune/~1training~1optimizer~1rate"]?.detail == "names nothing")
    // Beside what is wrong with the base, which is told once; what lies within it can't be judged.
    let both = faults(
      #"""
      {"tune": {"/training/optimizer/rate": [1, 2], "/training/batch_size": [0, 8], "/training/max_steps": [5],
                "/training/schedule/warm_up": [1]}}
      """#, #"{"max_steps": -1, "optimizer": {"kind": "sgd", "rate": 1}, "schedule": "cosine"}"#)
    #expect(
      Set(both.keys) == [
        "/training/max_steps", "/training/optimizer/rate", "/training/schedule",
        "/search/tune/~1training~1optimizer~1rate", "/search/tune/~1training~1batch_size/0",
        "/search/tune/~1training~1max_steps",
      ])
    // Of a place that leads through another's value the one that has nothing there.
    #expect(
      Set(faults(#"{"tune": {"/model": [{"kind": "linear"}], "/model/hidden/0": [2]}}"#).keys)
        == ["/search/tune/~1model~1hidden~10"])
    // Within a value it is told where.
    for (search, place) in [
      (
        #"{"tune": {"/training/optimizer": [{"kind": "sgd"}, {"kind": "adam", "learning_rate": null}]}}"#,
        "~1training~1optimizer/1"
      ),
      (
        #"{"tune": [{"/training/optimizer": {"kind": "sgd"}}, {"/training/optimizer": {"kind": "adam", "learning_rate": null}}]}"#,
        "1/~1training~1optimizer"
      ),
    ] { #expect(faults(search)["/search/tune/\(place)/learning_rate"]?.value == .null) }
    let listed = faults(
      #"{"tune": [{"/training/batch_size": 8}, {"/training/batch_size": 0}, {"/training/batch": 8}]}"#)
    #expect(
      listed.mapValues(\.value) == [
        "/search/tune/1/~1training~1batch_size": .integer(0),
        "/search/tune/2/~1training~1batch": .string("/training/batch"),
      ])
    let places = faults(
      #"{"tune": {"/seed": [1, 2], "training": [1], "/training/max_steps": [1, 2], "/training/shards": []}}"#)
    #expect(places.count == 4)
    #expect(places["/search/tune/~1training~1max_steps"]?.detail.contains("no choice") == true)
    #expect(places["/search/tune/~1training~1shards"]?.detail.contains("0 combinations") == true)
    let count = faults(
      #"""
      {"tune": {"/training/optimizer/learning_rate": {"from": 0.001, "to": 1, "count": 9},
                "/training/batch_size": {"from": 1, "to": 128, "count": 8}}}
      """#)
    #expect(count["/search/tune"]?.detail == "makes 72 combinations")
    #expect(faults(#"{"tune": {}}"#)["/search/tune"]?.detail == "makes 0 combinations")
    #expect(faults(#"{"tune": 5}"#)["/search/tune"] != nil)
    let huge = faults(#"{"tune": {"/training/batch_size": {"from": 1, "to": 9, "count": 1000000}}}"#)
    #expect(huge["/search/tune"]?.detail == "makes 1000000 combinations")
    // What is tuned twice, and what no procedure chooses wherever it stands.
    let twice = faults(#"{"tune": {"/training/batch_size": [8, 16, 8]}}"#)
    #expect(twice["/search/tune/~1training~1batch_size/2"]?.detail == "is the same as value 0")
    let steps = faults(#"{"tune": {"/training": [{"max_steps": 50}, {"max_steps": 600}]}}"#)
    #expect(steps["/search/tune/~1training/0/max_steps"]?.detail.contains("no choice") == true)
    // One that takes the place of the whole procedure has the default's steps, unless it says the specification's.
    let whole = faults(
      #"{"tune": {"/training": [{"batch_size": 8}, {"batch_size": 16}]}}"#, #"{"max_steps": 300}"#)
    #expect(whole.values.contains { $0.allowed == "300, as the specification has it" })
    let admitted = try admission(
      #"{"tune": {"/training": [{"batch_size": 8, "max_steps": 300}, {"batch_size": 16, "max_steps": 300}]}}"#,
      training: #"{"max_steps": 300}"#)
    // What a result says of itself, and a service stores, is a specification too.
    let recorded = admitted.specification.json
    #expect(try MeasurementSpecification(recorded: recorded) == admitted.specification)
    #expect(
      try Admission(json: recorded, memoryLimit: 1 << 30).specification.search
        == admitted.specification.search)
    // The place that leads nowhere, not one that stands beside it; and beside a fault elsewhere.
    let document = #"""
      {"dataset": {"name": "gaussian", "dimensions": 4}, "model": {"kind": "mlp", "hidden": [4]}, "search": {"relative_width": -1,
        "tune": {"/model/activation": ["relu"], "/model/hidden/9": [3]}}}
      """#
    let error = #expect(throws: SpecificationError.self) {
      try Admission(json: JSONValue(parsing: document.utf8), memoryLimit: 1 << 30)
    }
    #expect(
      Set(error?.faults.map { "\($0.pointer) \($0.detail)" } ?? []) == [
        "/search/tune/~1model~1hidden~19 leads nowhere", "/search/relative_width is out of range",
      ])
  }
}

/// Races among procedures whose thresholds are known.
@Suite struct RaceTests {
  private static func race(_ count: Int, seed: UInt64, relativeWidth: Double = 0.2) -> Race {
    var options = AdaptiveSearch.Options()
    options.relativeWidth = relativeWidth
    return Race(
      (0..<count).map { _ in
        Search(
          settings: SearchSettings(strategy: .adaptive(options)), limits: SearchLimits(samples: 60_000),
          seed: seed)
      })
  }

  /// n₅₀ over the rates of a grid: a hill in its logarithm, runs collapsing beyond it.
  private static func rates(_ trial: Int) -> [SimulatedCurve] {
    let (peak, width) = (3 + 4 * Double(trial % 7) / 6, 0.06 + 0.14 * Double(trial % 5) / 4)
    return (0..<7).map { index in
      let distance = Double(index) - peak
      return SimulatedCurve(
        shape: .logistic, threshold: max(2, 900 * exp(-width * distance * distance)), scale: 0.15,
        lapse: index > 5 ? 0.4 : 0, growth: 0.12)
    }
  }

  /// The winner is within 5 % of the best in the share that is promised, less what chance takes from 20 races.
  @Test func theWinnerIsNearlyTheBest() {
    let trials = 20
    var (good, thrownOut) = (0, 0)
    for trial in 0..<trials {
      let simulation = RaceSimulation(
        race: Self.race(7, seed: UInt64(trial)), curves: Self.rates(trial), seed: UInt64(50 + trial))
      let (standing, _) = simulation.play(trial)
      if simulation.quality(of: standing) >= 1 / 1.05 { good += 1 }
      #expect(standing.probes.count <= 100 + 20 * 7 + 8)
      #expect(standing.isDecided || standing.probes.count >= 100 + 20 * 7)
      let best = simulation.curves.indices.max {
        simulation.curves[$0].threshold < simulation.curves[$1].threshold
      }!
      if standing.candidates[best].droppedAfter != nil { thrownOut += 1 }
    }
    // At a chance of 2 % in each of several rounds.
    #expect(thrownOut <= 3, "\(thrownOut) of \(trials)")
    // Of 20 at 0.9 fewer than 15 come once in 90.
    #expect(good >= 15, "\(good) of \(trials)")
  }

  /// One that fits nothing with a sixteenth of the guard and the most with all of it.
  @Test func slowOnesAreNotDropped() {
    let slow = SimulatedCurve(shape: .logistic, threshold: 2000, scale: 0.1, growth: 1)
    let quick = SimulatedCurve(shape: .logistic, threshold: 1000, scale: 0.1, growth: 0.01)
    for trial in 0..<5 {
      let simulation = RaceSimulation(
        race: Self.race(2, seed: UInt64(trial)), curves: [quick, slow], seed: UInt64(trial))
      #expect(simulation.play(trial).standing.winner == 1)
    }
  }

  /// Where every run with a sixteenth of the guard fails, the whole guard tells: each candidate has runs with it, and the best of
  /// curves that fall slowly is found as often as the confidence says.
  @Test func noCandidateIsLeftForHavingFailedAtFirst() {
    let thresholds: [Double] = [6, 9, 14, 14, 12, 8, 40, 13, 4, 2, 2]
    var found = 0
    for trial in 0..<6 {
      let simulation = RaceSimulation(
        race: Self.race(thresholds.count, seed: UInt64(trial)),
        curves: thresholds.map { SimulatedCurve(shape: .logistic, threshold: $0, scale: 0.45, growth: 0.12) },
        seed: UInt64(trial))
      let standing = simulation.play(trial).standing
      for (index, candidate) in standing.candidates.enumerated() {
        let whole = candidate.runs.count { $0.address.doublings == 0 }
        #expect(whole >= 2, "candidate \(index) of trial \(trial) has \(whole)")
      }
      if standing.winner == 6 { found += 1 }
    }
    #expect(found >= 4, "\(found) of 6")
  }

  /// Where every run fits there is no size to ask for beyond the largest.
  @Test func aRaceAsksForNoMoreThanThereIs() {
    let race = Race(
      (0..<2).map { _ in Search(settings: SearchSettings(), limits: SearchLimits(samples: 60), seed: 1) })
    for trial in 0..<4 {
      let simulation = RaceSimulation(
        race: race, curves: [2000, 3000].map { SimulatedCurve(shape: .logistic, threshold: $0, scale: 0.1) },
        seed: UInt64(trial))
      let sizes = simulation.play(trial).standing.probes.map(\.address.samples)
      #expect(sizes.allSatisfy { $0 <= 60 } && sizes.contains(60), "\(sizes.max() ?? 0)")
    }
  }

  /// Candidates that are as good as each other use the runs up.
  @Test func aRaceOfEqualsIsNotDecided() {
    let curve = SimulatedCurve(shape: .logistic, threshold: 1000, scale: 0.4, growth: 0.01)
    let simulation = RaceSimulation(
      race: Self.race(4, seed: 3), curves: Array(repeating: curve, count: 4), seed: 5)
    let standing = simulation.play(0).standing
    #expect(!standing.isDecided && standing.confidence < 0.9 && standing.probes.count >= 180)
  }

  @Test func theSameHistoryAsksTheSameProbes() {
    let curves = Self.rates(3)
    let race = Self.race(7, seed: 9)
    let (standing, rounds) = RaceSimulation(race: race, curves: curves, seed: 4).play(0)
    #expect(standing.confidence > 0 && standing.confidence <= 1)
    var history: [ProbeObservation] = []
    for round in rounds {
      // In whatever order they ended.
      guard case .round(let asked) = race.next(history.reversed()) else {
        Issue.record("the race ended early")
        return
      }
      #expect(asked == round.map(\.address))
      // Of one that was cut short the rest.
      guard case .round(let rest) = race.next(history + round.prefix(1)) else { continue }
      if round.count > 1 { #expect(rest == round.dropFirst().map(\.address)) }
      #expect(asked.allSatisfy { $0.replicate >= 1 << 20 && $0.candidate != nil })
      history += round
    }
    guard case .finished(let again) = race.next(history) else {
      Issue.record("the race isn't over")
      return
    }
    #expect(again.winner == standing.winner && again.confidence == standing.confidence)
    // A measurement that is extended to a narrower interval has the same winner.
    let narrow = RaceSimulation(
      race: Self.race(7, seed: 9, relativeWidth: 0.01), curves: curves, seed: 4
    ).play(0)
    #expect(narrow.rounds == rounds && narrow.standing.confidence == standing.confidence)
  }
}

/// A race on real training.
@Suite struct TunedMeasurementTests {
  private static let text = """
    {"dataset": {"name": "gaussian", "dimensions": 8}, "labels": {"kind": "random"}, "model": {"kind": "linear"},
     "training": {"max_steps": 300}, "seed": 4,
     "search": {"initial_samples": 8, "relative_width": 0.8, "max_probes": 24,
       "tune": {"/training/optimizer/learning_rate": [1e-7, 0.1]}}}
    """

  private func run(_ json: JSONValue) throws -> JSONValue {
    let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)
    let specification = try MeasurementSpecification(json: json)
    let measured = try LocalMeasurement(specification: specification, library: library, workers: 2).run()
    return measured.result.json(withProbes: measured.probes)
  }

  /// Whoever reads that a rate has won is told where chance decided.
  @Test func aRaceThatWasNotDecidedSaysSo() throws {
    let text = Self.text.replacing("[1e-7, 0.1]", with: "[0.1, 0.101, 0.102, 0.103, 0.104]")
    let result = try run(JSONValue(parsing: text.utf8))
    let summary = try #require(result["summary"]?.stringValue)
    let confidence = try #require(result["tuning"]?["confidence"]?.doubleValue)
    #expect(confidence < 0.9)
    #expect(
      summary.contains(
        "; its runs were used up before it was decided: the chance that none of the others fits over 5 % more is 0."
      ), "\(summary)")
  }

  @Test func theWinnerIsMeasuredAnewAndItsOwnSpecificationGivesTheSame() throws {
    let tuned = try run(JSONValue(parsing: Self.text.utf8))
    let tuning = try #require(tuned["tuning"])
    #expect(
      tuning["winner"]?["values"]?["/training/optimizer/learning_rate"] == .number(0.1)
        || tuning["winner"]?["specification"]?["training"]?["optimizer"]?["learning_rate"] == .number(0.1))
    #expect(tuning["finished"] == .bool(true))
    let candidates = try #require(tuning["candidates"]?.arrayValue)
    #expect(candidates.count == 2)
    #expect(
      candidates.reduce(0) { $0 + ($1["probes"]?.integerValue ?? 0) }
        == tuning["cost"]?["probes"]?.integerValue)
    let summary = try #require(tuned["summary"]?.stringValue)
    let confidence = try #require(tuning["confidence"]?.doubleValue)
    #expect(
      summary.hasSuffix(
        "was measured anew; the chance that none of the others fits over 5 % more is \(String(format: "%.2f", confidence))."
      ))
    let alone = try run(try #require(tuning["winner"]?["specification"]))
    #expect(alone["tuning"] == .null)
    for name in ["emc", "interval", "fit_probability", "strict", "bracket", "budget", "parameter_count"] {
      #expect(alone[name] == tuned[name], "\(name)")
    }
    func places(_ result: JSONValue) -> [String] {
      (result["probes"]?.arrayValue ?? []).map {
        "\($0["samples"]!.text())/\($0["replicate"]!.text())/\($0["loss"]!.text())"
      }
    }
    #expect(places(alone) == places(tuned) && !places(alone).isEmpty)
  }
}
